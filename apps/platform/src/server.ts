/** The process: reads env, listens, and on a signal stops as stopping.ts says. */
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { buildApp } from './app.ts';
import { type Engine, openEngine } from './engine.ts';
import { env, limitsFrom } from './env.ts';
import { createMetrics } from './metrics/metrics.ts';
import type { BackupOptions } from './resources/backup.ts';
import { createStop } from './stopping.ts';
import { createCheckpointLog } from './store/checkpointLog.ts';
import { FolderInUseError } from './store/exclusiveFolder.ts';
import { StoreFormatError } from './store/format.ts';
import type { LmdbStore } from './store/lmdb.ts';
import { startTracing } from './tracing/tracing.ts';

const logger = pino({ level: env.LOG_LEVEL });
const folder = resolve(env.DATA_DIR);
const metrics = createMetrics(true);
const engine = await openOrExplain();
const { limits, settings } = limitsFrom(env);
const tracing =
  env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
    ? undefined
    : await startTracing({ endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT, serviceName: env.OTEL_SERVICE_NAME });
const app = await buildApp({
  store: engine.store,
  secrets: engine.secrets,
  ...(engine.redis === undefined ? {} : { cluster: engine.redis.cluster }),
  publicUrl: (env.PLATFORM_URL ?? `http://localhost:${env.PLATFORM_PORT}`).replace(/\/+$/, ''),
  secretsFolder: folder,
  ...(env.OPERATOR_TOKEN === undefined ? {} : { operatorToken: env.OPERATOR_TOKEN }),
  settings,
  operations: {
    limits,
    trustedProxies: env.TRUSTED_PROXIES,
    metrics,
    ...(env.METRICS_TOKEN === undefined ? {} : { metricsToken: env.METRICS_TOKEN }),
    ...(tracing === undefined ? {} : { tracing }),
    ...(engine.lmdb === undefined ? {} : { checkCommits: engine.lmdb.check }),
    ...(engine.redis === undefined ? {} : { redis: { client: engine.redis.client, prefix: `{${env.REDIS_NAME}}:` } }),
  },
  ...(engine.lmdb === undefined ? {} : { backup: backupOf(engine.lmdb) }),
  startsWhen: 'listening',
  logger: { level: env.LOG_LEVEL },
});

const stop = createStop({
  app,
  closers: [() => engine.close(), async () => tracing?.stop()],
  log: logger,
  graceMs: env.DRAIN_GRACE_MS,
  timeoutMs: env.STOP_TIMEOUT_MS,
  exit: (code) => process.exit(code),
});
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
// The program that started this one is gone; listening for that must not keep the process alive by itself.
process.on('disconnect', () => stop('disconnect'));
process.channel?.unref();

try {
  await app.listen({ port: env.PLATFORM_PORT, host: env.HOST });
} catch (error) {
  logger.error({ err: error }, `the platform cannot listen on port ${env.PLATFORM_PORT}`);
  await app.close();
  await engine.close();
  process.exitCode = 1;
}

/** Data of a newer release, or of a running platform, is no accident that a stack would explain. */
async function openOrExplain(): Promise<Engine> {
  try {
    return await openEngine({
      dataDir: folder,
      redisUrl: env.REDIS_URL,
      redisName: env.REDIS_NAME,
      leaseMs: env.NODE_LEASE_MS,
      log: logger,
      onCheckpoint: createCheckpointLog(metrics, logger),
    });
  } catch (error) {
    if (!(error instanceof StoreFormatError || error instanceof FolderInUseError)) throw error;
    logger.fatal(error.message);
    process.exit(1);
  }
}

function backupOf(lmdb: LmdbStore): BackupOptions {
  return {
    dataDir: folder,
    backupDir: resolve(env.BACKUP_DIR ?? join(folder, 'backups')),
    copyStore: (target) => lmdb.copyTo(target),
  };
}
