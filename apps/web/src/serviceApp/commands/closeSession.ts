import { releaseAgent } from '@repo/db/assignments';
import type { Queries } from '@repo/db/client';
import { saveSession } from '@repo/db/helpdeskSessions';
import { cancelTimers } from '@repo/db/timers';
import type { CloseSession } from '@repo/flows/helpdesk/commands';
import type { Done } from './internalCommand.ts';

/** The end of a session: nothing of it waits any longer, and whoever had it has room again. */
export async function closeSession(
  transaction: Queries,
  sessionId: string,
  command: CloseSession,
  now: Date,
): Promise<Done> {
  const { reason } = command;
  await cancelTimers(transaction, sessionId);
  await releaseAgent(transaction, { sessionId, reason: 'endedUnanswered', now });
  await saveSession(transaction, sessionId, { endedAt: now, endReason: reason });
  return { events: [], data: { reason } };
}
