/** Which engine keeps everything: LMDB in a folder for one process, Redis or Valkey for several that are one platform. */
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { fileSecrets, type SecretStore } from './auth/secretStore.ts';
import type { Cluster } from './cluster/cluster.ts';
import { joinRedisCluster } from './cluster/redisCluster.ts';
import { redisSecrets } from './cluster/redisSecrets.ts';
import { StoreAwayError } from './errors.ts';
import { holdFolder } from './store/exclusiveFolder.ts';
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
  /** Of the embedded engine: how a checkpoint went. */
  readonly onCheckpoint?: (failure: Error | undefined) => void;
}

/**
 * Waits for Redis.
 * @throws FolderInUseError when another process has the folder; StoreFormatError when a newer release has written the data; Error
 *   when the folder cannot be written
 */
export function openEngine(options: EngineOptions): Promise<Engine> {
  return options.redisUrl === undefined ? openEmbedded(options) : openShared(options, options.redisUrl);
}

async function openEmbedded({ dataDir, onCheckpoint }: EngineOptions): Promise<Engine> {
  const held = await holdFolder(dataDir);
  try {
    const lmdb = openLmdbStore(join(dataDir, 'store'), onCheckpoint);
    const close = async (): Promise<void> => {
      await lmdb.close();
      await held.release();
    };
    return { store: lmdb, lmdb, secrets: fileSecrets(dataDir), close };
  } catch (error) {
    await held.release();
    throw error;
  }
}

async function openShared({ redisName, leaseMs, log }: EngineOptions, url: string): Promise<Engine> {
  const onError = (error: unknown) => {
    // That it is away was said already, once.
    if (!(error instanceof StoreAwayError)) log.warn({ err: error }, 'redis');
  };
  let warnOfDoubts = async (): Promise<void> => undefined;
  const link = await connectRedis(url, redisName, (lost) => {
    if (lost !== undefined) {
      log.warn({ reason: reasonOf(lost) }, 'redis is away; requests are answered with 503 until it is back');
      return;
    }
    log.warn('redis is back');
    // It may be another one, or the same with other settings.
    warnOfDoubts().catch(onError);
  });
  const store = openRedisStore(link);
  await store.checkFormat();
  warnOfDoubts = async () => {
    for (const doubt of await link.doubts()) log.warn(doubt);
  };
  await warnOfDoubts();
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

/** Some errors of sockets have a code and no words. */
function reasonOf(error: Error & { readonly code?: unknown }): string {
  return error.message === '' ? String(error.code) : error.message;
}
