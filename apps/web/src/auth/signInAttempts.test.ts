import { createManualClock } from '@repo/ucwa-client/testing/manualClock';
import { describe, expect, it } from 'vitest';
import { createSignInAttempts } from './signInAttempts.ts';

const minute = 60_000;

function makeStage(maxRemembered?: number) {
  const clock = createManualClock();
  const attempts = createSignInAttempts({ clock, ...(maxRemembered === undefined ? {} : { maxRemembered }) });
  const fail = (account: string, address?: string): number => attempts.begin({ account, address });
  const failOften = (times: number, account: string, address?: string): number[] =>
    Array.from({ length: times }, () => fail(account, address));
  return { clock, attempts, fail, failOften };
}

describe('sign-in attempts', () => {
  it('lets five tries through and then asks to wait, longer after each further failure', async () => {
    const { clock, fail, failOften } = makeStage();
    expect(failOften(5, 'ann@contoso.com')).toEqual([0, 0, 0, 0, 0]);
    for (const wait of [1, 2, 4, 8, 15, 15]) {
      expect(fail('ann@contoso.com')).toBe(wait * minute);
      await clock.advance(wait * minute);
      expect(fail('ann@contoso.com')).toBe(0);
    }
  });

  it('does not wait longer for tries that were refused', () => {
    const { failOften } = makeStage();
    failOften(5, 'ann@contoso.com');
    expect(new Set(failOften(50, 'ann@contoso.com'))).toEqual(new Set([minute]));
  });

  it('counts an account however it is written, and leaves other accounts alone', () => {
    const { fail, failOften } = makeStage();
    failOften(3, 'ann@contoso.com');
    failOften(2, ' Ann@Contoso.com');
    expect(fail('ANN@contoso.com ')).toBe(minute);
    expect(fail('bob@contoso.com')).toBe(0);
  });

  it('counts an address over all accounts', () => {
    const { fail } = makeStage();
    for (let number = 0; number < 25; number += 1) expect(fail(`a${number}@contoso.com`, '203.0.113.9')).toBe(0);
    expect(fail('another@contoso.com', '203.0.113.9')).toBe(minute);
    expect(fail('another@contoso.com', '203.0.113.10')).toBe(0);
  });

  it('forgets failures after 15 minutes without one', async () => {
    const { clock, fail, failOften } = makeStage();
    failOften(4, 'ann@contoso.com');
    await clock.advance(15 * minute);
    expect(failOften(5, 'ann@contoso.com')).toEqual([0, 0, 0, 0, 0]);
    expect(fail('ann@contoso.com')).toBe(minute);
  });

  it('is clear again after a success', () => {
    const { attempts, failOften } = makeStage();
    for (let turn = 0; turn < 40; turn += 1) {
      expect(failOften(3, 'ann@contoso.com')).toEqual([0, 0, 0]);
      attempts.succeeded({ account: 'ann@contoso.com', address: undefined });
    }
  });

  it('does not clear an address by the one account that somebody there knows', () => {
    const { attempts, fail } = makeStage();
    const address = '203.0.113.9';
    const waits = Array.from({ length: 40 }, (_, number) => {
      const own = { account: 'mallory@contoso.com', address };
      if (attempts.begin(own) === 0) attempts.succeeded(own);
      return fail(`a${number}@contoso.com`, address);
    });
    expect(waits.filter((wait) => wait === 0)).toHaveLength(25);
  });

  it('remembers no more than it was allowed to, the latest failures first', () => {
    const { fail, failOften } = makeStage(10);
    failOften(4, 'ann@contoso.com');
    for (let number = 0; number < 10; number += 1) fail(`a${number}@contoso.com`);
    expect(failOften(5, 'ann@contoso.com')).toEqual([0, 0, 0, 0, 0]);
    expect(fail('ann@contoso.com')).toBe(minute);
  });
});
