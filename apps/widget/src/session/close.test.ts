import { UcwaError } from '@repo/ucwa-client/errors';
import type { Send, SendRequest } from '@repo/ucwa-client/request';
import { describe, expect, it } from 'vitest';
import { type ChatState, initialState } from './chatState.ts';
import { close } from './close.ts';

const application = { _links: { self: { href: '/application' } } };
const messaging = { _links: { self: { href: '/messaging' }, stopMessaging: { href: '/messaging/terminate' } } };

function recordingSend(status = 204) {
  const seen: string[] = [];
  const send: Send = async ({ method, href }: SendRequest) => {
    seen.push(`${method} ${href}`);
    if (status >= 400) throw new UcwaError('refused', { status, code: 'x' });
    return { status, href };
  };
  return { send, seen };
}

describe('close', () => {
  it.each<[string, Partial<ChatState>, readonly string[]]>([
    ['what can be stopped', { application, conversationHref: '/c', messaging }, ['POST /messaging/terminate']],
    ['a conversation', { application, conversationHref: '/c', messaging: { _links: {} } }, ['DELETE /c']],
    ['an application that has just invited', { application }, ['DELETE /application']],
    ['nothing at all', {}, []],
  ])('ends %s by the mildest means', async (_what, known, expected) => {
    const { send, seen } = recordingSend();
    await close(send, { ...initialState, ...known });
    expect(seen).toEqual(expected);
  });

  it.each([404, 410])('takes %i for success: it is over', async (status) => {
    const { send } = recordingSend(status);
    for (const known of [{ messaging }, { conversationHref: '/c' }, { application }]) {
      await expect(close(send, { ...initialState, ...known })).resolves.toBeUndefined();
    }
  });

  it('does not hide another refusal', async () => {
    const { send } = recordingSend(403);
    await expect(close(send, { ...initialState, application })).rejects.toMatchObject({ status: 403 });
  });
});
