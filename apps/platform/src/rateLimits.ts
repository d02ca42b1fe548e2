/**
 * How often something may be asked for (docs/operations.md "Limits"). Counted in memory, or in Redis when there is one, so that all
 * nodes count together; while Redis is away each node counts for itself.
 */
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { ClientAddress } from './clientAddress.ts';
import { RequestRefusedError } from './errors.ts';
import type { Limits } from './limits.ts';

const windowSeconds = 60;

export interface RateLimits {
  /**
   * Counts an invitation of a visitor, an agent or (`service`) an SA.
   * @throws RequestRefusedError 429 with Retry-After
   */
  countInvitation(kind: 'person' | 'service', token: string, address: ClientAddress): Promise<void>;
  /** Counts a request of a visitor or an agent that writes. @throws RequestRefusedError 429 with Retry-After */
  countWrite(token: string): Promise<void>;
  /**
   * Before anything of a token request is looked at.
   * @param subject whose secret would be guessed
   * @throws RequestRefusedError 429 with Retry-After after too many refused ones
   */
  tokenAttempt(subject: string, address: ClientAddress): Promise<TokenAttempt>;
}

/** One token request; what has been refused stays counted. */
export interface TokenAttempt {
  /**
   * Before a secret is compared: counts the request as if it were refused, so that many at once do not all pass.
   * @throws RequestRefusedError 429 with Retry-After
   */
  count(): Promise<void>;
  /** Counts it, unless that was done before. */
  refused(): Promise<void>;
  /** Takes back what `count` has counted. */
  notRefused(): Promise<void>;
}

type Limiter = Pick<RateLimiterMemory, 'consume' | 'get' | 'penalty' | 'reward' | 'points'>;

/** Where several processes count together. */
export interface SharedCounts {
  /** Of the `redis` package, connected. */
  readonly client: unknown;
  /** Of every key. */
  readonly prefix: string;
}

/** 0 as a limit means none. */
export function createRateLimits(limits: Limits, redis?: SharedCounts): RateLimits {
  const limiterOf = (name: string, points: number): Limiter | undefined => {
    if (points === 0) return undefined;
    const options = { keyPrefix: `${redis?.prefix ?? ''}rate:${name}`, points, duration: windowSeconds };
    if (redis === undefined) return new RateLimiterMemory(options);
    return new RateLimiterRedis({
      ...options,
      storeClient: redis.client,
      useRedisPackage: true,
      // What is given back must count for nothing, so only Redis knows who is closed out of those.
      ...(name.startsWith('failure') ? {} : { inMemoryBlockOnConsumed: points + 1 }),
      insuranceLimiter: new RateLimiterMemory(options),
    });
  };
  // Every process counts for itself: a look at Redis for each message would cost more than it saves.
  const writes =
    limits.writesPerToken === 0
      ? undefined
      : new RateLimiterMemory({ keyPrefix: 'rate:write', points: limits.writesPerToken, duration: windowSeconds });
  const byToken = limiterOf('token', limits.invitationsPerToken);
  const byService = limiterOf('service', limits.serviceInvitations);
  const byAddress = limiterOf('address', limits.invitationsPerAddress);
  const failuresByAddress = limiterOf('failureAddress', limits.tokenFailuresPerAddress);
  const failuresByClient = limiterOf('failureClient', limits.tokenFailuresPerClient);
  const pairs = (subject: string, address: ClientAddress): readonly (readonly [Limiter | undefined, string])[] =>
    address.isLocal
      ? []
      : [
          [failuresByAddress, address.key],
          [failuresByClient, `${address.key} ${subject.slice(0, 100)}`],
        ];

  return {
    countInvitation: async (kind, token, address) => {
      await consume(kind === 'service' ? byService : byToken, token);
      if (kind === 'person' && !address.isLocal) await consume(byAddress, address.key);
    },
    countWrite: (token) => consume(writes, token),
    tokenAttempt: async (subject, address) => {
      const counters = pairs(subject, address);
      for (const [limiter, key] of counters) await check(limiter, key);
      const counted: (readonly [Limiter | undefined, string])[] = [];
      const giveBack = async (): Promise<void> => {
        for (const [limiter, key] of counted.splice(0)) await limiter?.reward(key);
      };
      return {
        count: async () => {
          try {
            for (const counter of counters) {
              await consume(...counter);
              counted.push(counter);
            }
          } catch (error) {
            // It is not looked at, so it is no guess either.
            await giveBack();
            throw error;
          }
        },
        refused: async () => {
          if (counted.length === 0) for (const [limiter, key] of counters) await limiter?.penalty(key);
        },
        notRefused: giveBack,
      };
    },
  };
}

async function consume(limiter: Limiter | undefined, key: string): Promise<void> {
  try {
    await limiter?.consume(key);
  } catch (error) {
    if (error instanceof RateLimiterRes) throw tooMany(error);
    throw error;
  }
}

async function check(limiter: Limiter | undefined, key: string): Promise<void> {
  const counted = await limiter?.get(key);
  if (limiter === undefined || !counted || counted.msBeforeNext <= 0) return;
  if (counted.consumedPoints >= limiter.points) throw tooMany(counted);
}

function tooMany({ msBeforeNext }: RateLimiterRes): RequestRefusedError {
  return new RequestRefusedError(429, {
    message: 'Too many requests; try again later',
    headers: { 'Retry-After': String(Math.max(1, Math.ceil(msBeforeNext / 1000))) },
  });
}
