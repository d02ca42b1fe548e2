/**
 * After a long outage the platform has given callbacks up: a session may wait for one that never comes. Phases:
 *   1. when the worker starts and every five minutes: list the open sessions of which nothing was heard for a while
 *   2. one after another, outside of any transaction: is the visitor's conversation still there?
 *   3. when the platform says that it is gone, and nothing was heard meanwhile: the step that its deletion would have
 *      caused. Any other answer, or none, changes nothing.
 */

import { lockSession } from '@repo/db/helpdeskSessions';
import { findHelpdesk } from '@repo/db/helpdesks';
import { type SilentSession, silentSessions } from '@repo/db/silentSessions';
import { conversationLost } from '@repo/flows/helpdesk/conversationLost';
import { ConnectionError, isGone, UcwaError } from '@repo/ucwa-client/errors';
import type { Deps } from './deps.ts';
import { stepSession } from './stepSession.ts';

const everyMs = 5 * 60_000;
const silenceMs = 2 * 60_000;
/** Sessions in one go; those behind them come next time. */
const limit = 100;

type ReconcileDeps = Pick<Deps, 'db' | 'clock' | 'log' | 'readResource' | 'wake'>;

/**
 * Makes the work that finds the ends that no callback told.
 * @returns a function that looks at one session, and says whether there was one to look at
 */
export function createReconcile(deps: ReconcileDeps) {
  const { clock, db } = deps;
  let dueAt = 0;
  let waiting: SilentSession[] = [];
  /** Where the list in hand began, and where the next one begins. */
  let from: string | undefined;
  let next: string | undefined;

  return async (): Promise<boolean> => {
    const now = clock.now();
    if (waiting.length === 0) {
      if (now < dueAt) return false;
      dueAt = now + everyMs;
      from = next;
      const after = from === undefined ? {} : { afterId: from };
      waiting = await silentSessions(db, { since: new Date(now - silenceMs), limit, ...after });
      next = waiting.length === limit ? waiting.at(-1)?.id : undefined;
    }
    const session = waiting.shift();
    if (!session) return false;
    const answer = await lookFor(deps, session);
    if (answer === 'gone') await endLost(deps, session);
    if (answer === 'none') {
      // The others would not be answered either; next time they are asked about again.
      waiting = [];
      next = from;
    }
    return true;
  };
}

async function lookFor({ readResource, log }: ReconcileDeps, session: SilentSession) {
  try {
    await readResource(session.conversationHref);
    return 'there';
  } catch (error) {
    if (isGone(error)) return 'gone';
    const failure = error instanceof Error ? error.message : 'unknown';
    log.warn({ sessionId: session.id, failure }, 'a conversation could not be looked for');
    const answered = (error instanceof UcwaError || error instanceof ConnectionError) && error.status !== undefined;
    return answered ? 'refused' : 'none';
  }
}

async function endLost(deps: ReconcileDeps, { id, conversationHref }: SilentSession): Promise<void> {
  const now = new Date(deps.clock.now());
  await deps.db.inTransaction(async (transaction) => {
    const session = await lockSession(transaction, id);
    const since = new Date(now.getTime() - silenceMs);
    const [silent] = await silentSessions(transaction, { since, limit: 1, id });
    const helpdesk = session && silent && (await findHelpdesk(transaction, session.helpdeskId));
    if (!session || !helpdesk) return;
    await stepSession(transaction, { session, helpdesk, events: [conversationLost(conversationHref)], now });
    deps.log.info({ sessionId: id }, 'a conversation had ended unheard');
  });
  deps.wake();
}
