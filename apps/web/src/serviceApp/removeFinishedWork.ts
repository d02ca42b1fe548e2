import { removeFinishedWork as remove } from '@repo/db/finishedWork';
import type { Deps } from './deps.ts';

/** How long batches and commands are kept after the end of their session, in milliseconds: for looking into a complaint. */
const keptMs = 7 * 24 * 3_600_000;
const everyMs = 3_600_000;
/** Rows of each table in one go; the rest waits for the next hour. */
const limit = 5_000;

/**
 * Makes the work that clears the two queues of long-ended sessions, about once an hour.
 * @returns a function that does it when its time has come, and says whether anything was removed
 */
export function createRemoveFinishedWork({ db, clock, log }: Pick<Deps, 'db' | 'clock' | 'log'>) {
  let dueAt = 0;
  return async (): Promise<boolean> => {
    const now = clock.now();
    if (now < dueAt) return false;
    dueAt = now + everyMs;
    const removed = await remove(db, { endedBefore: new Date(now - keptMs), limit });
    if (removed.callbacks + removed.commands === 0) return false;
    log.info(removed, 'work of ended sessions removed');
    return true;
  };
}
