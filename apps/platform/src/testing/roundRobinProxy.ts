/** A load balancer for tests: every request goes to the next node, and to the one after it when that refuses the connection. */
import { createServer, type IncomingHttpHeaders, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RoundRobinProxy {
  readonly origin: string;
  /** How many requests each node was given. */
  readonly counts: readonly number[];
  close(): Promise<void>;
}

interface Forwarded {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** @param nodes origins; asked for again with every request, since they may not be known yet */
export async function startRoundRobinProxy(nodes: () => readonly string[]): Promise<RoundRobinProxy> {
  const counts: number[] = [];
  let turn = 0;
  const forward = (given: Forwarded, response: ServerResponse, triesLeft: number): void => {
    const origins = nodes();
    const at = turn % origins.length;
    turn += 1;
    counts[at] = (counts[at] ?? 0) + 1;
    const { method, path, headers } = given;
    const upstream = send(`${origins[at]}${path}`, { method, headers, agent: false }, (answer) => {
      // As they came: old programs look at the case of names, and at the same name on two lines.
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    });
    response.once('close', () => upstream.destroy());
    upstream.once('error', (error: NodeJS.ErrnoException) => {
      if (response.destroyed) return;
      // Only a refused connection was certainly not a request; everything else is for the client to repeat.
      if (error.code === 'ECONNREFUSED' && triesLeft > 0) forward(given, response, triesLeft - 1);
      else if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
    upstream.end(given.body);
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = 'GET', url: path = '/', headers } = request;
      forward({ method, path, headers, body: Buffer.concat(chunks) }, response, nodes().length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
