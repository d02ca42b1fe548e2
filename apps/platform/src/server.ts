/** The process: reads env, listens, and on a signal answers what is parked, finishes what is in flight and closes the store. */
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { buildApp } from './app.ts';
import { env } from './env.ts';
import { openLmdbStore } from './store/lmdb.ts';

const logger = pino({ level: env.LOG_LEVEL });
const folder = resolve(env.DATA_DIR);
const store = openLmdbStore(join(folder, 'store'));
const app = await buildApp({
  store,
  publicUrl: (env.PLATFORM_URL ?? `http://localhost:${env.PLATFORM_PORT}`).replace(/\/+$/, ''),
  secretsFolder: folder,
  ...(env.OPERATOR_TOKEN === undefined ? {} : { operatorToken: env.OPERATOR_TOKEN }),
  ...(env.RING_TIMEOUT_MS === undefined ? {} : { settings: { ringTimeoutMs: env.RING_TIMEOUT_MS } }),
  logger: { level: env.LOG_LEVEL },
});

let isClosing = false;
const close = (signal: string): void => {
  if (isClosing) return;
  isClosing = true;
  logger.info({ signal }, 'closing');
  app
    .close()
    .then(() => store.close())
    .catch((error: unknown) => {
      logger.error({ err: error }, 'closing failed');
      process.exitCode = 1;
    });
};
process.on('SIGTERM', close);
process.on('SIGINT', close);
// The program that started this one is gone; listening for that must not keep the process alive by itself.
process.on('disconnect', () => close('disconnect'));
process.channel?.unref();

try {
  await app.listen({ port: env.PLATFORM_PORT, host: env.HOST });
} catch (error) {
  logger.error({ err: error }, `the platform cannot listen on port ${env.PLATFORM_PORT}`);
  await app.close();
  await store.close();
  process.exitCode = 1;
}
