import { lockSession } from '@repo/db/helpdeskSessions';
import { findHelpdesk } from '@repo/db/helpdesks';
import type { Deps } from './deps.ts';
import { SessionNotFoundError } from './errors.ts';
import { stepSession } from './stepSession.ts';

/**
 * Ends a chat on behalf of an agent or supervisor. The caller has made sure that this person may. What has to be told
 * to the platform is in the outbox when this returns; a session that is over stays as it is.
 * @throws {SessionNotFoundError}
 */
export async function endSession(
  deps: Pick<Deps, 'db' | 'clock' | 'wake'>,
  { sessionId, byUri }: { readonly sessionId: string; readonly byUri: string },
): Promise<void> {
  await deps.db.inTransaction(async (transaction) => {
    const session = await lockSession(transaction, sessionId);
    const helpdesk = session && (await findHelpdesk(transaction, session.helpdeskId));
    if (!session || !helpdesk) throw new SessionNotFoundError(`no helpdesk session ${sessionId}`);
    const now = new Date(deps.clock.now());
    await stepSession(transaction, { session, helpdesk, events: [{ type: 'agent.ended', byUri }], now });
  });
  deps.wake();
}
