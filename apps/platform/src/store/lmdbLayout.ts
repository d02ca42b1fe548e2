/**
 * What is where in LMDB. All in one database with ordered keys:
 * `['document', kind, id]`, `['event', channelId, seq]`, `['lastSeq', channelId]`, `['timer', name]` -> dueAt,
 * `['due', dueAt, name]` -> timer, `['format']` -> version of the layout and of the documents, `['journal']` -> the last record of the
 * journal that is in here (journal.ts).
 */
import type { RootDatabase } from 'lmdb';
import type { SequencedEvent, Timer } from '../model/channel.ts';
import type { Documents } from '../model/documents.ts';
import type { Kind } from './store.ts';

export type Key = (string | number)[];
export type Database = RootDatabase<unknown, Key>;

/** Sorts after every text and every number in LMDB's key order. */
const last = '\uffff';

export const documentKey = (kind: Kind, id: string): Key => ['document', kind, id];
export const eventKey = (channelId: string, seq: number): Key => ['event', channelId, seq];
export const lastSeqKey = (channelId: string): Key => ['lastSeq', channelId];
export const timerKey = (name: string): Key => ['timer', name];
export const dueKey = (dueAt: number, name: string): Key => ['due', dueAt, name];
export const journalKey: Key = ['journal'];

/** The places of a channel's events that are in LMDB. */
interface StoredRange {
  readonly from: number;
  readonly through: number;
}

/** Reads what is in LMDB. */
export class LmdbReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get<K extends Kind>(kind: K, id: string): Documents[K] | undefined {
    return this.#database.get(documentKey(kind, id)) as Documents[K] | undefined;
  }

  ids(kind: Kind): string[] {
    const range = { start: ['document', kind], end: ['document', kind, last] };
    return Array.from(this.#database.getKeys(range), (key) => String(key[2]));
  }

  events(channelId: string, fromSeq: number, limit: number): SequencedEvent[] {
    return this.#values(eventKey(channelId, fromSeq), ['event', channelId, Number.MAX_SAFE_INTEGER], limit);
  }

  /** @returns undefined when there is no event of the channel */
  storedRange(channelId: string): StoredRange | undefined {
    const [first, end]: [Key, Key] = [eventKey(channelId, 0), ['event', channelId, Number.MAX_SAFE_INTEGER]];
    const [from] = this.#database.getKeys({ start: first, end, limit: 1 });
    if (from === undefined) return undefined;
    const [through] = this.#database.getKeys({ start: end, end: first, limit: 1, reverse: true });
    return { from: Number(from[2]), through: Number((through ?? from)[2]) };
  }

  lastSeq(channelId: string): number {
    return (this.#database.get(lastSeqKey(channelId)) as number | undefined) ?? 0;
  }

  dueAt(name: string): number | undefined {
    return this.#database.get(timerKey(name)) as number | undefined;
  }

  timer(name: string): Timer | undefined {
    const dueAt = this.dueAt(name);
    return dueAt === undefined ? undefined : (this.#database.get(dueKey(dueAt, name)) as Timer | undefined);
  }

  timersDue(now: number, limit: number): Timer[] {
    return this.#values(['due', 0], ['due', now, last], limit);
  }

  /** The last record of the journal that LMDB has; 0 = none. */
  journalled(): number {
    return (this.#database.get(journalKey) as number | undefined) ?? 0;
  }

  #values<T>(start: Key, end: Key, limit: number): T[] {
    return Array.from(this.#database.getRange({ start, end, limit }), (entry) => entry.value as T);
  }
}
