/** The end of a conversation, from whatever side and in whatever state; the end of a meeting (reference/events.md 5). */
import { conversationById } from './conversation.ts';
import type { Conversation, UcwaApplication } from './documents.ts';
import { type Ending, endView } from './endView.ts';
import { removeBridge, removeMember } from './leaving.ts';
import { reason } from './refusal.ts';
import { failCall, failRing, failRung } from './ringing.ts';
import { stopTyping } from './typing.ts';
import type { World } from './world.ts';

export const meetingTimerKind = 'meeting.expiry';

/**
 * Ends the caller's conversation in whatever state it is: hangs up, cancels, declines, or leaves the meeting.
 * Nothing happens when it has ended.
 */
export function endConversation(world: World, id: string, ending: Ending = {}): void {
  const conversation = world.get('conversation', id);
  if (conversation === undefined || conversation.endedAt !== undefined) return;
  const first = world.get('invitation', conversation.invitationIds[0] ?? '');
  if (first?.state === 'Connecting') {
    if (first.direction === 'Outgoing') cancel(world, conversation, first.id, ending);
    else decline(world, conversation, first.id, ending);
    return;
  }
  if (conversation.shape === 'meeting') {
    stopTyping(world, id);
    // Whom it was calling in would come for nobody; and after `deleted` nothing more may be said about the calls.
    for (const invitationId of conversation.invitationIds) {
      if (invitationId !== first?.id) {
        failRing(world, invitationId, reason('LocalFailure', 'Canceled'), reason('RemoteFailure', 'Canceled'));
      }
    }
    endView(world, id, ending);
    if (conversation.meetingUri !== undefined) removeMember(world, conversation.meetingUri, id);
  } else endCall(world, conversation, ending);
}

function cancel(world: World, conversation: Conversation, invitationId: string, ending: Ending): void {
  const invitation = world.get('invitation', invitationId);
  const canceled = ending.reason ?? reason('LocalFailure', 'Canceled');
  if (invitation?.kind === 'messagingInvitation') {
    failCall(world, invitationId, canceled, reason('RemoteFailure', 'Canceled'), {
      silentCaller: ending.silent === true,
    });
  } else {
    failRing(world, invitationId, canceled, reason('RemoteFailure', 'Canceled'));
    endView(world, conversation.id, ending);
  }
}

function decline(world: World, conversation: Conversation, invitationId: string, ending: Ending): void {
  const callerId = world.get('invitation', invitationId)?.counterpartIds[0] ?? '';
  const own = ending.reason ?? reason('LocalFailure', 'Declined');
  const gone = ending.silent === true;
  const toCaller = reason('RemoteFailure', gone ? 'Unreachable' : 'Declined');
  if (conversation.shape === 'twoParty') {
    failCall(world, callerId, toCaller, own, { silentCallee: gone });
    return;
  }
  // One application that goes away does not answer for the person's other ones; a declined ring is declined everywhere.
  const caller = world.get('invitation', callerId);
  const others = (caller?.counterpartIds ?? []).filter((id) => {
    return id !== invitationId && world.get('invitation', id)?.state === 'Connecting';
  });
  failRung(world, invitationId, own, gone);
  if (!gone || others.length === 0) failRing(world, callerId, toCaller, reason('LocalFailure', 'Declined'));
}

/** Ends a connected two-party call on both sides; a bridged visitor leaves the meeting. */
function endCall(world: World, conversation: Conversation, ending: Ending): void {
  const peer = conversation.peerId === undefined ? undefined : conversationById(world, conversation.peerId);
  const leg = conversation.bridge !== undefined ? conversation : peer;
  const bridge = leg?.bridge;
  stopTyping(world, conversation.id);
  endView(world, conversation.id, ending);
  if (peer !== undefined) endView(world, peer.id, { reason: reason('RemoteFailure', 'CallTerminated') });
  if (leg !== undefined && bridge !== undefined) removeMember(world, bridge.meetingUri, leg.id);
}

/** The meeting is over for everybody: terminated, or expired (reference/call-flow.md F7, F11, F12). */
export function endMeeting(world: World, meetingUri: string): void {
  const meeting = world.get('meeting', meetingUri);
  if (meeting === undefined || meeting.ended) return;
  const over = reason('Informational', 'Ended');
  for (const invitationId of meeting.ringing) {
    failRing(world, invitationId, reason('LocalFailure', 'Canceled'), reason('RemoteFailure', 'Canceled'));
  }
  const { members } = world.get('meeting', meetingUri) ?? meeting;
  for (const member of members) {
    if (member.role !== 'visitor') endView(world, member.conversationId, { reason: over });
  }
  // The others have been told that all is over; nobody is left to hear of the single departures.
  world.put('meeting', meetingUri, {
    ...(world.get('meeting', meetingUri) ?? meeting),
    members: [],
    ringing: [],
    ended: true,
  });
  for (const member of members) if (member.role === 'visitor') removeBridge(world, member.conversationId);
  const living = world.get('meetingCount', meeting.organizerUri)?.living ?? 0;
  if (meeting.counted === true && living > 1) world.put('meetingCount', meeting.organizerUri, { living: living - 1 });
  else if (meeting.counted === true) world.delete('meetingCount', meeting.organizerUri);
  world.schedule({
    name: `${meetingTimerKind}:${meetingUri}`,
    dueAt: world.now + world.settings.rememberMs,
    kind: 'meeting.forget',
    id: meetingUri,
  });
}

/** An application has ended: its conversations end without a word to it (reference/events.md 5 "application ended"). */
export function abandonConversations(world: World, application: UcwaApplication): void {
  for (const id of application.conversationIds) endConversation(world, id, { silent: true });
}
