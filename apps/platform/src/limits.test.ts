/** Limits on what piles up: events that nobody takes, conversations that nobody ends. Limits on how often: rateLimits.test.ts. */
import type { EventBatch } from '@repo/ucwa-protocol/events';
import { afterEach, expect, test } from 'vitest';
import { helpdesk, startTestPlatform, type TestPlatform } from './testing/testPlatform.ts';

let platform: TestPlatform;
afterEach(() => platform.app.close());

/** @returns what the visitor has heard after having rung an SA that never answers */
async function ringTheDeaf(queuedCallbackEvents: number): Promise<string> {
  platform = await startTestPlatform({
    operations: { limits: { queuedCallbackEvents } },
    post: async () => {
      throw new Error('Nobody answers');
    },
  });
  const { token } = await platform.visitorToken();
  const headers = { authorization: `Bearer ${token}` };
  const url = '/ucwa/psanon/v1/applications';
  const made = await platform.app.inject({ method: 'POST', url, headers, payload: { anonymousDisplayName: 'Vera' } });
  const { self, events } = made.json<{ _links: Record<'self' | 'events', { href: string }> }>()._links;
  await platform.app.inject({
    method: 'POST',
    url: `${self.href}/communication/messagingInvitations`,
    headers,
    payload: { operationId: 'o', to: helpdesk },
  });
  const heard = await platform.app.inject({ method: 'GET', url: events.href, headers });
  return heard
    .json<EventBatch>()
    .sender?.flatMap((sender) => sender.events)
    .map(({ link, type, reason }) => `${link.rel} ${type} ${reason?.subcode ?? ''}`)
    .join('\n') as string;
}

test('below the limit the visitor rings on', async () => {
  expect(await ringTheDeaf(100)).not.toContain('completed');
});

test('beyond it the call ends, and the visitor is told why', async () => {
  expect(await ringTheDeaf(1)).toContain('messagingInvitation completed Unreachable');
});

test('an agent who has enough conversations cannot start another one', async () => {
  platform = await startTestPlatform({ settings: { maxAgentConversations: 2 } });
  const headers = { authorization: `Bearer ${await platform.agentToken('sip:ann@contoso.com')}` };
  const post = (url: string, payload: object) => platform.app.inject({ method: 'POST', url, headers, payload });
  const made = await post('/ucwa/oauth/v1/applications', { userAgent: 'desk', endpointId: 'tab', culture: 'en-us' });
  const self = made.json<{ _links: { self: { href: string } } }>()._links.self.href;
  await post(`${self}/me/makeMeAvailable`, { supportedModalities: ['Messaging'] });
  const ring = (operationId: string) =>
    post(`${self}/communication/messagingInvitations`, { operationId, to: helpdesk });
  expect((await ring('a')).statusCode).toBe(201);
  expect((await ring('b')).statusCode).toBe(201);
  const refused = await ring('c');
  expect(refused.statusCode).toBe(409);
  expect(refused.json()).toMatchObject({ subcode: 'TooManyConversations' });
});

test('a body beyond the limit, and a batch with too many parts, are refused as a whole', async () => {
  platform = await startTestPlatform({ operations: { limits: { bodyBytes: 400, batchRequests: 1 } } });
  const { token } = await platform.visitorToken();
  const headers = { authorization: `Bearer ${token}` };
  const url = '/ucwa/psanon/v1/applications';
  const post = (anonymousDisplayName: string) =>
    platform.app.inject({ method: 'POST', url, headers, payload: { anonymousDisplayName } });
  const tooLarge = await post('V'.repeat(400));
  expect(tooLarge.statusCode).toBe(413);
  expect(tooLarge.json()).toMatchObject({ code: 'EntityTooLarge' });
  const self = (await post('Vera')).json<{ _links: { self: { href: string } } }>()._links.self.href;
  const part = `--b\r\nContent-Type: application/http\r\n\r\nGET ${self} HTTP/1.1\r\n\r\n`;
  const batch = (parts: number) =>
    platform.app.inject({
      method: 'POST',
      url: `${self}/batch`,
      headers: { ...headers, 'content-type': 'multipart/batching; boundary=b' },
      payload: `${part.repeat(parts)}--b--\r\n`,
    });
  expect((await batch(1)).statusCode).toBe(200);
  const tooMany = await batch(2);
  expect(tooMany.statusCode).toBe(429);
  expect(tooMany.headers['retry-after']).toBe('1');
});
