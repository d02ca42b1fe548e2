/** Calls and invitations that never come up: both sides are told why, and what rang stops (reference/call-flow.md F1 to F4). */
import type { ErrorBody } from '@repo/ucwa-protocol/errorCodes';
import { conversationById } from './conversation.ts';
import { endView } from './endView.ts';
import { fail } from './invitation.ts';
import { reason } from './refusal.ts';
import type { World } from './world.ts';

/** A two-party call that never came up fails on both sides (reference/call-flow.md F1 to F3). */
export function failCall(
  world: World,
  callerInvitationId: string,
  toCaller: ErrorBody,
  toCallee: ErrorBody,
  silence: { readonly silentCaller?: boolean; readonly silentCallee?: boolean } = {},
): void {
  const caller = world.get('invitation', callerInvitationId);
  if (caller?.state !== 'Connecting') return;
  fail(world, caller.id, toCaller, silence.silentCaller);
  endView(world, caller.conversationId, { silent: silence.silentCaller === true });
  for (const calleeId of caller.counterpartIds) failRung(world, calleeId, toCallee, silence.silentCallee);
}

/** An invitation of a person to a meeting fails; whatever still rings stops (reference/call-flow.md F4). */
export function failRing(world: World, invitationId: string, toStarter: ErrorBody, toRung: ErrorBody): void {
  const invitation = world.get('invitation', invitationId);
  if (invitation?.state !== 'Connecting') return;
  stopRinging(world, invitationId);
  fail(world, invitationId, toStarter);
  for (const id of invitation.counterpartIds) failRung(world, id, toRung);
  endPlaceholder(world, invitation.conversationId);
}

/** The meeting no longer waits for this invitation. */
export function stopRinging(world: World, invitationId: string): void {
  const meeting = world.get('meeting', world.get('invitation', invitationId)?.meetingUri ?? '');
  if (meeting === undefined) return;
  world.put('meeting', meeting.uri, { ...meeting, ringing: meeting.ringing.filter((id) => id !== invitationId) });
}

/** One ringing instance of the called person stops: invitation completed Failure, then its conversation goes. */
export function failRung(world: World, invitationId: string, why: ErrorBody, silent = false): void {
  const invitation = world.get('invitation', invitationId);
  if (invitation?.state !== 'Connecting') return;
  fail(world, invitationId, why, silent);
  endView(world, invitation.conversationId, { silent });
}

/** The conversation that an inviteUserToMeeting without a meeting leg had to be given for its callbacks. */
export function endPlaceholder(world: World, conversationId: string): void {
  const conversation = conversationById(world, conversationId);
  if (conversation.shape !== 'meeting' || conversation.state !== 'Connecting') return;
  if (conversation.owner.face === 'service') endView(world, conversationId, { silent: true });
}

/** Whom a member was calling in would come for nobody; and after `deleted` nothing more may be said about the calls. */
export function cancelCallsOf(world: World, conversationId: string): void {
  for (const id of conversationById(world, conversationId).invitationIds) {
    if (world.get('invitation', id)?.direction !== 'Outgoing') continue;
    failRing(world, id, reason('LocalFailure', 'Canceled'), reason('RemoteFailure', 'Canceled'));
  }
}
