/** Several tabs of one client: one application, a channel each (reference/ucwa-api.md 2 "instanceId", reference/events.md 3). */
import type { EventBatch } from '@repo/ucwa-protocol/events';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../testing/testPlatform.ts';

let platform: TestPlatform;
let headers: Record<string, string>;
beforeEach(async () => {
  platform = await startTestPlatform();
  headers = { authorization: `Bearer ${await platform.agentToken('sip:ann@contoso.com')}` };
});
afterEach(() => platform.app.close());

const link = (resource: Resource | undefined, rel: string): string =>
  (resource?._links?.[rel] as { href: string } | undefined)?.href ?? '';
const send = (method: 'GET' | 'POST', url: string, payload?: object) =>
  platform.app.inject({ method, url, headers, ...(payload && { payload }) });
const open = async (instanceId?: string) => {
  const payload = { userAgent: 'desk', culture: 'en-us', endpointId: 'desk', ...(instanceId && { instanceId }) };
  const answer = await send('POST', '/ucwa/oauth/v1/applications', payload);
  const resource = answer.json<Resource>();
  return { status: answer.statusCode, self: link(resource, 'self'), events: link(resource, 'events') };
};
const isParked = (events: string): boolean => {
  const key = new URL(events, 'http://x').searchParams.get('key');
  const id = /applications\/(\d+)/.exec(events)?.[1];
  return platform.app.pendingGets.isParked(`ucwa:${id}${key === null ? '' : `:${key}`}`);
};
const note = (self: string, message: string) => send('POST', `${self}/me/note`, { message });
const texts = (batch: EventBatch): unknown[] =>
  (batch.sender ?? [])
    .flatMap(({ events }) => events)
    .map(({ _embedded }) => (_embedded?.note as Resource | undefined)?.message);

test('each tab hears everything in its own time; a poll of one does not end the other’s', async () => {
  const [first, second] = [await open('a'), await open('b')];
  expect([first.status, second.status, (await open('b')).status, (await open('a')).status]).toEqual([
    201, 201, 200, 200,
  ]);
  await send('POST', `${first.self}/me/makeMeAvailable`);
  const polls = [send('GET', first.events), send('GET', second.events)];
  await expect.poll(() => isParked(first.events) && isParked(second.events)).toBe(true);
  await note(first.self, 'one');
  await platform.clock.advance(5_000);
  const [one, two] = (await Promise.all(polls)).map((answer) => answer.json<EventBatch>());
  expect(texts(one as EventBatch)).toEqual(texts(two as EventBatch));
  expect(texts(two as EventBatch).at(-1)).toBe('one');
  expect(two?._links.next?.href).toContain('key=');
});

test('a tab that fetches nothing loses its channel, not the application; asked again it begins anew', async () => {
  const [first, second] = [await open('a'), await open('b')];
  await send('POST', `${first.self}/me/makeMeAvailable`);
  let events = first.events;
  for (let round = 0; round < 6; round += 1) {
    for (let count = 0; count < 190; count += 1) await note(first.self, `${round}.${count}`);
    const poll = send('GET', events);
    await platform.clock.advance(5_000);
    const batch = (await poll).json<EventBatch>();
    expect(batch.sender?.length).toBeGreaterThan(0);
    events = batch._links.next?.href ?? '';
  }
  expect((await send('GET', second.events)).json()).toMatchObject({ code: 'NotFound', subcode: 'ApplicationNotFound' });
  expect((await send('GET', first.self)).statusCode).toBe(200);
  const again = await open('b');
  expect(again.status).toBe(201);
  expect(again.events).not.toBe(second.events);
});

test('one tab that listens keeps the application; none for fifteen minutes ends it', async () => {
  const [first, second] = [await open('a'), await open('b')];
  const parked = send('GET', `${second.events}&timeout=1800`);
  await expect.poll(() => isParked(second.events)).toBe(true);
  await platform.clock.advance(16 * 60_000);
  expect((await send('GET', first.self)).statusCode).toBe(200);
  await platform.clock.advance(15 * 60_000);
  await parked;
  await platform.clock.advance(16 * 60_000);
  expect((await send('GET', first.self)).json()).toMatchObject({ subcode: 'InactiveApplicationExpired' });
});

test('without an event channel every request shows that the client is there; fifteen minutes of nothing end it', async () => {
  const { self } = await open();
  for (let round = 0; round < 4; round += 1) {
    await platform.clock.advance(10 * 60_000);
    expect((await send('GET', `${self}/me`)).statusCode).toBe(200);
  }
  await platform.clock.advance(16 * 60_000);
  expect((await send('GET', self)).json()).toMatchObject({ subcode: 'InactiveApplicationExpired' });
});

test('once it has listened, requests alone do not keep it', async () => {
  const { self, events } = await open();
  await send('POST', `${self}/me/makeMeAvailable`);
  const poll = send('GET', events);
  await platform.clock.advance(5_000);
  expect((await poll).statusCode).toBe(200);
  await platform.clock.advance(14 * 60_000);
  expect((await send('GET', self)).statusCode).toBe(200);
  await platform.clock.advance(2 * 60_000);
  expect((await send('GET', self)).statusCode).toBe(410);
});
