/** The sessions: list and whole timeline. */
import type { HelpdeskSession } from '@repo/db/helpdeskSessions';
import { z } from 'zod';
import { readableSession } from '../sessionAccess.ts';
import { guardedProcedure, router } from '../trpc.ts';

function describe({ id, state, visitorName, subject, startedAt, endedAt, endReason }: HelpdeskSession) {
  return { id, state, visitorName, subject, startedAt, endedAt, endReason };
}

export const helpdeskSessions = router({
  /** Newest first; an agent gets only his own. */
  list: guardedProcedure
    .input(z.object({ limit: z.number().int().min(1).max(200).default(50), before: z.date().optional() }))
    .query(async ({ ctx, input }) => {
      const sessions = await ctx.records.listSessions({
        limit: input.limit,
        ...(input.before ? { before: input.before } : {}),
        ...(ctx.person.role === 'agent' ? { personUri: ctx.person.sipUri } : {}),
      });
      return sessions.map((session) => ({
        ...describe(session),
        helpdeskName: session.helpdeskName,
        agentName: session.agentName,
        agentUri: session.agentUri,
      }));
    }),

  /** One session with everything that happened to it, in the order in which it was recorded. */
  byId: guardedProcedure.input(z.object({ id: z.string().max(100) })).query(async ({ ctx, input }) => {
    const found = await ctx.records.findSession(input.id);
    const { session, assignments } = await readableSession(ctx.records, ctx.person, found);
    const timeline = await ctx.records.sessionTimeline(session.id);
    return { session: { ...describe(session), page: session.page }, timeline, assignments: [...assignments] };
  }),
});
