/**
 * The embedded engine: one folder, owned by one process. Commits are durable in a journal (journal.ts) before they are answered,
 * and LMDB follows about a second behind (checkpoint.ts). After a kill the journal is run over LMDB; after a close it is empty.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { open } from 'lmdb';
import { RequestRefusedError } from '../errors.ts';
import { checkpoint, checkpointSync, markThrough } from './checkpoint.ts';
import { checkFormat, currentFormat } from './format.ts';
import { GroupCommit } from './groupCommit.ts';
import { Journal, readJournal } from './journal.ts';
import { linesOf, writesOf } from './journalLines.ts';
import { type Database, LmdbReader } from './lmdbLayout.ts';
import { formatOf, migrate } from './migrations.ts';
import { makePrivate, syncFolder } from './privateFiles.ts';
import { Resident } from './resident.ts';
import type { Store } from './store.ts';

const checkpointEveryMs = 1_000;
const lmdbFiles = ['data.mdb', 'lock.mdb'];

/** The disk has refused; Retry-After in seconds. */
const retryAfter = '2';

export interface LmdbStore extends Store {
  /** Writes a consistent copy into an existing, empty folder while commits go on; everything that was answered before is in it. */
  copyTo(folder: string): Promise<void>;
  /** @throws when commits are being refused */
  check(): Promise<void>;
}

/** Is told how each checkpoint went. After a failure the journal keeps everything, and the next checkpoint tries again. */
export type OnCheckpoint = (failure: Error | undefined) => void;

/**
 * Opens the store in a folder, which is made when it is missing. Data of earlier releases is migrated first. The caller sees to it
 * that no other process has the folder (exclusiveFolder.ts).
 * A commit that the disk refuses is a RequestRefusedError 503.
 * @throws when the folder cannot be written; StoreFormatError when a newer release has written the data; JournalGapError when the
 *   journal does not belong to it
 */
export function openLmdbStore(folder: string, onCheckpoint: OnCheckpoint = () => undefined): LmdbStore {
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined) syncFolder(dirname(folder));
  const database: Database = open({ path: folder, noSubdir: false });
  for (const name of lmdbFiles) makePrivate(join(folder, name));
  const { resident, journal, isBehind, isAnew } = recover(folder, database, onCheckpoint);
  const sync = createSync(database, isAnew ? journal.last : undefined);
  const background = createBackground(async () => {
    const through = journal.last;
    await checkpoint(database, resident, through);
    journal.stored(through);
  }, onCheckpoint);
  if (isBehind) background.soon();
  const group = new GroupCommit(resident, async (writes) => {
    const text = linesOf(writes, resident);
    try {
      await sync();
      await journal.append(text);
    } catch (error) {
      throw new RequestRefusedError(503, { headers: { 'Retry-After': retryAfter } }, error);
    }
    background.soon();
  });
  return {
    commit: (decide) => group.commit(decide),
    read: async (look) => look(resident),
    // A copy in the middle of a checkpoint would have half of it.
    copyTo: (target) => background.afterwards(() => database.backup(target, false)),
    check: async () => {
      await sync();
      await journal.check();
    },
    close: async () => {
      // Whoever waits for the last group is told how it went; what LMDB does not take is in the journal.
      await group.settled()?.catch(() => undefined);
      await background.afterwards(async () => undefined).catch(onCheckpoint);
      journal.close();
      await database.close();
    },
  };
}

interface Recovered {
  readonly resident: Resident;
  readonly journal: Journal;
  /** LMDB has refused what was in the journal. */
  readonly isBehind: boolean;
  /** The journal is written from its beginning, over what was in it. */
  readonly isAnew: boolean;
}

/** Brings LMDB up to what was answered before the process ended, and the data to the format of this release. */
function recover(folder: string, database: Database, onCheckpoint: OnCheckpoint): Recovered {
  const through = new LmdbReader(database).journalled();
  const { records, end } = readJournal(folder, through);
  const last = records.at(-1)?.number ?? through;
  const open = (resident: Resident, isBehind: boolean): Recovered => {
    migrate(database);
    return { resident, journal: new Journal(folder, end, last), isBehind, isAnew: records.length === 0 };
  };
  if (records.length === 0) return open(new Resident(new LmdbReader(database)), false);
  checkFormat(formatOf(database));
  const resident = new Resident(new LmdbReader(database));
  for (const { text } of records) resident.apply(writesOf(text, resident));
  try {
    checkpointSync(database, resident, last);
  } catch (error) {
    if (formatOf(database) !== currentFormat) throw error;
    // A full disk: everything is in the journal still, which goes on behind it.
    onCheckpoint(error instanceof Error ? error : new Error(String(error)));
    return open(resident, true);
  }
  return open(new Resident(new LmdbReader(database)), false);
}

/**
 * What LMDB shows after a kill need not be on the disk. Until it is, the records of the journal that it came from may not be
 * overwritten: a power cut would leave neither.
 * @param through the last record that LMDB shows; undefined when nothing is going to be overwritten
 * @returns resolves at once when there is nothing to do, throws when LMDB refuses, and tries again with the next call
 */
function createSync(database: Database, through: number | undefined): () => Promise<void> | undefined {
  let isDone = through === undefined;
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    try {
      await markThrough(database, through ?? 0);
      isDone = true;
    } finally {
      running = undefined;
    }
  };
  return () => {
    if (isDone) return undefined;
    running ??= run();
    return running;
  };
}

interface Background {
  /** Runs the work once, a little later. */
  soon(): void;
  /** Runs the work once more and then something else, with nothing of the work in between. @throws what they throw */
  afterwards(run: () => Promise<void>): Promise<void>;
}

function createBackground(work: () => Promise<void>, onEnd: (failure: Error | undefined) => void): Background {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const next = (run: () => Promise<void>): Promise<void> => {
    const ran = running.then(run);
    running = ran.catch(() => undefined);
    return ran;
  };
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      next(work).then(
        () => onEnd(undefined),
        (error: Error) => {
          onEnd(error);
          soon();
        },
      );
    }, checkpointEveryMs);
  };
  return {
    soon,
    afterwards: async (run) => {
      clearTimeout(timer);
      timer = undefined;
      await next(async () => {
        await work();
        await run();
      });
    },
  };
}
