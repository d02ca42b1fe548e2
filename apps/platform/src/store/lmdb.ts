/**
 * The embedded engine: one folder, owned by one process. Commits are durable in a journal (journal.ts) before they are answered,
 * and LMDB follows about a second behind (checkpoint.ts). After a kill the journal is run over LMDB; after a close it is empty.
 */
import { mkdirSync } from 'node:fs';
import { open } from 'lmdb';
import { checkpoint, checkpointSync } from './checkpoint.ts';
import { checkFormat } from './format.ts';
import { GroupCommit } from './groupCommit.ts';
import { Journal, readJournal } from './journal.ts';
import { linesOf, writesOf } from './journalLines.ts';
import { type Database, LmdbReader } from './lmdbLayout.ts';
import { formatOf, migrate } from './migrations.ts';
import { Resident } from './resident.ts';
import type { Store } from './store.ts';

const checkpointEveryMs = 1_000;

export interface LmdbStore extends Store {
  /** Writes a consistent copy into an existing, empty folder while commits go on; everything that was answered before is in it. */
  copyTo(folder: string): Promise<void>;
}

/**
 * Opens the store in a folder, which is made when it is missing. Data of earlier releases is migrated first.
 * @throws when the folder cannot be written; StoreFormatError when a newer release has written the data; JournalGapError when the
 *   journal does not belong to it
 */
export function openLmdbStore(folder: string): LmdbStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database: Database = open({ path: folder, noSubdir: false });
  const { resident, journal } = recover(folder, database);
  const background = createBackground(async () => {
    const through = journal.last;
    await checkpoint(database, resident, through);
    journal.stored(through);
  });
  const group = new GroupCommit(resident, async (writes) => {
    await journal.append(linesOf(writes, resident));
    background.soon();
  });
  return {
    commit: (decide) => group.commit(decide),
    read: async (look) => look(resident),
    // A copy in the middle of a checkpoint would have half of it.
    copyTo: (target) => background.afterwards(() => database.backup(target, false)),
    close: async () => {
      await group.settled();
      await background.afterwards(async () => journal.close());
      await database.close();
    },
  };
}

/** Brings LMDB up to what was answered before the process ended, and the data to the format of this release. */
function recover(folder: string, database: Database): { resident: Resident; journal: Journal } {
  const through = new LmdbReader(database).journalled();
  const { records, end } = readJournal(folder, through);
  const last = records.at(-1)?.number ?? through;
  if (records.length > 0) {
    checkFormat(formatOf(database));
    const resident = new Resident(new LmdbReader(database));
    for (const { text } of records) resident.apply(writesOf(text, resident));
    checkpointSync(database, resident, last);
  }
  migrate(database);
  return { resident: new Resident(new LmdbReader(database)), journal: new Journal(folder, end, last) };
}

interface Background {
  /** Runs the work once, a little later. */
  soon(): void;
  /** Runs the work once more and then something else, with nothing of the work in between. @throws what they throw */
  afterwards(run: () => Promise<void>): Promise<void>;
}

function createBackground(work: () => Promise<void>): Background {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const next = (run: () => Promise<void>): Promise<void> => {
    const ran = running.then(run);
    running = ran.catch(() => undefined);
    return ran;
  };
  const soon = (): void => {
    timer ??= setTimeout(() => {
      // The journal keeps what LMDB has refused; the next round tries again.
      next(work).catch(soon);
      timer = undefined;
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
