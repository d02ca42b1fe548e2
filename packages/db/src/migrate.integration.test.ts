import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './client.ts';
import { migrations } from './generated/migrations.ts';
import { migrate, statementsOf } from './migrate.ts';

const schemaPath = fileURLToPath(new URL('../prisma/schema.prisma', import.meta.url));
const open: Database[] = [];

async function emptyDatabase(): Promise<Database> {
  const database = await openDatabase({ inMemory: true });
  open.push(database);
  return database;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()));
});

describe('migrate', { timeout: 60_000 }, () => {
  it('applies every migration once, and finds them applied the next time', async () => {
    const database = await emptyDatabase();
    expect(await migrate(database)).toEqual(migrations.map((migration) => migration.name));
    expect(await migrate(database)).toEqual([]);
  });

  it('leaves nothing of a migration that fails', async () => {
    const database = await emptyDatabase();
    const broken = { name: '1_broken', sql: 'CREATE TABLE "a" ("id" TEXT);\nCREATE TABLE "a" ("id" TEXT);' };
    await expect(migrate(database, [broken])).rejects.toThrow();
    const fixed = { name: '1_broken', sql: 'CREATE TABLE "a" ("id" TEXT);' };
    expect(await migrate(database, [fixed])).toEqual(['1_broken']);
  });

  it('refuses a migration that was changed after it had been applied', async () => {
    const database = await emptyDatabase();
    await migrate(database, [{ name: '1_a', sql: 'CREATE TABLE "a" ("id" TEXT);' }]);
    await expect(migrate(database, [{ name: '1_a', sql: 'CREATE TABLE "b" ("id" TEXT);' }])).rejects.toMatchObject({
      code: 'MigrationChanged',
    });
  });

  it('splits generated SQL into statements', () => {
    expect(statementsOf('-- Comment; here\nCREATE TABLE "a" (\n  "x;y" TEXT\n);\n\nSELECT 1;')).toEqual([
      'CREATE TABLE "a" (\n  "x;y" TEXT\n)',
      'SELECT 1',
    ]);
  });
});

describe('schema.prisma and the committed migrations', { timeout: 60_000 }, () => {
  it('agree', async () => {
    const { diffSql, readMigrations } = await diffScript();
    expect(readMigrations(schemaPath).map(({ name }) => name)).toEqual(migrations.map(({ name }) => name));
    expect(readMigrations(schemaPath)).toEqual(migrations);
    expect(await diffSql(schemaPath, readMigrations(schemaPath))).toBe('');
  });

  it('would be seen to disagree', async () => {
    const { diffSql } = await diffScript();
    expect(await diffSql(schemaPath, [])).toContain('CREATE TABLE "helpdeskSession"');
  });
});

interface DiffScript {
  diffSql(schemaPath: string, migrations: readonly { name: string; sql: string }[]): Promise<string>;
  readMigrations(schemaPath: string): { name: string; sql: string }[];
}

async function diffScript(): Promise<DiffScript> {
  const diff: string = '../scripts/prismaDiff.mjs';
  const read: string = '../scripts/readMigrations.mjs';
  return { ...(await import(diff)), ...(await import(read)) };
}
