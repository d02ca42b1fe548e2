/**
 * Slows down who guesses passwords. Tries are counted per account and per address; whether the account exists makes no
 * difference, so a wait tells nothing. Kept in memory: a restart forgives, and each process counts for itself.
 */

export interface SignInTry {
  /** The e-mail as typed. */
  readonly account: string;
  /** Where the request came from; undefined when that is not known. */
  readonly address: string | undefined;
}

export interface SignInAttempts {
  /**
   * To be called before the password is looked at: counts the try as failed, so that many at once are no way around.
   * @returns milliseconds to wait; above 0 the try must be refused, and it was not counted.
   */
  begin(attempt: SignInTry): number;
  /** Takes the try back: the account is clear again, the address has one failure less. */
  succeeded(attempt: SignInTry): void;
}

export interface SignInAttemptsOptions {
  readonly clock: { now(): number };
  /** How many accounts and addresses are remembered; those that failed longest ago are forgotten first. */
  readonly maxRemembered?: number;
}

interface Failures {
  readonly count: number;
  /** Milliseconds since 1970: no try before that. */
  readonly blockedUntil: number;
  readonly forgottenAt: number;
}

const minuteMs = 60_000;
/** Failures further apart than this do not add up. */
const windowMs = 15 * minuteMs;
const longestWaitMs = 15 * minuteMs;
/** The failure from which on there is a wait. Many people may share one address, so it has more. */
const firstWaitAt = { account: 5, address: 25 } as const;

/** From the fifth failure of an account within 15 minutes on there is a wait: 1 minute, then 2, 4, 8 and 15. */
export function createSignInAttempts({ clock, maxRemembered = 10_000 }: SignInAttemptsOptions): SignInAttempts {
  const remembered = new Map<string, Failures>();

  function failuresOf(key: string): Failures | undefined {
    const failures = remembered.get(key);
    if (failures === undefined || failures.forgottenAt > clock.now()) return failures;
    remembered.delete(key);
    return undefined;
  }

  function remember(key: string, kind: Kind, count: number): void {
    const now = clock.now();
    const over = count - firstWaitAt[kind];
    const blockedUntil = over < 0 ? now : now + Math.min(longestWaitMs, minuteMs * 2 ** Math.min(over, 10));
    // Set anew, it is the last of the map: the first is the one that failed longest ago.
    remembered.delete(key);
    remembered.set(key, { count, blockedUntil, forgottenAt: blockedUntil + windowMs });
    if (remembered.size <= maxRemembered) return;
    for (const oldest of remembered.keys()) {
      remembered.delete(oldest);
      return;
    }
  }

  return {
    begin(attempt) {
      const keys = keysOf(attempt);
      const waitMs = Math.max(0, ...keys.map(({ key }) => (failuresOf(key)?.blockedUntil ?? 0) - clock.now()));
      if (waitMs === 0) for (const { kind, key } of keys) remember(key, kind, (failuresOf(key)?.count ?? 0) + 1);
      return waitMs;
    },
    succeeded(attempt) {
      for (const { kind, key } of keysOf(attempt)) {
        const count = (failuresOf(key)?.count ?? 0) - 1;
        if (kind === 'account' || count <= 0) remembered.delete(key);
        else remember(key, kind, count);
      }
    },
  };
}

type Kind = keyof typeof firstWaitAt;

/** Cut to a length, so that what is remembered has a bound in bytes too. */
function keysOf({ account, address }: SignInTry): { readonly kind: Kind; readonly key: string }[] {
  const ofAccount = { kind: 'account', key: `account ${account.trim().toLowerCase().slice(0, 254)}` } as const;
  if (address === undefined) return [ofAccount];
  return [ofAccount, { kind: 'address', key: `address ${address.slice(0, 64)}` }];
}
