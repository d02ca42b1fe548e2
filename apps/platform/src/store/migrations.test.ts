import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, describe, expect, test } from 'vitest';
import { currentFormat, StoreFormatError } from './format.ts';
import { openLmdbStore } from './lmdb.ts';
import type { Database } from './lmdbLayout.ts';
import { formatOf, type Migration, migrate } from './migrations.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function openFolder(folder: string): Database {
  const database: Database = open({ path: folder, noSubdir: false });
  cleanUps.push(() => database.close());
  return database;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bridgedesk-format-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

const key = (number: number): string[] => ['document', 'tenant', String(number)];

describe('the format of stored data', () => {
  test('an empty folder gets the version of today', () => {
    const database = openFolder(newFolder());
    expect(formatOf(database)).toBeUndefined();
    migrate(database);
    expect(formatOf(database)).toBe(currentFormat);
  });

  test('older data is converted once', async () => {
    const database = openFolder(newFolder());
    await database.put(key(1), 1);
    const steps: Migration[] = [{ from: 1, run: (data) => data.putSync(key(1), Number(data.get(key(1))) + 1) }];
    expect(migrate(database, steps)).toBe(1);
    expect(migrate(database, steps)).toBe(currentFormat);
    expect(database.get(key(1))).toBe(2);
  });

  test('a step that fails leaves everything as it was', async () => {
    const database = openFolder(newFolder());
    await database.put(key(1), 'old');
    const run = (data: Database): void => {
      data.putSync(key(1), 'half');
      throw new Error('no room');
    };
    expect(() => migrate(database, [{ from: 1, run }])).toThrow('no room');
    expect(database.get(key(1))).toBe('old');
    expect(formatOf(database)).toBe(1);
  });

  test('one that is killed in between is repeated from the beginning', async () => {
    const folder = newFolder();
    const before = openFolder(folder);
    before.transactionSync(() => {
      for (let number = 0; number < 1_000; number += 1) before.putSync(key(number), 'old');
    });
    const script = join(import.meta.dirname, 'testing/migrateUntilKilled.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, folder], { stdio: 'inherit' });
    const signal = await new Promise((resolve) => child.once('close', (_code, given) => resolve(given)));
    expect(signal).toBe('SIGKILL');
    const values = (): unknown[] => Array.from({ length: 1_000 }, (_, number) => before.get(key(number)));
    expect(new Set(values())).toEqual(new Set(['old']));
    migrate(before, [
      {
        from: 1,
        run: (data) => {
          for (let number = 0; number < 1_000; number += 1) data.putSync(key(number), `${data.get(key(number))} new`);
        },
      },
    ]);
    expect(new Set(values())).toEqual(new Set(['old new']));
  }, 30_000);

  test('what a newer release has written is refused with a plain message', async () => {
    const folder = newFolder();
    const database = openFolder(folder);
    await database.put(['format'], currentFormat + 1);
    expect(() => openLmdbStore(folder)).toThrow(StoreFormatError);
    expect(() => openLmdbStore(folder)).toThrow('written by a newer release');
  });
});
