/** The questions that the transitions of the open session ask; those of its end are in endGuards.ts. */
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import type { HelpdeskContext } from './context.ts';
import { outcomeOf } from './issue.ts';
import type { FlowInput } from './moves.ts';

/** A visitor has called. */
export function isInvited({ invitation }: HelpdeskContext): boolean {
  return invitation !== undefined;
}

/** The invitation cannot lead to a meeting: without these two links there is no way on. */
export function isLinkMissing({ invitation }: HelpdeskContext): boolean {
  if (invitation === undefined) return false;
  return invitation.startAdhocMeetingHref === undefined || invitation.acceptAndBridgeHref === undefined;
}

/** We are in the meeting, know its uri, and may join its messaging. */
export function isMeetingReady({ meeting, c2 }: HelpdeskContext): boolean {
  return meeting.joined === 'Success' && meeting.onlineMeetingUri !== undefined && c2.addMessagingHref !== undefined;
}

/** We read and write in the meeting. */
export function isMessagingJoined({ meeting }: HelpdeskContext): boolean {
  return meeting.messagingJoined === 'Success';
}

/** Step 10 is complete: the bridge can take participants and the visitor can be written to. */
export function isBridged({ invitation, bridge, c1 }: HelpdeskContext): boolean {
  return (
    invitation?.outcome === 'Success' &&
    bridge.bridgedParticipantsHref !== undefined &&
    c1.sendMessageHref !== undefined
  );
}

/** Whatever else comes, the visitor will not be connected. */
export function isStartFailed(context: HelpdeskContext): boolean {
  const { meeting, c2, bridge } = context;
  return (
    meeting.joined === 'Failure' ||
    meeting.messagingJoined === 'Failure' ||
    c2.gone ||
    bridge.gone ||
    (['startAdhocMeeting', 'addMessaging', 'acceptAndBridge'] as const).some(
      (name) => outcomeOf(context, name, 1) === 'failed',
    )
  );
}

const closing: readonly (string | undefined)[] = ['Disconnecting', 'Disconnected'];

/** The first callbacks of step 19: messaging or C1 itself is being torn down, the deletion is to follow. */
export function isVisitorLeaving({ c1 }: HelpdeskContext): boolean {
  return closing.includes(c1.messagingState) || closing.includes(c1.state);
}

/** Our meeting leg went (reference/call-flow.md F7, F11). */
export function isMeetingLost({ c2 }: HelpdeskContext): boolean {
  return c2.gone;
}

/** The bridge went while the visitor is still connected (reference/call-flow.md F12). */
export function isBridgeLost(context: HelpdeskContext): boolean {
  return context.bridge.gone && !isVisitorLeaving(context);
}

/** The agent may be heard by the visitor. */
export function isAgentBridged({ agent }: HelpdeskContext): boolean {
  return agent?.bridged === true;
}

/** The agent will not come, or has gone. */
export function hasAgentRefused({ agent }: HelpdeskContext): boolean {
  return agent?.refused !== undefined;
}

/** The agent is to be rung and was not yet. */
export function canInvite({ agent, c2 }: HelpdeskContext): boolean {
  return agent !== undefined && !agent.joined && agent.inviteN === undefined && c2.addParticipantHref !== undefined;
}

/** The agent is in the meeting. */
export function hasAgentJoined({ agent }: HelpdeskContext): boolean {
  return agent?.joined === true;
}

/** Whether the agent who was assigned had his turn already. */
export function wasPassedOver(context: HelpdeskContext, { event }: FlowInput): boolean {
  return event.type === 'agentAssigned' && context.passedOver.includes(normalizeSipUri(event.agentUri));
}

/** Whether the timer that went off is the one that is armed, not one that was moved or cancelled meanwhile. */
export function isFresh(context: HelpdeskContext, { event }: FlowInput): boolean {
  if (event.type !== 'timer.startTimeout' && event.type !== 'timer.ringTimeout' && event.type !== 'timer.endTimeout') {
    return false;
  }
  const armed = context.timers[event.type.slice('timer.'.length) as keyof HelpdeskContext['timers']];
  return armed !== undefined && (event.dueAt === undefined || event.dueAt >= armed);
}
