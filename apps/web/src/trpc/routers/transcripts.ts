/** What was said in a session: to the visitor, and among the staff. */
import type { HelpdeskSession } from '@repo/db/helpdeskSessions';
import type { RecordedMessage } from '@repo/db/transcripts';
import { z } from 'zod';
import type { Records } from '../records.ts';
import { readableSession } from '../sessionAccess.ts';
import { guardedProcedure, router } from '../trpc.ts';

export interface TranscriptMessage {
  readonly timeStamp: number;
  readonly author: RecordedMessage['author'];
  /** False when the platform said that it did not arrive. */
  readonly delivered: boolean;
  /** Internal: said in the meeting only, the visitor never saw it. */
  readonly audience: 'visitor' | 'internal';
  readonly senderUri: string | undefined;
  readonly senderName: string;
  readonly text: string;
}

/** The whole record of a session, for staff: both tables in the one order of their time stamps. */
export async function readTranscript(records: Records, session: HelpdeskSession): Promise<TranscriptMessage[]> {
  const [said, internal] = await Promise.all([
    records.visitorMessages(session.id),
    records.internalMessages(session.id),
  ]);
  return [
    ...said.map((message) => translate(message, 'visitor')),
    ...internal.map((message) => translate(message, 'internal')),
  ].sort((one, other) => one.timeStamp - other.timeStamp);
}

function translate(message: RecordedMessage, audience: TranscriptMessage['audience']): TranscriptMessage {
  const { timeStampMs, author, delivered, senderUri, senderName, text } = message;
  return { timeStamp: timeStampMs, author, delivered, audience, senderUri, senderName, text };
}

export const transcripts = router({
  bySession: guardedProcedure.input(z.object({ sessionId: z.string().max(100) })).query(async ({ ctx, input }) => {
    const { session } = await readableSession(ctx.records, ctx.person, await ctx.records.findSession(input.sessionId));
    return readTranscript(ctx.records, session);
  }),
});
