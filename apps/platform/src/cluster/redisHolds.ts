/** Held events in Redis: written with the commit that brings them, gone with the answer, or after a second when nobody answers any more. */
import type { RedisLink } from '../store/redisLink.ts';
import type { Holds } from './cluster.ts';

/** Listens to what the functions in Redis say to every node. */
export type Hear = (topic: string, run: (text: string) => void) => void;

export interface RedisHolds extends Holds {
  /** Lets go of what dead nodes hold. */
  sweep(): Promise<void>;
  /** News may have been missed. */
  wakeAll(): void;
}

export function createRedisHolds(link: RedisLink, hear: Hear, onError: (error: unknown) => void): RedisHolds {
  let wakeAll: () => void = () => undefined;
  return {
    visibleThrough: (snapshot, channelId) => (snapshot.heldFrom?.(channelId) ?? Number.MAX_SAFE_INTEGER) - 1,
    touch: () => undefined,
    keep: (transaction, token, touched, ms) => {
      for (const [channelId, seq] of touched) transaction.hold?.({ channelId, token, seq, ms });
    },
    forget: () => undefined,
    // Should this be lost, a sweep of any node does the same a second later.
    release: (token, channelIds) => {
      link.call('release', [token, ...channelIds]).catch(onError);
    },
    listen: (wake, all) => {
      hear('wake', wake);
      wakeAll = all;
    },
    sweep: async () => {
      await link.call('sweep', []);
    },
    wakeAll: () => wakeAll(),
  };
}
