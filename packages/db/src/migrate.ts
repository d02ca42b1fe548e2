/**
 * Applies the committed migrations that a database has not seen, oldest first, each in a transaction, and records
 * them in `_prisma_migrations` as Prisma's own tool does, so that either may be used on the same database.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Database } from './client.ts';
import { DatabaseError } from './errors.ts';
import { migrations as committed } from './generated/migrations.ts';

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

const recordTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

/** The number that Prisma's own tool locks while it migrates. */
const advisoryLock = 72707369;

/**
 * Brings the database to the newest schema.
 * @returns the names of the migrations applied now
 * @throws {DatabaseError} MigrationChanged, when an applied migration's text is not the committed one
 */
export async function migrate(database: Database, migrations: readonly Migration[] = committed): Promise<string[]> {
  const applied: string[] = [];
  for (const migration of migrations) if (await apply(database, migration)) applied.push(migration.name);
  return applied;
}

async function apply(database: Database, migration: Migration): Promise<boolean> {
  const checksum = createHash('sha256').update(migration.sql).digest('hex');
  return database.inTransaction(async ({ prisma }) => {
    // Held to the end of this transaction: of several instances starting together, one applies, the others then see it.
    if (database.engine === 'postgresql')
      await prisma.$executeRaw`SELECT pg_advisory_xact_lock(${advisoryLock}::bigint)`;
    await prisma.$executeRawUnsafe(recordTable);
    const records = await prisma.$queryRaw<{ checksum: string }[]>`
      SELECT "checksum" FROM "_prisma_migrations"
      WHERE "migration_name" = ${migration.name} AND "finished_at" IS NOT NULL AND "rolled_back_at" IS NULL`;
    const record = records[0];
    if (record) {
      if (record.checksum === checksum) return false;
      throw new DatabaseError(`migration ${migration.name} was changed after it had been applied`, {
        code: 'MigrationChanged',
        retryable: false,
      });
    }
    for (const statement of statementsOf(migration.sql)) await prisma.$executeRawUnsafe(statement);
    await prisma.$executeRaw`
      INSERT INTO "_prisma_migrations" ("id", "checksum", "finished_at", "migration_name", "applied_steps_count")
      VALUES (${randomUUID()}, ${checksum}, now(), ${migration.name}, 1)`;
    return true;
  });
}

/** The statements of a generated migration: each ends with a `;` at the end of a line. */
export function statementsOf(sql: string): string[] {
  return sql
    .replace(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
