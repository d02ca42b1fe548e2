/** Many processes that are one platform: they share a store in Redis, and nobody owns anything. */
import { randomUUID } from 'node:crypto';
import { type RedisStore, registrationTopic } from '../store/redis.ts';
import type { RedisLink } from '../store/redisLink.ts';
import type { Cluster } from './cluster.ts';
import { createRedisClaims, renewClaimsEveryMs } from './redisClaims.ts';
import { createRedisHolds, type Hear } from './redisHolds.ts';
import { createRedisLines } from './redisLines.ts';

/** How often a node looks for what others have left: often enough that a second's hold does not become two. */
const sweepEveryMs = 250;

export interface RedisClusterOptions {
  readonly link: RedisLink;
  readonly store: Pick<RedisStore, 'distrustRegistered'>;
  /** Told of what failed in the background; it is tried again. */
  readonly onError: (error: unknown) => void;
  /** After how long without a sign of life a line of callbacks goes to another node. Default: 12 seconds. */
  readonly leaseMs?: number;
}

/** @throws when Redis cannot be reached */
export async function joinRedisCluster(options: RedisClusterOptions): Promise<Cluster> {
  const { link, store, onError, leaseMs = 12_000 } = options;
  const topic = `${link.prefix}tell`;
  const hearers = new Map<string, ((text: string) => void)[]>();
  const hear: Hear = (name, run) => {
    hearers.set(name, [...(hearers.get(name) ?? []), run]);
  };
  const holds = createRedisHolds(link, hear, onError);
  const claims = createRedisClaims(link, hear, onError);
  const lines = createRedisLines({ link, node: randomUUID().slice(0, 8), leaseMs, onError });
  hear(registrationTopic, () => store.distrustRegistered());

  const subscriber = await link.another();
  await subscriber.subscribe(topic, (message) => {
    const end = message.indexOf('\n');
    for (const run of hearers.get(message.slice(0, end)) ?? []) run(message.slice(end + 1));
  });
  subscriber.on('ready', () => {
    store.distrustRegistered();
    holds.wakeAll();
  });

  const loops = [
    every(sweepEveryMs, holds.sweep, onError),
    every(renewClaimsEveryMs, claims.renew, onError),
    every(leaseMs / 4, lines.renew, onError),
    every(leaseMs / 2, lines.takeOver, onError),
    every(leaseMs * 5, lines.remind, onError),
  ];
  return {
    holds,
    claims,
    lines,
    close: async () => {
      await Promise.all(loops.map((stop) => stop()));
      lines.close();
      subscriber.destroy();
    },
  };
}

/** @returns stops; resolves when the round that runs has ended */
function every(ms: number, run: () => Promise<void>, onError: (error: unknown) => void): () => Promise<void> {
  let isStopped = false;
  let timer: NodeJS.Timeout;
  let round: Promise<void> = Promise.resolve();
  const next = (): void => {
    if (isStopped) return;
    timer = setTimeout(() => {
      round = run().catch(onError).then(next);
    }, ms);
  };
  next();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await round;
  };
}
