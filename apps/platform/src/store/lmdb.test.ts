/** The embedded engine on a disk that refuses or is slow: what LMDB says is played by the test, the journal is real. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as lmdb from 'lmdb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Tenant } from '../model/registration.ts';
import { backUp, copyStoreFiles } from './backup.ts';
import { Journal, journalFiles } from './journal.ts';
import { openLmdbStore } from './lmdb.ts';
import type { Store } from './store.ts';

/** What the next opened database does instead. */
let faults: { flushed?: PromiseLike<unknown>; put?: () => Promise<boolean> | undefined; putSync?: () => void };
vi.mock('lmdb', async (original) => {
  const real = await original<typeof lmdb>();
  return {
    ...real,
    open: (options: lmdb.RootDatabaseOptionsWithPath) => {
      const database = real.open(options);
      const { put, putSync } = database;
      Object.defineProperty(database, 'flushed', { get: () => faults.flushed ?? Promise.resolve(true) });
      database.put = ((...given: Parameters<typeof put>) => faults.put?.() ?? put.apply(database, given)) as typeof put;
      database.putSync = ((...given: Parameters<typeof putSync>) => {
        faults.putSync?.();
        return putSync.apply(database, given);
      }) as typeof putSync;
      return database;
    },
  };
});

const tenant = (domain: string): Tenant => ({ id: domain, domain, displayName: domain, allowedOrigins: [] });
const put = (store: Store, domain: string) =>
  store.commit((transaction) => transaction.put('tenant', domain, tenant(domain)));
const domains = (store: Store) => store.read((snapshot) => snapshot.ids('tenant'));

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bridgedesk-lmdb-'));
  folder = join(root, 'store');
  faults = {};
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true });
});

test('what LMDB shows is on its disk before the journal behind it is overwritten', async () => {
  const first = openLmdbStore(folder);
  await put(first, 'a');
  await first.close();
  const before = readFileSync(join(folder, journalFiles[0]));
  let flush: () => void = () => undefined;
  faults.flushed = new Promise<void>((resolve) => {
    flush = resolve;
  });
  const second = openLmdbStore(folder);
  let isAnswered = false;
  const committed = put(second, 'b').then(() => {
    isAnswered = true;
  });
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(isAnswered).toBe(false);
  expect(readFileSync(join(folder, journalFiles[0]))).toEqual(before);
  flush();
  await committed;
  expect(readFileSync(join(folder, journalFiles[0]))).not.toEqual(before);
  await second.close();
});

test('a refused checkpoint is told, ends nothing, and the journal has what was in it', async () => {
  const told: (string | undefined)[] = [];
  const store = openLmdbStore(folder, (failure) => told.push(failure?.message));
  await put(store, 'a');
  faults.put = () => {
    // As LMDB does it: a reason that nobody hears would end the process.
    const commitError = Promise.reject(new Error('no room'));
    return Promise.reject(Object.assign(new Error('Commit failed'), { commitError }));
  };
  await expect(store.copyTo(root)).rejects.toThrow('LMDB has refused a checkpoint');
  expect(await domains(store)).toEqual(['a']);
  await put(store, 'b');
  await store.close();
  expect(told).toEqual(['LMDB has refused a checkpoint']);

  // The disk is still full when it starts again.
  delete faults.put;
  faults.putSync = () => {
    throw new Error('no room');
  };
  const again = openLmdbStore(folder, (failure) => told.push(failure?.message));
  expect(told).toHaveLength(2);
  expect(await domains(again)).toEqual(['a', 'b']);
  await put(again, 'c');
  delete faults.putSync;
  await again.close();
  const last = openLmdbStore(folder);
  expect(await domains(last)).toEqual(['a', 'b', 'c']);
  await last.close();
});

test('a commit that the disk refuses is a 503 to be repeated, and the check fails until the disk takes it', async () => {
  const store = openLmdbStore(folder);
  await store.check();
  const append = vi.spyOn(Journal.prototype, 'append').mockRejectedValue(new Error('no room'));
  await expect(put(store, 'a')).rejects.toMatchObject({ status: 503, headers: { 'Retry-After': '2' } });
  append.mockRestore();
  expect(await domains(store)).toEqual([]);
  await put(store, 'b');
  await store.check();
  await store.close();
});

test('everything with messages in it is for its owner only, also in a backup', async () => {
  const store = openLmdbStore(folder);
  await put(store, 'a');
  const mode = (path: string) => statSync(path).mode & 0o777;
  const targets = { online: join(root, 'online'), offline: join(root, 'offline') };
  await backUp({ dataDir: root, copyStore: (target) => store.copyTo(target) }, targets.online, 0);
  await store.close();
  await backUp({ dataDir: root, copyStore: (target) => copyStoreFiles(folder, target) }, targets.offline, 0);
  for (const name of ['data.mdb', 'lock.mdb', ...journalFiles]) expect(mode(join(folder, name))).toBe(0o600);
  for (const target of Object.values(targets)) {
    expect([mode(target), mode(join(target, 'store'))]).toEqual([0o700, 0o700]);
    expect(mode(join(target, 'store/data.mdb'))).toBe(0o600);
  }
});
