import { mkdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { DatabaseError } from './errors.ts';
import { Prisma, PrismaClient } from './generated/prisma/client.ts';

/** Something that queries run on: the database, or a transaction of it. Opaque outside this package. */
export interface Queries {
  readonly prisma: Prisma.TransactionClient;
}

export interface Database extends Queries {
  readonly engine: 'pglite' | 'postgresql';
  /**
   * Runs `act` in one transaction: all of it or nothing. It may run again when the database asks for that
   * (deadlock, serialization failure), so it must not act on anything but the transaction.
   * @throws whatever `act` throws; {@link DatabaseError} when the database gave up
   */
  inTransaction<T>(act: (transaction: Queries) => Promise<T>): Promise<T>;
  /** Runs SQL of several statements, in no particular transaction. Only for migrations and tests. */
  runScript(sql: string): Promise<void>;
  /** @throws when the database does not answer */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export type DatabaseLocation =
  | { readonly dataDir: string }
  | { readonly databaseUrl: string }
  | { readonly inMemory: true };

/** Waiting for a connection and running, in milliseconds. Embedded, every transaction waits for the one before it. */
const transactionOptions = { maxWait: 20_000, timeout: 20_000 };
const attempts = 5;

/**
 * Opens the database of the service application: PostgreSQL by its URL, or PGlite in a folder that only this
 * process may use, or PGlite in memory.
 * @throws {DatabaseError} when it cannot be opened
 */
export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  return 'databaseUrl' in location ? openPostgresql(location.databaseUrl) : openPglite(location);
}

async function openPglite(location: { dataDir: string } | { inMemory: true }): Promise<Database> {
  let pglite: PGlite;
  try {
    if ('dataDir' in location) mkdirSync(location.dataDir, { recursive: true, mode: 0o700 });
    pglite = await PGlite.create('dataDir' in location ? { dataDir: location.dataDir } : {});
  } catch (cause) {
    throw new DatabaseError('cannot open the embedded database', { retryable: false, cause });
  }
  const prisma = new PrismaClient({ adapter: new PrismaPGlite(pglite), transactionOptions });
  return {
    engine: 'pglite',
    prisma,
    inTransaction: (act) => inTransaction(prisma, act),
    ping: () => ping(prisma),
    runScript: async (sql) => {
      await pglite.exec(sql);
    },
    close: async () => {
      await prisma.$disconnect();
      await pglite.close();
    },
  };
}

async function openPostgresql(databaseUrl: string): Promise<Database> {
  const adapter = new PrismaPg({ connectionString: databaseUrl });
  const prisma = new PrismaClient({ adapter, transactionOptions });
  return {
    engine: 'postgresql',
    prisma,
    inTransaction: (act) => inTransaction(prisma, act),
    ping: () => ping(prisma),
    runScript: async (sql) => {
      const connection = await adapter.connect();
      try {
        await connection.executeScript(sql);
      } finally {
        await connection.dispose();
      }
    },
    close: () => prisma.$disconnect(),
  };
}

async function ping(prisma: PrismaClient): Promise<void> {
  await prisma.$executeRaw`SELECT 1`;
}

async function inTransaction<T>(prisma: PrismaClient, act: (transaction: Queries) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await prisma.$transaction((transaction) => act({ prisma: transaction }));
    } catch (error) {
      if (attempt === attempts || !mustRunAgain(error)) throw error;
      await pause(attempt * 20);
    }
  }
}

/** Deadlock (40P01), serialization failure (40001), or no connection in time: the transaction left nothing behind. */
function mustRunAgain(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  if (error.code === 'P2034' || error.code === 'P2028') return true;
  return /40P01|40001|deadlock|TransactionWriteConflict/.test(`${error.message} ${JSON.stringify(error.meta ?? {})}`);
}
