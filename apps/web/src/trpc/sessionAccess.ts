/**
 * What a person may do with a session. Supervisors and admins: everything. An agent, by his assignments to it:
 *   - is rung for it: learn who is calling, and end it, but not read what was said to others;
 *   - serves it: read and end it;
 *   - has served it: read it;
 *   - was only rung, or never had it: nothing.
 */
import { type Assignment, servedReasons } from '@repo/db/assignments';
import type { HelpdeskSession } from '@repo/db/helpdeskSessions';
import { TRPCError } from '@trpc/server';
import type { SignedInPerson } from '../auth/verifySignIn.ts';
import type { Records } from './records.ts';

export interface AccessibleSession {
  readonly session: HelpdeskSession;
  readonly assignments: readonly Assignment[];
  readonly mayRead: boolean;
  readonly mayEnd: boolean;
}

/**
 * A session that a person has to do with.
 * @throws TRPCError NOT_FOUND both for an unknown session and for one that is not his, so that ids cannot be probed.
 */
export async function accessibleSession(
  records: Records,
  person: SignedInPerson,
  session: HelpdeskSession | undefined,
): Promise<AccessibleSession> {
  if (session) {
    const assignments = await records.assignmentsOf(session.id);
    const seesAll = person.role === 'admin' || person.role === 'supervisor';
    const own = ofPerson(person, assignments);
    const holds = own.some(({ releasedAt }) => releasedAt === undefined);
    const hasServed = own.some(({ releaseReason }) => servedReasons.includes(releaseReason ?? ''));
    const mayRead = seesAll || hasServed || (holds && session.state === 'serving');
    if (mayRead || holds) return { session, assignments, mayRead, mayEnd: seesAll || holds };
  }
  throw notFound();
}

/**
 * A session whose transcript and timeline a person may read.
 * @throws TRPCError NOT_FOUND, as {@link accessibleSession}
 */
export async function readableSession(
  records: Records,
  person: SignedInPerson,
  found: HelpdeskSession | undefined,
): Promise<Pick<AccessibleSession, 'session' | 'assignments'>> {
  const { mayRead, session, assignments } = await accessibleSession(records, person, found);
  if (!mayRead) throw notFound();
  return { session, assignments };
}

function ofPerson(person: SignedInPerson, assignments: readonly Assignment[]): readonly Assignment[] {
  const own = person.sipUri.toLowerCase();
  return assignments.filter(({ personUri }) => personUri?.toLowerCase() === own);
}

function notFound(): TRPCError {
  return new TRPCError({ code: 'NOT_FOUND', message: 'There is no such session.' });
}
