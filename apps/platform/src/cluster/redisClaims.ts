/** The one P-GET of a channel among all nodes. A claim lasts for a while; its node renews all of its own together. */
import type { RedisLink } from '../store/redisLink.ts';
import type { Claims } from './cluster.ts';
import type { Hear } from './redisHolds.ts';

/** How long a claim of a dead node counts. */
const claimMs = 15_000;
export const renewClaimsEveryMs = 5_000;
/** Claims in one call. */
const atOnce = 1_000;

export interface RedisClaims extends Claims {
  renew(): Promise<void>;
}

export function createRedisClaims(link: RedisLink, hear: Hear, onError: (error: unknown) => void): RedisClaims {
  const mine = new Map<number, string>();
  return {
    claim: async (channelId, priority) => {
      const claim = Number(await link.call('claimGet', [channelId, String(priority), String(claimMs)]));
      if (claim === 0) return undefined;
      mine.set(claim, channelId);
      return claim;
    },
    leave: (channelId, claim) => {
      mine.delete(claim);
      link.call('keepGets', [channelId, String(claim), '0']).catch(onError);
    },
    isAnyPending: async (channelIds) =>
      channelIds.length > 0 &&
      Number(await link.send(['EXISTS', ...channelIds.map((id) => `${link.prefix}pendingGet:${id}`)])) > 0,
    listen: (replaced) =>
      hear('claimed', (text) => {
        const end = text.indexOf(':');
        replaced(text.slice(end + 1), Number(text.slice(0, end)));
      }),
    renew: async () => {
      const all = [...mine].map(([claim, channelId]) => [channelId, String(claim), String(claimMs)]);
      for (let at = 0; at < all.length; at += atOnce) await link.call('keepGets', all.slice(at, at + atOnce).flat());
    },
  };
}
