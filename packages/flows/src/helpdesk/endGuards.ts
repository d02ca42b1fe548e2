/** The questions that the transitions of the end ask; those of the open session are in guards.ts. */
import type { HelpdeskContext } from './context.ts';
import { outcomeOf } from './issue.ts';

/** The visitor's leg is deleted, or his invitation has failed so that it is about to be. */
export function isVisitorGone({ c1, invitation }: HelpdeskContext): boolean {
  return c1.gone || invitation?.outcome === 'Failure';
}

/** Said, refused, or never to be said. */
export function isFarewellOver(context: HelpdeskContext): boolean {
  const n = context.end?.farewellN;
  return n === undefined || context.c1.gone || outcomeOf(context, 'sendMessage', n) !== undefined;
}

/** The invitation could not be declined, and the visitor still waits. */
export function isDeclineRefused(context: HelpdeskContext): boolean {
  return outcomeOf(context, 'decline', context.end?.declineN) === 'failed' && !isVisitorGone(context);
}

/** The visitor has gone, was let go, or was never to be. */
export function isVisitorReleased(context: HelpdeskContext): boolean {
  const { end } = context;
  if (isVisitorGone(context) || (end?.declineN === undefined && end?.leaveC1N === undefined)) return true;
  if (end.leaveC1N !== undefined) return outcomeOf(context, 'terminateConversation', end.leaveC1N) !== undefined;
  return outcomeOf(context, 'decline', end.declineN) === 'succeeded';
}

/** No meeting was asked for, or none came of it. */
export function isWithoutMeeting({ c2, counters, outcomes, meeting }: HelpdeskContext): boolean {
  if (c2.conversationHref !== undefined) return false;
  if (counters.startAdhocMeeting === undefined) return true;
  return outcomes['startAdhocMeeting:1'] === 'failed' || meeting.joined === 'Failure';
}

/** The meeting can be ended for everyone, and was not yet asked to. */
export function canTerminateMeeting({ end, meeting, c2 }: HelpdeskContext): boolean {
  return end?.terminateN === undefined && meeting.terminateOnlineMeetingHref !== undefined && !c2.gone;
}

/** The meeting is over or cannot be ended for all; what is left is to leave it. */
export function isMeetingTerminated(context: HelpdeskContext): boolean {
  const { end, meeting, c2 } = context;
  if (c2.conversationHref === undefined) return false;
  if (end?.terminateN !== undefined) return outcomeOf(context, 'terminateOnlineMeeting', end.terminateN) !== undefined;
  return c2.gone || (meeting.joined !== undefined && meeting.terminateOnlineMeetingHref === undefined);
}

/** Our own leg was left, or could not be. */
export function isMeetingLeft(context: HelpdeskContext): boolean {
  const n = context.end?.leaveC2N;
  return n === undefined || outcomeOf(context, 'terminateConversation', n) !== undefined;
}

/** Both legs are deleted, as far as there were any. */
export function isSettled({ c1, c2 }: HelpdeskContext): boolean {
  return (c1.gone || c1.conversationHref === undefined) && (c2.gone || c2.conversationHref === undefined);
}
