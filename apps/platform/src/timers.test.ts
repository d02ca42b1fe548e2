import { expect, test } from 'vitest';
import { openMemoryStore } from './store/memory.ts';
import { createManualClock } from './testing/manualClock.ts';
import { helpdesk, startTestPlatform } from './testing/testPlatform.ts';

const hourMs = 60 * 60_000;

test('the time for which the platform was away is nobody’s idleness', async () => {
  const [store, clock] = [openMemoryStore(), createManualClock()];
  const before = await startTestPlatform({ store, clock });
  const { token } = await before.visitorToken();
  const headers = { authorization: `Bearer ${token}` };
  const created = await before.app.inject({
    method: 'POST',
    url: '/ucwa/psanon/v1/applications',
    headers,
    payload: { anonymousDisplayName: 'Vera' },
  });
  const { href: self } = created.json<{ _links: { self: { href: string } } }>()._links.self;
  // It has listened: from then on only the event channel shows that a client is there.
  const operation = { operationId: 'o', to: helpdesk };
  const start = `${self}/communication/messagingInvitations`;
  await before.app.inject({ method: 'POST', url: start, headers, payload: operation });
  expect((await before.app.inject({ method: 'GET', url: `${self}/events?ack=1`, headers })).statusCode).toBe(200);
  await before.app.close();
  clock.jump(hourMs);

  const { app } = await startTestPlatform({ store, clock });
  const status = async () => (await app.inject({ method: 'GET', url: self, headers })).statusCode;
  await clock.advance(14 * 60_000);
  expect(await status()).toBe(200);
  await clock.advance(2 * 60_000);
  expect(await status()).toBe(410);
  await app.close();
});
