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
  /** Before secrets are looked at. @throws RequestRefusedError 429 with Retry-After after too many refused ones */
  checkTokenRequest(clientId: string, address: ClientAddress): Promise<void>;
  countTokenFailure(clientId: string, address: ClientAddress): Promise<void>;
}

type Limiter = Pick<RateLimiterMemory, 'consume' | 'get' | 'penalty' | 'points'>;

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
      inMemoryBlockOnConsumed: points + 1,
      insuranceLimiter: new RateLimiterMemory(options),
    });
  };
  const byToken = limiterOf('token', limits.invitationsPerToken);
  const byService = limiterOf('service', limits.serviceInvitations);
  const byAddress = limiterOf('address', limits.invitationsPerAddress);
  const failuresByAddress = limiterOf('failureAddress', limits.tokenFailuresPerAddress);
  const failuresByClient = limiterOf('failureClient', limits.tokenFailuresPerClient);
  const clientKey = (clientId: string, address: ClientAddress): string => `${address.key} ${clientId.slice(0, 100)}`;

  return {
    countInvitation: async (kind, token, address) => {
      await consume(kind === 'service' ? byService : byToken, token);
      if (kind === 'person' && !address.isLocal) await consume(byAddress, address.key);
    },
    checkTokenRequest: async (clientId, address) => {
      if (address.isLocal) return;
      await check(failuresByAddress, address.key);
      await check(failuresByClient, clientKey(clientId, address));
    },
    countTokenFailure: async (clientId, address) => {
      if (address.isLocal) return;
      await failuresByAddress?.penalty(address.key);
      await failuresByClient?.penalty(clientKey(clientId, address));
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
