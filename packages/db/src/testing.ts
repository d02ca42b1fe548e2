import { randomBytes } from 'node:crypto';
import { type Database, openDatabase } from './client.ts';
import { migrate } from './migrate.ts';

/**
 * A fresh, migrated database for a test: PGlite in memory, or a schema of its own on the PostgreSQL at `databaseUrl`.
 * `close` removes it.
 */
export async function openTestDatabase(databaseUrl?: string): Promise<Database> {
  if (!databaseUrl) {
    const database = await openDatabase({ inMemory: true });
    await migrate(database);
    return database;
  }
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = await openDatabase({ databaseUrl });
  await admin.runScript(`CREATE DATABASE "${name}"`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  const database = await openDatabase({ databaseUrl: url.href });
  await migrate(database);
  return {
    ...database,
    close: async () => {
      await database.close();
      await admin.runScript(`DROP DATABASE "${name}" WITH (FORCE)`);
      await admin.close();
    },
  };
}
