/** The service application's end of the webhook: a plain HTTP server that records every POST and answers as told. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type EventBatch, EventLog } from './eventLog.ts';
import { target } from './target.ts';
import { nextMoment } from './wire.ts';

export interface CallbackRequest {
  readonly at: number;
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly batch: EventBatch;
  /** POSTs of the same key that were still unanswered when this one came. */
  readonly overlapping: number;
}

export interface CallbackAnswer {
  readonly status: number;
  readonly json?: unknown;
}

export interface CallbackReceiver {
  readonly url: string;
  readonly hostPort: string;
  readonly log: EventLog;
  readonly requests: CallbackRequest[];
  /** Decides the answer; the default is 200 without a body. */
  answer: (request: CallbackRequest) => CallbackAnswer;
  /** How long it thinks before it answers, ms; 0 at first. */
  patienceMs: number;
  close(): Promise<void>;
}

/** `key` of a batch: one per conversation. */
export function keyOf(batch: EventBatch): string {
  return queryOf(batch._links?.self?.href ?? '').get('key') ?? '';
}

/** `ack` of an address of the event channel. */
export function ackOf(href: string): number {
  return Number(queryOf(href).get('ack'));
}

function queryOf(href: string): URLSearchParams {
  return new URL(href, 'http://callback.invalid').searchParams;
}

/** Listens at the address that target.ts names, by default a free loopback port. */
export async function startCallbackReceiver(): Promise<CallbackReceiver> {
  const { callbackHost, callbackPort } = target();
  const log = new EventLog('callbacks');
  const requests: CallbackRequest[] = [];
  const open = new Map<string, number>();
  const begun = new Set<string>();
  // Where stories share one address, what an earlier one left unanswered may be delivered again to this one.
  const isLeftover = (batch: EventBatch): boolean => {
    if (callbackPort === 0 || (batch.sender ?? []).length === 0) return false;
    if (ackOf(batch._links?.self?.href ?? '') === 1) begun.add(keyOf(batch));
    return !begun.has(keyOf(batch));
  };
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method !== 'POST') return void response.writeHead(200).end();
      const batch = JSON.parse(Buffer.concat(chunks).toString('utf8')) as EventBatch;
      const key = keyOf(batch);
      if (isLeftover(batch)) return void response.writeHead(200).end();
      const url = request.url ?? '';
      const received: CallbackRequest = {
        at: nextMoment(),
        method: request.method,
        url,
        query: queryOf(url),
        headers: request.headers,
        batch,
        overlapping: open.get(key) ?? 0,
      };
      requests.push(received);
      open.set(key, received.overlapping + 1);
      log.add(batch);
      const { status, json } = receiver.answer(received);
      // Answered later, so that a second POST that did not wait would be seen while this one is open.
      setTimeout(() => {
        open.set(key, (open.get(key) ?? 1) - 1);
        const body = json === undefined ? '' : JSON.stringify(json);
        response.writeHead(status, body === '' ? {} : { 'Content-Type': 'application/json' }).end(body);
      }, receiver.patienceMs);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(callbackPort, callbackHost, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const hostPort = `${callbackHost}:${port}`;
  const receiver: CallbackReceiver = {
    url: `http://${hostPort}/callback`,
    hostPort,
    log,
    requests,
    answer: () => ({ status: 200 }),
    patienceMs: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
