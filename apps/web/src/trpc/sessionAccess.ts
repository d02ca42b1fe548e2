/** Which session a person may see: supervisors and admins all of them, an agent those that were given to him. */
import type { Assignment } from '@repo/db/assignments';
import type { HelpdeskSession } from '@repo/db/helpdeskSessions';
import { TRPCError } from '@trpc/server';
import type { SignedInPerson } from '../auth/verifySignIn.ts';
import type { Records } from './records.ts';

export interface VisibleSession {
  readonly session: HelpdeskSession;
  readonly assignments: readonly Assignment[];
}

/**
 * Reads a session for a person.
 * @throws TRPCError NOT_FOUND both for an unknown session and for one that is not his, so that ids cannot be probed.
 */
export async function visibleSession(
  records: Records,
  person: SignedInPerson,
  session: HelpdeskSession | undefined,
): Promise<VisibleSession> {
  if (session) {
    const assignments = await records.assignmentsOf(session.id);
    const seesAll = person.role === 'admin' || person.role === 'supervisor';
    const own = person.sipUri.toLowerCase();
    if (seesAll || assignments.some(({ personUri }) => personUri?.toLowerCase() === own)) {
      return { session, assignments };
    }
  }
  throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no such session.' });
}
