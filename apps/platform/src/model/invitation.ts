/**
 * What the invitations share: each is Connecting once, then exactly Connected or Failed, and `completed` is its last event
 * (reference/call-flow.md 3, reference/client-expectations.md S6, S8).
 */
import type { ErrorBody } from '@repo/ucwa-protocol/errorCodes';
import { changeConversation, conversationById, isOwner } from './conversation.ts';
import type { ConversationOwner, Invitation, InvitationKind, Party } from './documents.ts';
import { RefusalError } from './refusal.ts';
import type { Look, World } from './world.ts';

export const ringTimerKind = 'ring';

/** Of an operation that somebody started and that may still go on. */
export function operationKey(owner: ConversationOwner, operationId: string): string {
  const starter = owner.face === 'service' ? `${owner.tenantId}:${owner.endpointUri}` : owner.applicationId;
  return `${starter}:${operationId}`;
}

/** @throws RefusalError 409 AlreadyExists: this operationId is of a call that still rings (reference/call-flow.md F25) */
export function startInvitation(
  world: World,
  made: Omit<Invitation, 'state' | 'counterpartIds'> & { readonly counterpartIds?: readonly string[] },
): Invitation {
  const invitation: Invitation = { counterpartIds: [], ...made, state: 'Connecting' };
  world.put('invitation', invitation.id, invitation);
  const conversation = conversationById(world, invitation.conversationId);
  if (world.get('pendingOperation', operationKey(conversation.owner, invitation.operationId)) !== undefined) {
    throw new RefusalError(409, 'AlreadyExists', 'the operationId is of an operation that is under way');
  }
  changeConversation(world, conversation.id, { invitationIds: [...conversation.invitationIds, invitation.id] });
  emitInvitation(world, invitation, 'started');
  return invitation;
}

export function emitInvitation(
  world: World,
  invitation: Invitation,
  type: 'started' | 'updated' | 'completed',
  outcome: { readonly status?: 'Success' | 'Failure'; readonly reason?: ErrorBody } = {},
): void {
  world.emit({
    to: { conversationId: invitation.conversationId },
    target: { kind: 'invitation', id: invitation.id },
    type,
    ...outcome,
  });
}

/** Connected, and said so. Nothing happens when it is already over. */
export function succeed(world: World, id: string, acceptedBy?: Party): void {
  const invitation = world.get('invitation', id);
  if (invitation?.state !== 'Connecting') return;
  const connected: Invitation = {
    ...invitation,
    state: 'Connected',
    ...(acceptedBy === undefined ? {} : { acceptedBy }),
  };
  world.put('invitation', id, connected);
  stopRing(world, connected);
  emitInvitation(world, connected, 'completed', { status: 'Success' });
}

/** Failed, and said so unless nobody listens any more. Nothing happens when it is already over. */
export function fail(world: World, id: string, reason: ErrorBody, silent = false): void {
  const invitation = world.get('invitation', id);
  if (invitation?.state !== 'Connecting') return;
  const failed: Invitation = { ...invitation, state: 'Failed' };
  world.put('invitation', id, failed);
  stopRing(world, failed);
  if (!silent) emitInvitation(world, failed, 'completed', { status: 'Failure', reason });
}

/** Starts the time after which an unanswered invitation fails (reference/call-flow.md F3). */
export function ring(world: World, id: string): void {
  const key = pendingKey(world, world.get('invitation', id));
  if (key !== undefined) world.put('pendingOperation', key, { invitationId: id });
  world.schedule({
    name: `${ringTimerKind}:${id}`,
    dueAt: world.now + world.settings.ringTimeoutMs,
    kind: ringTimerKind,
    id,
  });
}

function stopRing(world: World, invitation: Invitation): void {
  world.unschedule(`${ringTimerKind}:${invitation.id}`);
  const key = pendingKey(world, invitation);
  if (key !== undefined && world.get('pendingOperation', key)?.invitationId === invitation.id) {
    world.delete('pendingOperation', key);
  }
}

function pendingKey(look: Look, invitation: Invitation | undefined): string | undefined {
  if (invitation?.direction !== 'Outgoing') return undefined;
  return operationKey(conversationById(look, invitation.conversationId).owner, invitation.operationId);
}

/** The caller's invitation. A foreign one looks like an unknown one. @throws RefusalError 404 */
export function ownedInvitation(look: Look, caller: ConversationOwner, kind: InvitationKind, id: string): Invitation {
  const invitation = look.get('invitation', id);
  const conversation = invitation === undefined ? undefined : look.get('conversation', invitation.conversationId);
  if (invitation?.kind !== kind || conversation === undefined || !isOwner(conversation.owner, caller)) {
    throw new RefusalError(404, undefined, 'no such invitation');
  }
  return invitation;
}

/**
 * The caller's incoming invitation, still ringing.
 * @throws RefusalError 404 unknown, outgoing or over; 409 AlreadyExists when it was accepted before (call-flow.md F23)
 */
export function ringingInvitation(look: Look, caller: ConversationOwner, kind: InvitationKind, id: string): Invitation {
  const invitation = ownedInvitation(look, caller, kind, id);
  if (invitation.direction !== 'Incoming') throw new RefusalError(404, undefined, 'no such invitation');
  if (invitation.state === 'Connecting') return invitation;
  const lives = look.get('conversation', invitation.conversationId)?.endedAt === undefined;
  if (invitation.state === 'Connected' && lives) throw new RefusalError(409, 'AlreadyExists');
  throw new RefusalError(404, undefined, 'the invitation is over');
}
