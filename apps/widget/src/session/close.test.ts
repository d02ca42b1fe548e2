import { createAnonymousClient } from '@repo/ucwa-client/anonymousClient';
import { createManualClock } from '@repo/ucwa-client/testing/manualClock';
import { describe, expect, it } from 'vitest';
import { type ChatState, initialState } from './chatState.ts';
import { close } from './close.ts';

const application = { _links: { self: { href: '/application' } } };
const messaging = { _links: { self: { href: '/messaging' }, stopMessaging: { href: '/messaging/terminate' } } };

function recordingClient(status = 204) {
  const seen: string[] = [];
  const client = createAnonymousClient({
    fetch: async (input, init) => {
      seen.push(`${init?.method} ${new URL(String(input)).pathname}`);
      return status >= 400 ? Response.json({ code: 'x' }, { status }) : new Response(null, { status });
    },
    clock: createManualClock(),
    discoverHref: 'https://platform.test/discover',
    token: () => 'psat=x',
  });
  return { client, seen };
}

describe('close', () => {
  it.each<[string, Partial<ChatState>, readonly string[]]>([
    ['what can be stopped', { application, conversationHref: '/c', messaging }, ['POST /messaging/terminate']],
    ['a conversation', { application, conversationHref: '/c', messaging: { _links: {} } }, ['DELETE /c']],
    ['an application that has just invited', { application }, ['DELETE /application']],
    ['nothing at all', {}, []],
  ])('ends %s by the mildest means', async (_what, known, expected) => {
    const { client, seen } = recordingClient();
    await close(client, { ...initialState, ...known });
    expect(seen).toEqual(expected);
  });

  it.each([404, 410])('takes %i for success: it is over', async (status) => {
    const { client } = recordingClient(status);
    for (const known of [{ messaging }, { conversationHref: '/c' }, { application }]) {
      await expect(close(client, { ...initialState, ...known })).resolves.toBeUndefined();
    }
  });

  it('does not hide another refusal', async () => {
    const { client } = recordingClient(403);
    await expect(close(client, { ...initialState, application })).rejects.toMatchObject({ status: 403 });
  });
});
