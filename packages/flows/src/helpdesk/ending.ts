/** What the end of a session does, step by step; when each is done is asked in endGuards.ts, the states are in machine.ts. */
import type { CloseReason } from './commands.ts';
import type { HelpdeskContext } from './context.ts';
import { isVisitorGone } from './endGuards.ts';
import { disarm, issue, nextN, note, order, outcomeOf, say } from './issue.ts';
import type { FlowInput, Move } from './moves.ts';

export interface EndParams {
  readonly reason: CloseReason | 'visitorGone';
  /** What is said to a visitor who is still there. */
  readonly farewell?: 'noAgent' | 'goodbye';
}

const reasonNotes: Readonly<Record<CloseReason, string>> = {
  visitorLeft: 'The visitor has left',
  visitorCanceled: 'The visitor gave up before he was connected',
  missed: 'The invitation ran out before the visitor was connected',
  agentEnded: 'The chat was ended at the desk',
  noAgent: 'No agent is left',
  linkMissing: 'The invitation lacks the link startAdhocMeeting or acceptAndBridge',
  startFailed: 'The visitor could not be connected',
  startTimeout: 'Connecting the visitor took too long',
  meetingLost: 'The meeting is gone',
  bridgeLost: 'The bridge is gone',
};

/** Fixes why the session ends, and frees the agent. */
export function beginEnd(context: HelpdeskContext, { settings }: FlowInput, params: EndParams): HelpdeskContext {
  const reason = params.reason === 'visitorGone' ? visitorsReason(context) : params.reason;
  const texts = { noAgent: settings.noAgentText, goodbye: settings.goodbyeText };
  const farewell = params.farewell && { purpose: params.farewell, text: texts[params.farewell] };
  const noted = note({ ...context, end: { reason, farewell } }, `${reasonNotes[reason]}: ending the session`);
  if (noted.agent === undefined) return noted;
  const { uri: agentUri, joined, refused } = noted.agent;
  const served = joined || refused === 'left';
  return order(
    { ...noted, agent: undefined },
    { name: 'releaseAgent', agentUri, reason: served ? 'sessionEnded' : 'endedUnanswered' },
  );
}

function visitorsReason({ invitation }: HelpdeskContext): CloseReason {
  if (invitation?.outcome === 'Success') return 'visitorLeft';
  const subcode = invitation?.subcode;
  return subcode === 'Missed' || subcode === 'Timeout' ? 'missed' : 'visitorCanceled';
}

export const sayFarewell: Move = (context) => {
  const { end } = context;
  if (end?.farewell === undefined || context.c1.gone) return context;
  const said = say(context, end.farewell.purpose, end.farewell.text);
  if (said === undefined) return context;
  return note({ ...said, end: { ...end, farewellN: said.counters.sendMessage } }, 'Telling the visitor');
};

/** Declines an invitation that we have not accepted, and deletes C1 otherwise. */
export const releaseVisitor: Move = (context) => {
  const { end, invitation } = context;
  if (end === undefined || isVisitorGone(context)) return context;
  const href = invitation?.declineHref;
  const accepted =
    context.counters.acceptAndBridge !== undefined && outcomeOf(context, 'acceptAndBridge', 1) !== 'failed';
  if (href === undefined || invitation?.outcome !== undefined || accepted) return leaveC1(context);
  const declineN = nextN(context, 'decline');
  const issued = issue(context, { name: 'decline', href, reason: end.reason });
  return note({ ...issued, end: { ...end, declineN } }, 'Declining the invitation');
};

/** Deletes the visitor's conversation, once. */
export function leaveC1(context: HelpdeskContext): HelpdeskContext {
  const { end } = context;
  const href = context.c1.conversationHref;
  if (end === undefined || href === undefined || end.leaveC1N !== undefined || isVisitorGone(context)) return context;
  const leaveC1N = nextN(context, 'terminateConversation');
  const issued = issue(context, { name: 'terminateConversation', href, leg: 'C1' });
  return note({ ...issued, end: { ...end, leaveC1N } }, "Ending the visitor's conversation");
}

export const terminateMeeting: Move = (context) => {
  const { end } = context;
  const href = context.meeting.terminateOnlineMeetingHref;
  if (end === undefined || href === undefined || end.terminateN !== undefined || context.c2.gone) return context;
  const terminateN = nextN(context, 'terminateOnlineMeeting');
  const issued = issue(context, { name: 'terminateOnlineMeeting', href });
  return note({ ...issued, end: { ...end, terminateN } }, 'Ending the meeting for everyone');
};

/** Step 20. Also after the meeting was ended for all, when C2's deletion may be on its way already. */
export const leaveC2: Move = (context) => {
  const { end } = context;
  const href = context.c2.conversationHref;
  if (end === undefined || href === undefined || end.leaveC2N !== undefined) return context;
  if (context.c2.gone && end.terminateN === undefined) return context;
  const leaveC2N = nextN(context, 'terminateConversation');
  const issued = issue(context, { name: 'terminateConversation', href, leg: 'C2' });
  return note({ ...issued, end: { ...end, leaveC2N } }, 'Leaving the meeting');
};

/** The platform did not confirm the end in time: whatever was not asked for yet is asked for now, unwatched. */
export const abandonRest: Move = (context, input) => {
  const noted = note(context, 'The platform did not confirm the end in time');
  const visitorAsked = noted.end?.declineN !== undefined || noted.end?.leaveC1N !== undefined;
  const steps = [...(visitorAsked ? [] : [releaseVisitor]), terminateMeeting, ...(noted.c2.gone ? [] : [leaveC2])];
  return steps.reduce((sofar, step) => step(sofar, input), noted);
};

export const closeSession: Move = (context, { type }) => {
  const timers = ['startTimeout', 'ringTimeout', 'endTimeout'] as const;
  const disarmed = timers.reduce((sofar, timer) => disarm(sofar, timer, type === `timer.${timer}`), context);
  const reason = context.end?.reason ?? 'visitorLeft';
  return note(order({ ...disarmed, unbridging: [] }, { name: 'closeSession', reason }), 'The session is closed');
};
