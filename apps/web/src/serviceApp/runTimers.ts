import { lockSession } from '@repo/db/helpdeskSessions';
import { findHelpdesk } from '@repo/db/helpdesks';
import { type DueTimer, takeTimer, timersDue } from '@repo/db/timers';
import type { TimerName } from '@repo/flows/helpdesk/commands';
import type { Deps } from './deps.ts';
import { stepSession } from './stepSession.ts';

const page = 50;

/**
 * Fires the timers whose time has come. Taking a timer away and the step it causes are one commit, so it fires once,
 * whichever worker is first, and again when that worker dies before the commit.
 * @returns false when none was due
 */
export async function runTimers(deps: Pick<Deps, 'db' | 'clock' | 'log' | 'wake'>): Promise<boolean> {
  const due = await timersDue(deps.db, new Date(deps.clock.now()), page);
  let fired = false;
  for (const timer of due) fired = (await fire(deps, timer)) || fired;
  if (fired) deps.wake();
  return fired;
}

async function fire(deps: Pick<Deps, 'db' | 'clock' | 'log'>, timer: DueTimer): Promise<boolean> {
  const { sessionId } = timer;
  const now = new Date(deps.clock.now());
  try {
    return await deps.db.inTransaction(async (transaction) => {
      const session = await lockSession(transaction, sessionId);
      if (!session || !(await takeTimer(transaction, timer))) return false;
      const helpdesk = await findHelpdesk(transaction, session.helpdeskId);
      // Timers are scheduled by commands only, so the name is one of theirs.
      const type = `timer.${timer.name as TimerName}` as const;
      const events = [{ type, dueAt: timer.dueAt.getTime() }];
      if (helpdesk) await stepSession(transaction, { session, helpdesk, events, now });
      return true;
    });
  } catch (error) {
    const failure = error instanceof Error ? error.message : 'unknown';
    deps.log.error({ sessionId, timer: timer.name, failure }, 'a timer could not be fired');
    return false;
  }
}
