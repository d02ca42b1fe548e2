/** What a client hears of its own person, and when (reference/ucwa-api.md 3, 4, reference/events.md 2). */
import type { EventBatch } from '@repo/ucwa-protocol/events';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../testing/testPlatform.ts';

let platform: TestPlatform;
let headers: Record<string, string>;
let self: string;
let next: string;
beforeEach(async () => {
  platform = await startTestPlatform();
  headers = { authorization: `Bearer ${await platform.agentToken('sip:ann@contoso.com')}` };
  const payload = { userAgent: 'desk', culture: 'en-us', endpointId: 'desk' };
  const { _links } = (await send('POST', '/ucwa/oauth/v1/applications', payload)).json<Resource>();
  const links = _links as Record<string, { href: string }>;
  self = links.self?.href ?? '';
  next = links.events?.href ?? '';
});
afterEach(() => platform.app.close());

const send = (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object, more = {}) =>
  platform.app.inject({ method, url, headers: { ...headers, ...more }, ...(payload && { payload }) });

/** The next batch once five seconds have passed, as `sender: rel type availability`. */
async function heard(): Promise<string[]> {
  const poll = send('GET', next);
  await platform.clock.advance(5_000);
  const batch = (await poll).json<EventBatch>();
  next = batch._links.next?.href ?? '';
  return (batch.sender ?? []).flatMap(({ rel, events }) =>
    events.map(({ link, type, _embedded }) =>
      [`${rel}:`, link.rel, type, (_embedded?.[link.rel] as Resource | undefined)?.availability]
        .filter(Boolean)
        .join(' '),
    ),
  );
}

test('makeMeAvailable, then idle and back: events of medium priority, in order', async () => {
  expect(
    (await send('POST', `${self}/me/makeMeAvailable?supportedModalities=Messaging&inactiveTimeout=00:01:00`))
      .statusCode,
  ).toBe(204);
  expect(await heard()).toEqual([
    'me: me updated',
    'me: presence added Online',
    'me: note added',
    'me: location added',
  ]);
  await platform.clock.advance(60_000);
  expect(await heard()).toEqual(['me: presence updated IdleOnline']);
  const presence = await send('GET', `${self}/me/presence`);
  expect(presence.json()).toMatchObject({ availability: 'IdleOnline', activity: 'Inactive' });
  await send('POST', `${self}/me/reportMyActivity`);
  expect(await heard()).toEqual(['me: presence updated Online']);
});

test('a PUT of communication is kept and said by communication itself', async () => {
  const before = (await send('GET', `${self}/communication`)).json<Resource>();
  const changed = { ...before, supportedMessageFormats: ['Plain'] };
  const put = await send('PUT', `${self}/communication`, changed, { 'if-match': `"${String(before.etag)}"` });
  expect(put.statusCode).toBe(204);
  expect(await heard()).toEqual(['communication: communication updated']);
  const after = (await send('GET', `${self}/communication`)).json<Resource>();
  expect(after).toMatchObject({ supportedMessageFormats: ['Plain'] });
  expect(after.etag).not.toBe(before.etag);
  const policies = (await send('GET', `${self}/policies`)).json<Resource>();
  expect(policies.htmlMessaging).toBe('Disabled');
});
