import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createKeepAlivePost, type KeepAlivePost } from './keepAlivePost.ts';

let server: Server | undefined;
let client: KeepAlivePost;
afterEach(async () => {
  client.close();
  server?.closeAllConnections();
  await new Promise<unknown>((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
});

async function start(
  answer: RequestListener,
): Promise<(body: string, signal?: AbortSignal) => ReturnType<KeepAlivePost['post']>> {
  client = createKeepAlivePost();
  const listening = createServer(answer);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/callback?x=1`;
  return (body, signal = new AbortController().signal) =>
    client.post(url, { headers: { 'Content-Type': 'application/json' }, body, signal, cidrs: ['127.0.0.0/8'] });
}

test('posts the bytes and reads the answer; one connection serves them all', async () => {
  const ports = new Set<number | undefined>();
  const post = await start((request, response) => {
    ports.add(request.socket.remotePort);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.writeHead(202).end(`${request.method} ${request.url} ${Buffer.concat(chunks)}`));
  });
  for (const body of ['a', 'ü', '']) {
    const answer = await post(body);
    expect([answer.status, await answer.text()]).toEqual([202, `POST /callback?x=1 ${body}`]);
  }
  expect(ports.size).toBe(1);
});

test('a redirect is an answer like any other', async () => {
  let asked = 0;
  const post = await start((_request, response) => {
    asked += 1;
    response.writeHead(307, { Location: '/elsewhere' }).end();
  });
  expect((await post('x')).status).toBe(307);
  expect(asked).toBe(1);
});

test('an answer that is too long counts as empty', async () => {
  const post = await start((_request, response) => void response.writeHead(200).end('x'.repeat(200_000)));
  const answer = await post('x');
  expect([answer.status, await answer.text()]).toEqual([200, '']);
});

test('a kept connection that was closed meanwhile is no failure of the other side', async () => {
  let asked = 0;
  const post = await start((request, response) => {
    asked += 1;
    // Closed without a word, as a server does that has just run out of patience with an idle connection.
    if (asked === 2) request.socket.resetAndDestroy();
    else response.writeHead(200).end();
  });
  expect((await post('1')).status).toBe(200);
  expect((await post('2')).status).toBe(200);
  expect(asked).toBe(3);
});

test('nobody there, and no answer in time, are errors', async () => {
  const abort = new AbortController();
  const post = await start(() => abort.abort());
  await expect(post('x', abort.signal)).rejects.toThrow();
  server?.close();
  server?.closeAllConnections();
  await expect(post('x')).rejects.toThrow();
  server = undefined;
});
