/**
 * Works on the stored batches of one session, in order, each in one transaction:
 *   1. lock the session; the next batch is read under the lock, so two workers never work on the same one
 *   2. the batch becomes events (`fromCallback`), the events a step (stepSession.ts)
 *   3. the batch is marked as done in the same commit: a crash before it leaves everything as it was
 * A batch that cannot be worked on is tried again later, and put aside after the last attempt: the session goes on.
 */
import {
  finishCallback,
  nextCallback,
  postponeCallback,
  sessionsWithCallbacks,
  type WaitingCallback,
} from '@repo/db/callbackInbox';
import type { Queries } from '@repo/db/client';
import { type LockedSession, lockSession } from '@repo/db/helpdeskSessions';
import { findHelpdesk } from '@repo/db/helpdesks';
import { appendSessionEvents } from '@repo/db/sessionEvents';
import { fromCallback } from '@repo/flows/helpdesk/fromCallback';
import { backOffMs } from './backOff.ts';
import type { Deps } from './deps.ts';
import { readBatch } from './readBatch.ts';
import { stepSession, summaryOfSession } from './stepSession.ts';

const maxAttempts = 6;

/** Sessions to look at in one go. */
const page = 50;

/**
 * Works on everything that waits for one session that `isFree`.
 * @returns false when nothing was worked on
 */
export async function processInbox(
  deps: Pick<Deps, 'db' | 'clock' | 'log' | 'wake'>,
  sessions: { isFree(sessionId: string): boolean; hold<T>(sessionId: string, act: () => Promise<T>): Promise<T> },
): Promise<boolean> {
  const waiting = await sessionsWithCallbacks(deps.db, new Date(deps.clock.now()), page);
  for (const sessionId of waiting) {
    if (!sessions.isFree(sessionId)) continue;
    const worked = await sessions.hold(sessionId, () => processAll(deps, sessionId));
    // Another instance may have been faster; then the next session is looked at.
    if (worked) return true;
  }
  return false;
}

async function processAll(deps: Pick<Deps, 'db' | 'clock' | 'log' | 'wake'>, sessionId: string): Promise<boolean> {
  let worked = false;
  while (await processNext(deps, sessionId)) {
    worked = true;
    deps.wake();
  }
  return worked;
}

async function processNext(deps: Pick<Deps, 'db' | 'clock' | 'log'>, sessionId: string): Promise<boolean> {
  const now = new Date(deps.clock.now());
  let current: WaitingCallback | undefined;
  try {
    return await deps.db.inTransaction(async (transaction) => {
      const session = await lockSession(transaction, sessionId);
      current = session && (await nextCallback(transaction, sessionId, now));
      if (!session || !current) return false;
      await work(transaction, session, current, now);
      await finishCallback(transaction, current.id, now);
      return true;
    });
  } catch (error) {
    if (!current) throw error;
    await putOff(deps, sessionId, current, error);
    return true;
  }
}

async function work(transaction: Queries, session: LockedSession, callback: WaitingCallback, now: Date): Promise<void> {
  const helpdesk = await findHelpdesk(transaction, session.helpdeskId);
  if (!helpdesk) throw new TypeError('a session without its helpdesk');
  const { batch } = readBatch(callback.body);
  const events = fromCallback(batch, summaryOfSession(session));
  await stepSession(transaction, { session, helpdesk, events, now });
}

async function putOff(
  deps: Pick<Deps, 'db' | 'clock' | 'log'>,
  sessionId: string,
  callback: WaitingCallback,
  error: unknown,
): Promise<void> {
  const now = new Date(deps.clock.now());
  const attempts = callback.attempts + 1;
  const failure = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : 'unknown';
  const gaveUp = attempts >= maxAttempts;
  deps.log.error({ sessionId, ack: callback.ack, attempts, gaveUp, failure }, 'a callback could not be worked on');
  if (!gaveUp) {
    await postponeCallback(deps.db, callback.id, new Date(now.getTime() + backOffMs(attempts)), failure);
    return;
  }
  await deps.db.inTransaction(async (transaction) => {
    await lockSession(transaction, sessionId);
    await finishCallback(transaction, callback.id, now, failure);
    const data = { ack: callback.ack, attempts, failed: true };
    await appendSessionEvents(transaction, sessionId, [{ at: now, kind: 'callback', name: 'batch.failed', data }]);
  });
}
