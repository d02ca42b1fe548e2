/** Spans as a collector on loopback gets them: a request, its commit, and the callback that it causes, in one trace. */
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp } from '../app.ts';
import type { Post } from '../events/keepAlivePost.ts';
import { openMemoryStore } from '../store/memory.ts';
import { type BridgedCall, bridgeCall, setUpTenant } from '../testing/bridgedCall.ts';
import { type CallbackReceiver, startCallbackReceiver } from '../testing/callbackReceiver.ts';
import { startTracing, type Tracing } from './tracing.ts';

interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

const spans: CollectedSpan[] = [];
const bodies: string[] = [];
let collector: Server;
let receiver: CallbackReceiver;
let tracing: Tracing;
let app: FastifyInstance;
let call: BridgedCall;
let origin: string;
/** What callbacks carried, by the body. */
const traceparents: { traceparent: string | undefined; body: string }[] = [];

beforeAll(async () => {
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      bodies.push(`${request.url} ${body}`);
      for (const { scopeSpans } of JSON.parse(body).resourceSpans)
        for (const scope of scopeSpans) spans.push(...scope.spans);
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  receiver = await startCallbackReceiver(() => 'hds_0123456789abcdef');
  tracing = await startTracing({ endpoint: `http://127.0.0.1:${port}`, serviceName: 'platform-under-test' });
  const post: Post = async (url, { headers, body }) => {
    traceparents.push({ traceparent: headers.traceparent, body });
    return fetch(url, { method: 'POST', headers, body });
  };
  app = await buildApp({
    store: openMemoryStore(),
    publicUrl: 'http://platform.example',
    secretsFolder: mkdtempSync(join(tmpdir(), 'bridgedesk-tracing-')),
    operatorToken: 'operator-token-of-the-tracing-test',
    post,
    operations: { tracing },
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  await setUpTenant(origin, 'operator-token-of-the-tracing-test', receiver);
  call = await bridgeCall(origin, receiver, 'traced');
});
afterAll(async () => {
  await app.close();
  await receiver.close();
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
});

const attributesOf = ({ attributes }: CollectedSpan): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

test('request, commit and callback are one trace, which goes on from the caller and to the SA', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const { visitor } = call;
  const answer = await fetch(`${origin}${visitor.sendHref}`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${visitor.token}`,
      'Content-Type': 'text/plain',
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    },
    body: 'nobody should see this text',
  });
  expect(answer.status).toBe(201);
  await receiver.event('message', (told) => JSON.stringify(told.event).includes('nobody+should+see'));
  await app.close();
  await tracing.stop();

  const ours = spans.filter((span) => span.traceId === traceId);
  const server = ours.find((span) => span.name === 'POST ucwa messages');
  expect(server).toMatchObject({ parentSpanId: 'b7ad6b7169203331', kind: 2 });
  if (server === undefined) throw new Error('There is no server span');
  const attributes = attributesOf(server);
  expect(attributes).toMatchObject({ 'http.response.status_code': 201, 'platform.rel': 'messages' });
  expect(visitor.sendHref).toContain(attributes['platform.conversationId']);
  const commit = ours.find((span) => span.name === 'commit' && span.parentSpanId === server.spanId);
  expect(commit).toBeDefined();
  const callbacks = ours.filter((span) => span.name === 'callback');
  expect(callbacks.length).toBeGreaterThan(0);
  const sent = traceparents.filter(({ body }) => body.includes('nobody+should+see'));
  expect(sent.map(({ traceparent }) => traceparent)).toEqual(
    expect.arrayContaining(callbacks.map(({ spanId }) => `00-${traceId}-${spanId}-01`)),
  );
  const all = bodies.join('\n');
  expect(all).toContain('/v1/traces');
  expect(all).toContain('platform-under-test');
  for (const secret of ['should see this', 'should+see', visitor.token.slice(-40)]) expect(all).not.toContain(secret);
});
