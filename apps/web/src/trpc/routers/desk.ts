/** What the desk asks the service application for; the chat itself goes straight to the platform. */
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { accessibleSession } from '../sessionAccess.ts';
import { guardedProcedure, router } from '../trpc.ts';
import { readTranscript } from './transcripts.ts';

/** Three missed heartbeats, and nobody is rung at a desk that is gone. */
const presenceLeaseMs = 30_000;

const sessionId = z.string().min(1).max(100);

export const desk = router({
  /** Where to sign in to UCWA, and with what. */
  connection: guardedProcedure.query(async ({ ctx }) => {
    const { token, expiresAt } = await ctx.service.issueAgentToken(ctx.person.sipUri);
    return {
      rootHref: `${ctx.service.platformUrl.replace(/\/$/, '')}/autodiscover/root`,
      token,
      expiresAt: expiresAt.getTime(),
      sipUri: ctx.person.sipUri,
      name: ctx.person.name,
    };
  }),

  /**
   * The session behind a meeting that this person was invited to: who is calling, and once he has joined everything
   * said so far.
   */
  sessionByMeeting: guardedProcedure
    .input(z.object({ onlineMeetingUri: z.string().min(1).max(500) }))
    .query(async ({ ctx, input }) => {
      const found = await ctx.records.findSessionByMeetingUri(input.onlineMeetingUri);
      const { session, mayRead } = await accessibleSession(ctx.records, ctx.person, found);
      return {
        id: session.id,
        visitorName: session.visitorName ?? 'Visitor',
        subject: session.subject,
        page: session.page,
        state: session.state,
        endReason: session.endReason,
        messages: mayRead ? await readTranscript(ctx.records, session) : [],
      };
    }),

  /** Says that this desk is there. Must be repeated within 30 s or the person counts as offline. */
  heartbeat: guardedProcedure
    .input(z.object({ status: z.enum(['available', 'away', 'offline']) }))
    .mutation(async ({ ctx, input }) => {
      const until = new Date(ctx.now().getTime() + presenceLeaseMs);
      await ctx.records.renewPresence({ sipUri: ctx.person.sipUri, status: input.status, until });
      return { until };
    }),

  /** Ends a chat for everybody in it; one that is over stays as it is. */
  endSession: guardedProcedure.input(z.object({ sessionId })).mutation(async ({ ctx, input }) => {
    const found = await ctx.records.findSession(input.sessionId);
    const { session, mayEnd } = await accessibleSession(ctx.records, ctx.person, found);
    if (session.state === 'ending' || session.endedAt) return;
    if (!mayEnd) throw new TRPCError({ code: 'FORBIDDEN', message: 'This chat is not yours any more.' });
    await ctx.service.endSession({ sessionId: session.id, byUri: ctx.person.sipUri });
  }),

  /** The last sessions that this person has or has served, newest first. */
  mySessions: guardedProcedure.query(async ({ ctx }) => {
    const sessions = await ctx.records.listSessions({ limit: 20, personUri: ctx.person.sipUri });
    return sessions.map(({ id, visitorName, subject, startedAt, endedAt, endReason }) => ({
      id,
      visitorName: visitorName ?? 'Visitor',
      subject,
      startedAt,
      endedAt,
      endReason,
    }));
  }),
});
