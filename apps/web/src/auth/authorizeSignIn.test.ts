import { hash, verify } from '@node-rs/argon2';
import { createManualClock } from '@repo/ucwa-client/testing/manualClock';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createAuthOptions } from './authOptions.ts';
import { createSignInAttempts } from './signInAttempts.ts';
import { delayMinutesOf, delayText } from './signInDelay.ts';
import type { StoredPerson } from './verifySignIn.ts';

vi.mock(import('@node-rs/argon2'), async (original) => {
  const argon2 = await original();
  return { ...argon2, verify: vi.fn(argon2.verify) };
});

let ann: StoredPerson;
beforeAll(async () => {
  ann = {
    id: 'p1',
    name: 'Ann',
    email: 'ann@contoso.com',
    sipUri: 'sip:ann@contoso.com',
    role: 'agent',
    passwordHash: await hash('correct horse'),
  };
});

/** What next-auth calls for a sign-in, and what it would hand to the page: the error's message, or whether it went well. */
function makeStage() {
  const clock = createManualClock();
  const [provider] = createAuthOptions({
    findPerson: async (email) => (email === ann.email ? ann : undefined),
    attempts: createSignInAttempts({ clock }),
    secret: 'x',
    secureCookies: false,
  }).providers;
  if (provider?.type !== 'credentials') throw new Error('no provider');
  const { authorize } = provider.options as typeof provider;
  const signIn = async (email: string, password: string, forwardedFor = '203.0.113.9'): Promise<string> => {
    const headers = { 'x-forwarded-for': forwardedFor };
    try {
      const user = await authorize({ email, password }, { body: {}, query: {}, headers, method: 'POST' });
      return user ? 'ok' : 'wrong';
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  };
  return { clock, signIn };
}

describe('a sign-in after wrong passwords', () => {
  it.each(['ann@contoso.com', 'nobody@contoso.com'])('is refused with a wait for %s, known or not', async (email) => {
    const { signIn } = makeStage();
    for (let turn = 0; turn < 5; turn += 1) expect(await signIn(email, 'wrong horse')).toBe('wrong');
    vi.mocked(verify).mockClear();
    const refusal = await signIn(email, 'correct horse');
    expect(delayMinutesOf(refusal)).toBe(1);
    expect(verify).not.toHaveBeenCalled();
  });

  it('works again when the wait is over', async () => {
    const { clock, signIn } = makeStage();
    for (let turn = 0; turn < 6; turn += 1) await signIn(ann.email, 'wrong horse');
    await clock.advance(60_000);
    expect(await signIn(ann.email, 'correct horse')).toBe('ok');
  });

  it('does not look at more than five passwords that come at once', async () => {
    const { signIn } = makeStage();
    vi.mocked(verify).mockClear();
    const answers = await Promise.all(Array.from({ length: 12 }, () => signIn(ann.email, 'wrong horse')));
    expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(5);
    expect(verify).toHaveBeenCalledTimes(5);
  });

  it('counts the address that the nearest proxy saw, whatever the browser claims before it', async () => {
    const { signIn } = makeStage();
    const answers: string[] = [];
    for (let number = 0; number < 26; number += 1) {
      answers.push(await signIn(`a${number}@contoso.com`, '', `10.0.0.${number}, 203.0.113.9`));
    }
    expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(25);
    expect(delayMinutesOf(answers.at(-1))).toBe(1);
  });
});

it('the page says how long to wait, and takes no other refusal for it', () => {
  expect(delayText(1)).toBe('Too many attempts, try again in 1 minute.');
  expect(delayText(8)).toBe('Too many attempts, try again in 8 minutes.');
  for (const other of [undefined, null, '', 'CredentialsSignin', 'TooManyAttempts:x']) {
    expect(delayMinutesOf(other)).toBeUndefined();
  }
});
