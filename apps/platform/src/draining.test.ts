/** The end of a server as its clients see it. The process itself: serverProcess.test.ts. */
import type { EventBatch } from '@repo/ucwa-protocol/events';
import { afterEach, expect, test } from 'vitest';
import { openMemoryStore } from './store/memory.ts';
import type { Store } from './store/store.ts';
import { settle } from './testing/manualClock.ts';
import { startTestPlatform, type TestPlatform, visitorOrigin } from './testing/testPlatform.ts';

let platform: TestPlatform;
afterEach(() => platform.app.close());

test('parked requests are answered at once, new ones get 503, /readyz says so and /healthz does not', async () => {
  platform = await startTestPlatform();
  const { app } = platform;
  const { token, discoverHref } = await platform.visitorToken();
  const headers = { authorization: `Bearer ${token}`, origin: visitorOrigin };
  const made = await app.inject({
    method: 'POST',
    url: '/ucwa/psanon/v1/applications',
    headers,
    payload: { anonymousDisplayName: 'Vera' },
  });
  const { events } = made.json<{ _links: { events: { href: string } } }>()._links;
  const parked = app.inject({ method: 'GET', url: events.href, headers });
  await settle();
  expect((await app.inject('/readyz')).statusCode).toBe(200);

  app.drain();
  const answer = await parked;
  expect(answer.statusCode).toBe(200);
  expect(answer.headers.connection).toBe('close');
  expect(answer.json<EventBatch>()._links.next).toBeDefined();

  const refused = await app.inject({ method: 'GET', url: discoverHref, headers });
  expect(refused.statusCode).toBe(503);
  expect(refused.json()).toMatchObject({ code: 'ServiceUnavailable' });
  expect(refused.headers).toMatchObject({
    'retry-after': '2',
    connection: 'close',
    'access-control-allow-origin': visitorOrigin,
  });
  expect((await app.inject('/readyz')).statusCode).toBe(503);
  expect((await app.inject('/healthz')).statusCode).toBe(200);
});

test('a store that does not answer makes the server not ready; the process still lives', async () => {
  const memory = openMemoryStore();
  let away: Promise<void> | undefined;
  let comeBack: () => void = () => undefined;
  const store: Store = {
    commit: (decide) => memory.commit(decide),
    read: async (look) => {
      await away;
      return memory.read(look);
    },
    close: () => memory.close(),
  };
  platform = await startTestPlatform({ store });
  away = new Promise((resolve) => {
    comeBack = resolve;
  });
  const asked = platform.app.inject('/readyz');
  await platform.clock.advance(2_000);
  const answer = await asked;
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['retry-after']).toBe('2');
  expect((await platform.app.inject('/healthz')).statusCode).toBe(200);
  comeBack();
});

test('a server with enough parked requests refuses another one, and lets a newer one take the place of its own', async () => {
  platform = await startTestPlatform({ operations: { limits: { parkedRequests: 1 } } });
  const { app } = platform;
  const eventsOf = async (session: string) => {
    const { token } = await platform.visitorToken(session);
    const headers = { authorization: `Bearer ${token}` };
    const url = '/ucwa/psanon/v1/applications';
    const made = await app.inject({ method: 'POST', url, headers, payload: { anonymousDisplayName: session } });
    const { href } = made.json<{ _links: { events: { href: string } } }>()._links.events;
    return () => app.inject({ method: 'GET', url: href, headers });
  };
  const [first, second] = [await eventsOf('first'), await eventsOf('second')];
  const parked = first();
  await settle();
  const refused = await second();
  expect(refused.statusCode).toBe(503);
  expect(refused.headers['retry-after']).toBe('5');
  const newer = first();
  expect((await parked).statusCode).toBe(409);
  app.drain();
  expect((await newer).statusCode).toBe(200);
});
