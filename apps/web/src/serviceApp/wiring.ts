/**
 * The service application of this process, made from the environment. The only place that reads it.
 *
 * Next bundles instrumentation and routes apart, so a module of this name exists more than once in a process; what
 * they share hangs on `globalThis`.
 */
import { join } from 'node:path';
import { hash, verify } from '@node-rs/argon2';
import { openDatabase } from '@repo/db/client';
import { migrate } from '@repo/db/migrate';
import { releaseLeases } from '@repo/db/outbox';
import { systemClock } from '@repo/ucwa-client/clock';
import pino from 'pino';
import { type Env, readEnv } from '../env.ts';
import { RefusalError } from './errors.ts';
import { readDemoFile, seedDemo } from './seedDemo.ts';
import { createServiceApp, type ServiceApp } from './serviceApp.ts';

const place: unique symbol = Symbol.for('bridgedesk.serviceApp');
const shared = globalThis as typeof globalThis & { [place]?: Promise<ServiceApp> | ServiceApp };

/**
 * The running service application.
 * @throws {RefusalError} 503 before instrumentation.ts has started it
 */
export function getServiceApp(): ServiceApp {
  const started = shared[place];
  if (!started || started instanceof Promise) throw new RefusalError(503, 'starting', { retryAfter: 1 });
  return started;
}

/** Writes an error that nobody foresaw to the log, when there is one yet. */
export function reportFailure(error: unknown): void {
  const started = shared[place];
  if (!started || started instanceof Promise) return;
  const failure = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
  started.log.error({ failure }, 'a request failed');
}

/** Makes this the running service application of the process, or none. */
export function shareServiceApp(serviceApp: ServiceApp | undefined): void {
  if (serviceApp) shared[place] = serviceApp;
  else delete shared[place];
}

/**
 * Opens the database, brings it up to date, sets up the demo if there is one, and starts the worker. Once a process.
 * @throws Error when a setting is missing, the database cannot be opened or a migration fails
 */
export async function startServiceApp(): Promise<ServiceApp> {
  shared[place] ??= start(readEnv());
  const started = await shared[place];
  shareServiceApp(started);
  return started;
}

async function start(env: Env): Promise<ServiceApp> {
  const log = pino({ level: env.LOG_LEVEL, base: { app: 'web' } });
  const db = await openDatabase(
    env.DATABASE_URL ? { databaseUrl: env.DATABASE_URL } : { dataDir: join(env.DATA_DIR, 'postgres') },
  );
  const applied = await migrate(db);
  if (applied.length > 0) log.info({ applied }, 'database brought up to date');
  // Nobody else can have opened the folder: whoever held a command is gone.
  if (db.engine === 'pglite') await releaseLeases(db);
  if (env.DEMO_FILE)
    await seedDemo({ db, now: new Date(), passwords: { hash, verify } }, await readDemoFile(env.DEMO_FILE));
  const serviceApp = createServiceApp({
    db,
    clock: systemClock,
    log,
    fetch: globalThis.fetch,
    platform: {
      platformUrl: env.PLATFORM_URL,
      tenantDomain: env.TENANT_DOMAIN,
      clientId: env.SERVICE_CLIENT_ID,
      clientSecret: env.SERVICE_CLIENT_SECRET,
    },
    callbackAudience: env.CALLBACK_AUDIENCE,
    webUrl: env.NEXTAUTH_URL,
    authSecret: env.NEXTAUTH_SECRET,
  });
  serviceApp.start();
  log.info({ platformUrl: env.PLATFORM_URL, engine: db.engine }, 'service application started');
  return serviceApp;
}
