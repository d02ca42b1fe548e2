/**
 * The embedded engine: one LMDB folder, owned by one process.
 *
 * Layout, all in one database with ordered keys:
 * `['document', kind, id]`, `['event', channelId, seq]`, `['lastSeq', channelId]`, `['timer', name]` -> dueAt, `['due', dueAt, name]` -> timer.
 */
import { mkdirSync } from 'node:fs';
import { open, type RootDatabase } from 'lmdb';
import type { SequencedEvent, Timer } from '../model/channel.ts';
import type { Documents } from '../model/documents.ts';
import { createReadCache } from './readCache.ts';
import type { Kind, Store } from './store.ts';
import { type Base, WriteSet } from './writeSet.ts';

type Key = readonly (string | number)[];
type Database = RootDatabase<unknown, (string | number)[]>;

/** Sorts after every text and every number in LMDB's key order. */
const last = '\uffff';

/**
 * Opens the store in a folder, which is made when it is missing.
 * @throws when the folder cannot be written
 */
export function openLmdbStore(folder: string): Store {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database: Database = open({ path: folder, noSubdir: false });
  const base = createReadCache(baseOf(database));
  return {
    commit: async (decide) => {
      let ended: () => void = () => undefined;
      // The callbacks of concurrent commits run one after another inside one LMDB transaction; `flushed` is its one sync.
      const committed = database.transaction(() => {
        const writes = new WriteSet(base);
        const decided = decide(writes);
        if (writes.isEmpty) return decided;
        ended = base.writing(writes);
        apply(database, writes);
        return decided;
      });
      // A read transaction lasts for one turn of the event loop: only in the next one does every read see this commit.
      const answer = await committed.finally(() => setImmediate(ended));
      await database.flushed;
      return answer;
    },
    read: async (look) => look(base),
    close: () => database.close(),
  };
}

function baseOf(database: Database): Base {
  const values = (start: Key, end: Key, limit: number): unknown[] =>
    Array.from(database.getRange({ start: [...start], end: [...end], limit }), (entry) => entry.value);
  return {
    get: <K extends Kind>(kind: K, id: string) => database.get(['document', kind, id]) as Documents[K] | undefined,
    ids: (kind) =>
      Array.from(database.getKeys({ start: ['document', kind], end: ['document', kind, last] }), (key) =>
        String(key[2]),
      ),
    events: (channelId, fromSeq, limit) =>
      values(['event', channelId, fromSeq], ['event', channelId, Number.MAX_SAFE_INTEGER], limit) as SequencedEvent[],
    timer: (name) => {
      const dueAt = database.get(['timer', name]);
      return dueAt === undefined ? undefined : (database.get(['due', dueAt as number, name]) as Timer | undefined);
    },
    timersDue: (now, limit) => values(['due', 0], ['due', now, last], limit) as Timer[],
    lastSeq: (channelId) => (database.get(['lastSeq', channelId]) as number | undefined) ?? 0,
  };
}

/** Runs inside the LMDB transaction; the promises of single writes belong to it, and its own promise reports them all. */
function apply(database: Database, writes: WriteSet): void {
  for (const { kind, id, document } of writes.documents.values()) {
    if (document === undefined) database.removeSync(['document', kind, id]);
    else database.putSync(['document', kind, id], document);
  }
  for (const [channelId, appended] of writes.appended) {
    for (const event of appended) database.putSync(['event', channelId, event.seq], event);
    database.putSync(['lastSeq', channelId], appended.at(-1)?.seq ?? 0);
  }
  for (const [channelId, through] of writes.trims) {
    const keys = database.getKeys({ start: ['event', channelId, 0], end: ['event', channelId, through + 1] });
    for (const key of [...keys]) database.removeSync(key);
  }
  for (const [name, timer] of writes.timers) {
    const dueAt = database.get(['timer', name]) as number | undefined;
    if (dueAt !== undefined) database.removeSync(['due', dueAt, name]);
    if (timer === undefined) {
      database.removeSync(['timer', name]);
    } else {
      database.putSync(['timer', name], timer.dueAt);
      database.putSync(['due', timer.dueAt, name], timer);
    }
  }
}
