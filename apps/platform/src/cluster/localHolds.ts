/** One process: what it holds is in its own memory. */
import type { Holds } from './cluster.ts';

export function createLocalHolds(): Holds {
  /** By channel: the first held place of each request. */
  const held = new Map<string, Map<string, number>>();
  let wake: (channelId: string) => void = () => undefined;
  const forget = (token: string, channelIds: readonly string[]): void => {
    for (const channelId of channelIds) {
      const places = held.get(channelId);
      places?.delete(token);
      if (places?.size === 0) held.delete(channelId);
    }
  };
  return {
    visibleThrough: (_snapshot, channelId) => {
      const places = held.get(channelId);
      return places === undefined ? Number.MAX_SAFE_INTEGER : Math.min(...places.values()) - 1;
    },
    touch: (token, channelId, seq) => {
      if (seq > 0) held.set(channelId, (held.get(channelId) ?? new Map<string, number>()).set(token, seq));
    },
    keep: () => undefined,
    forget,
    release: (token, channelIds) => {
      forget(token, channelIds);
      for (const channelId of channelIds) wake(channelId);
    },
    listen: (given) => {
      wake = given;
    },
  };
}
