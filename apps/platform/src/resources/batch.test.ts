import type { EventBatch } from '@repo/ucwa-protocol/events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { helpdesk, publicUrl, startTestPlatform, type TestPlatform, visitorOrigin } from '../testing/testPlatform.ts';

let platform: TestPlatform;
let headers: Record<string, string>;
let application: string;
beforeEach(async () => {
  platform = await startTestPlatform();
  headers = { authorization: `Bearer ${(await platform.visitorToken()).token}`, origin: visitorOrigin };
  const answer = await platform.app.inject({
    method: 'POST',
    url: '/ucwa/psanon/v1/applications',
    headers,
    payload: { anonymousDisplayName: 'Visitor' },
  });
  application = answer.json<{ _links: { self: { href: string } } }>()._links.self.href;
});
afterEach(() => platform.app.close());

const part = (request: string, ...rest: string[]): string =>
  [
    '--b',
    'Content-Type: application/http; msgtype=request',
    '',
    `${request} HTTP/1.1`,
    'Host: x',
    ...rest,
    '',
    '',
  ].join('\r\n');
const send = (parts: readonly string[], more: Record<string, string> = {}) =>
  platform.app.inject({
    method: 'POST',
    url: `${application}/batch`,
    headers: { ...headers, 'content-type': 'multipart/batching;boundary=b', ...more },
    payload: `\r\n${parts.join('\r\n')}\r\n--b--\r\n`,
  });
const statuses = (body: string): number[] =>
  [...body.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, code]) => Number(code));

test('parts run in order with the authorization of the whole, and each has its own answer', async () => {
  const start = JSON.stringify({ operationId: 'op1', to: helpdesk });
  const answer = await send([
    part(`GET ${application}/me`, 'Accept: application/json'),
    part(`POST ${application}/communication/messagingInvitations`, `Data: ${start}`),
    part('GET me', 'Authorization: Bearer nonsense'),
    part(`GET ${application}/nowhere`),
  ]);
  expect(answer.statusCode).toBe(200);
  const boundary = /^multipart\/batching; boundary="([^"]+)"$/.exec(String(answer.headers['content-type']))?.[1];
  expect(answer.body.split(`--${boundary}`)).toHaveLength(6);
  expect(statuses(answer.body)).toEqual([200, 201, 200, 404]);
  const [me] = answer.body.split('\r\n').filter((line) => line.startsWith('{'));
  expect(JSON.parse(me ?? '')).toMatchObject({ rel: 'me', name: 'Visitor' });
  expect(answer.body).toMatch(/\r\nLocation: \/ucwa\/psanon/);
  expect(answer.headers['access-control-allow-origin']).toBe(visitorOrigin);
});

test('what a part causes is delivered after the whole was answered', async () => {
  const order: string[] = [];
  const parked = platform.app
    .inject({ method: 'GET', url: `${application}/events?ack=1`, headers })
    .then((answer) => order.push(String(answer.json<EventBatch>().sender?.[0]?.events[0]?.link.rel)));
  const start = JSON.stringify({ operationId: 'op1', to: helpdesk });
  await send([
    part(`POST ${application}/communication/messagingInvitations`, `Data: ${start}`),
    ...Array.from({ length: 20 }, () => part('GET me')),
  ]).then((answer) => order.push(`batch ${answer.statusCode}`));
  await parked;
  expect(order).toEqual(['batch 200', 'messagingInvitation']);
});

test('a batch of the hidden frame: its parts are for the page that the whole names, never for one that a part names', async () => {
  const framed = { origin: publicUrl, 'x-ms-origin': visitorOrigin };
  const answer = await send([part('GET me')], framed);
  expect([answer.statusCode, ...statuses(answer.body)]).toEqual([200, 200]);
  const foreign = await send([part('GET me', `X-Ms-Origin: ${visitorOrigin}`)], { origin: publicUrl });
  expect(foreign.statusCode).toBe(403);
  const other = await send([part('GET me', 'X-Ms-Origin: https://evil.example')], framed);
  expect(statuses(other.body)).toEqual([200]);
});

test('polls, batches and addresses of others are no parts; too many, and other media types, are refused as a whole', async () => {
  const forbidden = ['/events?ack=1', '/batch', '/e%76ents?ack=1', '/photo'].map((path) =>
    part(`GET ${application}${path}`),
  );
  const answer = await send([...forbidden, part('GET /management/tenants/contoso.com'), part('PATCH me')]);
  expect(statuses(answer.body)).toEqual([400, 400, 400, 400, 400, 400]);
  const many = await send(Array.from({ length: 101 }, () => part('DELETE .')));
  expect(many.statusCode).toBe(429);
  expect(many.headers['retry-after']).toBeDefined();
  expect((await platform.app.inject({ method: 'GET', url: application, headers })).statusCode).toBe(200);
  expect((await send([], { 'content-type': 'application/json' })).statusCode).toBe(400);
  expect((await send([part('GET me')], { 'content-type': 'multipart/batching' })).statusCode).toBe(400);
  expect((await send([part('GET me')], { authorization: 'Bearer x' })).statusCode).toBe(401);
});
