/** The log has the ids of everything and the contents of nothing: secrets are planted wherever a caller may put one. */
import { mkdtempSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp } from './app.ts';
import { openMemoryStore } from './store/memory.ts';
import { type BridgedCall, bridgeCall, setUpTenant } from './testing/bridgedCall.ts';
import { type CallbackReceiver, startCallbackReceiver } from './testing/callbackReceiver.ts';

/** For `expect.poll`: the machine may be busy. */
const patient = { timeout: 5_000 };

const operatorToken = 'operator-token-of-the-log-test';
const planted = 'plantedSecret';
const lines: string[] = [];
let app: FastifyInstance;
let receiver: CallbackReceiver;
let origin: string;
let call: BridgedCall;

beforeAll(async () => {
  receiver = await startCallbackReceiver(() => `${planted}Context`);
  app = await buildApp({
    store: openMemoryStore(),
    publicUrl: 'http://platform.example',
    secretsFolder: mkdtempSync(join(tmpdir(), 'bridgedesk-log-')),
    operatorToken,
    logger: { level: 'trace', stream: { write: (line: string) => void lines.push(line) } },
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  await setUpTenant(origin, operatorToken, receiver);
  call = await bridgeCall(origin, receiver, 'visit-7');
});
afterAll(async () => {
  await app.close();
  await receiver.close();
});

const logged = (): string => lines.join('');
const send = (method: string, path: string, headers: Record<string, string>, body?: string) =>
  fetch(`${origin}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });

test('one line a request, with the ids of the request', async () => {
  const { visitor } = call;
  const before = lines.length;
  const answer = await send(
    'POST',
    `${visitor.sendHref}?operationId=op-77`,
    {
      Authorization: `Bearer ${visitor.token}`,
      'Content-Type': 'text/plain',
      'client-request-id': '7f1c',
    },
    `${planted}Message`,
  );
  expect(answer.status).toBe(201);
  await expect
    .poll(() => lines.slice(before).filter((line) => line.includes('"msg":"request"')), patient)
    .toHaveLength(1);
  const line = JSON.parse(lines.slice(before).find((one) => one.includes('"msg":"request"')) ?? '{}');
  expect(line).toMatchObject({
    method: 'POST',
    face: 'ucwa',
    rel: 'messages',
    status: 201,
    correlationId: answer.headers.get('x-ms-correlation-id'),
    clientRequestId: '7f1c',
    caller: 'anonymous',
    operationId: 'op-77',
  });
  expect(line.tenantId).toBeTypeOf('string');
  expect(visitor.sendHref).toContain(line.applicationId);
  expect(visitor.sendHref).toContain(line.conversationId);
  expect(line.ms).toBeTypeOf('number');
});

test('no token, no text, no subject, no context, wherever it was put', async () => {
  const { visitor, agent } = call;
  const auth = { Authorization: `Bearer ${visitor.token}` };
  const text = { ...auth, 'Content-Type': 'text/plain' };
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const json = { ...auth, 'Content-Type': 'application/json' };
  await send('GET', `/platformservice/discover?anonymousContext=${planted}Anonymous&x=${planted}Query`, {});
  await send('GET', `/${planted}Path/${planted}Path`, auth);
  await send('GET', visitor.eventsHref.replace(/\?.*/, `?ack=${planted}Ack`), auth);
  await send('GET', visitor.sendHref, { Authorization: `Bearer ${planted}.Bearer.Token` });
  await send('GET', visitor.sendHref, { ...auth, Cookie: `${planted}Cookie`, 'client-request-id': `${planted} Id` });
  await send('POST', `${visitor.sendHref}?operationId=${encodeURIComponent(`${planted} with blanks`)}`, text, 'x');
  await send('POST', visitor.sendHref, json, `{"${planted}Json": "${planted}Json`);
  await send('POST', visitor.sendHref, { ...auth, 'Content-Type': `${planted}/type` }, planted);
  await send(
    'POST',
    '/oauth2/contoso.com/token',
    form,
    `grant_type=client_credentials&client_id=desk&client_secret=${planted}`,
  );
  await send('POST', `/oauth2/${planted}Tenant/token`, form, `grant_type=${planted}`);
  await send('POST', visitor.sendHref, { ...text, Origin: `https://${planted.toLowerCase()}.example` }, planted);
  await send('GET', '/metrics', { Authorization: `Bearer ${planted}` });
  await agent.actor.say(agent.sendHref, `${planted}Answer`);
  await receiver.event('message', (told) => JSON.stringify(told.event).includes(`${planted}Answer`));
  expect(lines.length).toBeGreaterThan(10);
  expect(logged().toLowerCase()).not.toContain(planted.toLowerCase());
  // The subject of the call.
  expect(logged()).not.toContain('From visit-7');
  for (const token of [visitor.token, agent.token, call.serviceToken, operatorToken])
    expect(logged()).not.toContain(token.slice(-40));
});

test('what breaks inside is logged without what it was about', async () => {
  const answer = await app.inject({
    method: 'POST',
    url: '/management/backup',
    headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' },
    payload: { folder: `${planted}Folder` },
  });
  expect(answer.statusCode).toBe(409);
  expect(logged()).not.toContain(planted);
});
