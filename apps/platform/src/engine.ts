/** Which engine keeps everything: LMDB in a folder for one process, Redis or Valkey for several that are one platform. */
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { fileSecrets, type SecretStore } from './auth/secretStore.ts';
import type { Cluster } from './cluster/cluster.ts';
import { joinRedisCluster } from './cluster/redisCluster.ts';
import { redisSecrets } from './cluster/redisSecrets.ts';
import { type LmdbStore, openLmdbStore } from './store/lmdb.ts';
import { openRedisStore } from './store/redis.ts';
import { connectRedis, type RedisClient } from './store/redisLink.ts';
import type { Store } from './store/store.ts';

export interface Engine {
  readonly store: Store;
  readonly secrets: SecretStore;
  /** The embedded engine only. */
  readonly lmdb?: LmdbStore;
  /** Redis only. */
  readonly redis?: { readonly client: RedisClient; readonly cluster: Cluster };
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly dataDir: string;
  /** Chooses Redis. */
  readonly redisUrl?: string | undefined;
  /** Of the platform: several may share one Redis. */
  readonly redisName: string;
  /** After how long a silent node loses its callback lines, in milliseconds. */
  readonly leaseMs: number;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
}

/** Waits for Redis. @throws when the folder cannot be written, or a newer release has written the data */
export function openEngine(options: EngineOptions): Promise<Engine> {
  return options.redisUrl === undefined ? openEmbedded(options.dataDir) : openShared(options, options.redisUrl);
}

async function openEmbedded(dataDir: string): Promise<Engine> {
  const lmdb = openLmdbStore(join(dataDir, 'store'));
  return { store: lmdb, lmdb, secrets: fileSecrets(dataDir), close: () => lmdb.close() };
}

async function openShared({ redisName, leaseMs, log }: EngineOptions, url: string): Promise<Engine> {
  const onError = (error: unknown) => log.warn({ err: error }, 'redis');
  const link = await connectRedis(url, redisName, onError);
  const store = openRedisStore(link);
  await store.checkFormat();
  if (!(await link.isDurable())) {
    log.warn(
      'redis does not sync every commit (appendonly yes, appendfsync always): a crash of it may lose what was answered',
    );
  }
  const cluster = await joinRedisCluster({ link, store, onError, leaseMs });
  return {
    store,
    secrets: redisSecrets(link),
    redis: { client: link.client, cluster },
    close: async () => {
      await cluster.close();
      await link.close();
    },
  };
}
