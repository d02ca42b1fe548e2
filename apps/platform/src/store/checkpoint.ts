/**
 * Brings LMDB up to date with the journal, about once a second: what changed many times is written once, and what came and went not
 * at all. It goes in small pieces between the requests. A checkpoint that is cut off does no harm: the journal still has everything
 * since the last one that was completed, and running it over newer data ends in the same state.
 */

import type { LmdbWriter } from './channelQueue.ts';
import { type Database, documentKey, dueKey, journalKey, type Key, LmdbReader, timerKey } from './lmdbLayout.ts';
import type { Changes, Resident } from './resident.ts';

/** Writes between two looks at the requests. */
const writesAtOnce = 100;

/** All at once, before the store is open. */
export function checkpointSync(database: Database, resident: Resident, through: number): void {
  const writer: LmdbWriter = {
    put: (key, value) => database.putSync(key, value),
    remove: (key) => database.removeSync(key),
  };
  const dones: (() => void)[] = [];
  database.transactionSync(() => {
    for (const done of steps(resident.leave(), writer, new LmdbReader(database)))
      if (done !== undefined) dones.push(done);
    database.putSync(journalKey, through);
  });
  database.resetReadTxn();
  for (const done of dones) done();
  resident.left();
}

/**
 * @param through number of the journal's last record, at the moment of the call
 * @throws when LMDB refuses; the changes are written with the next checkpoint then
 */
export async function checkpoint(database: Database, resident: Resident, through: number): Promise<void> {
  const dones: (() => void)[] = [];
  let written: Promise<unknown>[] = [];
  const writer: LmdbWriter = {
    put: (key, value) => written.push(database.put(key, value)),
    remove: (key) => written.push(database.remove(key)),
  };
  try {
    for (const done of steps(resident.leave(), writer, new LmdbReader(database))) {
      if (done !== undefined) dones.push(done);
      if (written.length < writesAtOnce) continue;
      await Promise.all(written);
      written = [];
    }
    await Promise.all(written);
    await database.put(journalKey, through);
    await database.flushed;
  } catch (error) {
    resident.stay();
    throw error;
  }
  database.resetReadTxn();
  for (const done of dones) done();
  resident.left();
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
