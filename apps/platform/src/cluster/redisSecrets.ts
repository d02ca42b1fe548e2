/** The secrets of a platform of many nodes, in its Redis: whoever starts first makes them. */
import type { SecretStore } from '../auth/secretStore.ts';
import type { RedisLink } from '../store/redisLink.ts';

/** Redis holds everything that was said as well, so it is guarded like a folder of mode 0700 (docs/operations.md). */
export function redisSecrets({ send, prefix, call }: RedisLink): SecretStore {
  const keyOf = (name: string): string => `${prefix}secret:${name}`;
  const read = async (name: string): Promise<string | undefined> => {
    const found = await send(['GET', keyOf(name)]);
    return found === null ? undefined : String(found);
  };
  return {
    read,
    readOrCreate: async (name, make) => {
      const existing = await read(name);
      if (existing !== undefined) return existing;
      const made = await make();
      const isMine = (await send(['SET', keyOf(name), made, 'NX'])) !== null;
      return isMine ? made : ((await read(name)) ?? made);
    },
    replace: async (name, expected, text) => Number(await call('replaceSecret', [name, expected, text])) === 1,
  };
}
