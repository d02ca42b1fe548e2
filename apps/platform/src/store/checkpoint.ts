/**
 * Brings LMDB up to date with the journal, about once a second: what changed many times is written once, and what came and went not
 * at all. It goes in small pieces between the requests. A checkpoint that is cut off does no harm: the journal still has everything
 * since the last one that was completed, and running it over newer data ends in the same state.
 */

import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { LmdbWriter } from './channelQueue.ts';
import { type Database, documentKey, dueKey, journalKey, type Key, LmdbReader, timerKey } from './lmdbLayout.ts';
import type { Changes, Resident } from './resident.ts';

/** Writes between two looks at the requests. */
const writesAtOnce = 100;
/** For one piece of a checkpoint. */
const patienceMs = 60_000;

/** All at once, before the store is open. @throws when LMDB refuses; the changes are written with the next checkpoint then */
export function checkpointSync(database: Database, resident: Resident, through: number): void {
  const writer: LmdbWriter = {
    put: (key, value) => database.putSync(key, value),
    remove: (key) => database.removeSync(key),
  };
  const dones: (() => void)[] = [];
  try {
    database.transactionSync(() => {
      for (const done of steps(resident.leave(), writer, new LmdbReader(database)))
        if (done !== undefined) dones.push(done);
      database.putSync(journalKey, through);
    });
  } catch (error) {
    resident.stay();
    throw new CheckpointError('LMDB has refused a checkpoint', { cause: error });
  }
  database.resetReadTxn();
  for (const done of dones) done();
  resident.left();
}

/** LMDB has refused a checkpoint. The journal keeps what was in it. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
  readonly code = 'Checkpoint';
  readonly retryable = true;
}

/**
 * @param through number of the journal's last record, at the moment of the call
 * @throws CheckpointError when LMDB refuses; the changes are written with the next checkpoint then
 */
export async function checkpoint(database: Database, resident: Resident, through: number): Promise<void> {
  const dones: (() => void)[] = [];
  const pieces = new Pieces(database);
  const writer: LmdbWriter = {
    put: (key, value) => pieces.add(database.put(key, value)),
    remove: (key) => pieces.add(database.remove(key)),
  };
  try {
    for (const done of steps(resident.leave(), writer, new LmdbReader(database))) {
      if (done !== undefined) dones.push(done);
      if (pieces.size >= writesAtOnce) await pieces.written();
    }
    await pieces.written();
    await markThrough(database, through);
  } catch (error) {
    resident.stay();
    throw new CheckpointError('LMDB has refused a checkpoint', { cause: await reasonOf(error) });
  }
  database.resetReadTxn();
  for (const done of dones) done();
  resident.left();
}

/** Notes that LMDB has everything up to a record; resolves when it has that on the disk. @throws when it refuses */
export async function markThrough(database: Database, through: number): Promise<void> {
  const pieces = new Pieces(database);
  pieces.add(database.put(journalKey, through));
  await pieces.written();
  await inTime(Promise.resolve(database.flushed));
}

/**
 * Writes on their way. LMDB gives many of them the same promise. Two more are rejected when it refuses, and a rejection that nobody
 * hears ends the process: the reason, inside of the error; and what it makes for the end of the turn's writes, when the turn has ended.
 */
class Pieces {
  readonly #database: Database;
  #size = 0;
  #promises: Promise<unknown>[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  get size(): number {
    return this.#size;
  }

  add(promise: Promise<unknown>): void {
    this.#size += 1;
    if (promise === this.#promises.at(-1)) return;
    this.#hear(promise);
    this.#promises.push(promise);
  }

  async written(): Promise<void> {
    const promises = this.#promises;
    this.#promises = [];
    this.#size = 0;
    const all = Promise.all(promises);
    this.#hear(all);
    await nextTurn();
    this.#hear(this.#database.committed);
    await inTime(all);
  }

  #hear(promise: PromiseLike<unknown>): void {
    promise.then(undefined, (error: unknown) => commitErrorOf(error)?.catch(() => undefined));
  }
}

function commitErrorOf(error: unknown): Promise<unknown> | undefined {
  return (error as { commitError?: Promise<unknown> }).commitError;
}

/** The disk's error, which LMDB tells a moment after the refusal, or not at all. */
async function reasonOf(error: unknown): Promise<unknown> {
  const later = commitErrorOf(error)?.then(
    () => error,
    (reason: unknown) => reason,
  );
  return later === undefined ? error : Promise.race([later, pause(100, error)]);
}

/** A sync that has failed is never told by LMDB. @throws when it takes too long */
async function inTime(work: Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  const late = pause(patienceMs, undefined, { signal: stop.signal, ref: false }).then(
    () => {
      throw new Error(`LMDB has not answered within ${patienceMs} ms`);
    },
    () => undefined,
  );
  try {
    await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}

/** Yields after each document, queue and timer; what it yields is to be called when all writes can be read. */
function* steps(
  { documents, queues, timers }: Changes,
  writer: LmdbWriter,
  lmdb: LmdbReader,
): Generator<(() => void) | undefined> {
  for (const { kind, id, document } of documents.values()) {
    const key: Key = documentKey(kind, id);
    if (document === undefined) writer.remove(key);
    else writer.put(key, document);
    yield undefined;
  }
  for (const queue of queues.values()) yield queue.store(writer);
  for (const [name, timer] of timers) {
    const dueAt = lmdb.dueAt(name);
    if (dueAt !== undefined && dueAt !== timer?.dueAt) writer.remove(dueKey(dueAt, name));
    if (timer !== undefined) {
      writer.put(timerKey(name), timer.dueAt);
      writer.put(dueKey(timer.dueAt, name), timer);
    } else if (dueAt !== undefined) writer.remove(timerKey(name));
    yield undefined;
  }
}
