/**
 * Joining a meeting (reference/service-api.md 7, reference/ucwa-api.md 9, reference/call-flow.md 8a, 8b, 14x, 15a):
 * outgoing by startAdhocMeeting and joinOnlineMeeting, incoming for a person who is called in.
 */
import { sipDomain } from '@repo/ucwa-protocol/sipUri';
import type { Importance } from '@repo/ucwa-protocol/states';
import { mayComeUncalled } from './adhocMeeting.ts';
import {
  type CallbackInput,
  changeConversation,
  conversationById,
  createConversation,
  emitConversation,
} from './conversation.ts';
import type { ConversationOwner, Meeting } from './documents.ts';
import { ringingInvitation, startInvitation, succeed } from './invitation.ts';
import type { Caller } from './messagingInvitation.ts';
import {
  canonicalMeetingUri,
  createMeeting,
  enterMeeting,
  meetingFor,
  memberByUri,
  requireRoom,
} from './onlineMeeting.ts';
import { RefusalError, reason } from './refusal.ts';
import { endPlaceholder, failRung, stopRinging } from './ringing.ts';
import { endConversation } from './teardown.ts';
import type { World } from './world.ts';

export interface JoinMeeting {
  readonly operationId: string;
  readonly subject?: string;
  readonly importance?: Importance;
  readonly threadId?: string;
  readonly callback?: CallbackInput;
}

/** Makes a meeting for eight hours and joins it. An SA is in it unseen. */
export function startAdhocMeeting(world: World, caller: Caller, input: JoinMeeting): { readonly id: string } {
  const meeting = createMeeting(world, caller.tenantId, sipDomain(caller.local.uri), input.subject ?? '');
  return join(world, caller, meeting, input);
}

/** @throws RefusalError 404 DestinationNotFound, 403 (another tenant's, or not open to this person), 410 Ended,
 *   409 TooManyParticipants */
export function joinOnlineMeeting(
  world: World,
  caller: Caller,
  input: JoinMeeting & { readonly onlineMeetingUri: string },
): { readonly id: string } {
  requireOwnMeeting(world, caller, input.onlineMeetingUri);
  const meeting = meetingFor(world, caller.tenantId, input.onlineMeetingUri);
  if (caller.owner.face === 'ucwa' && !mayComeUncalled(meeting, caller.local.uri)) throw new RefusalError(403);
  const isVisible = caller.owner.face === 'ucwa' && memberByUri(world, meeting.uri, caller.local.uri) === undefined;
  if (isVisible) requireRoom(world, meeting);
  return join(world, caller, meeting, input);
}

/** A visitor may only join the meeting that its token names. @throws RefusalError 403 (reference/auth.md 3.2) */
function requireOwnMeeting(world: World, { owner }: Caller, uri: string): void {
  if (owner.face !== 'ucwa') return;
  const application = world.get('ucwaApplication', owner.applicationId);
  if (application?.audience !== 'anonymous') return;
  const isOwn = application.meetingUri !== undefined && application.meetingUri === canonicalMeetingUri(uri);
  if (!isOwn) throw new RefusalError(403, undefined, 'the token does not allow to join this meeting');
}

/** An SA is there unseen, a person as itself, a visitor with a meeting token as a guest. */
function roleOf(world: World, { owner }: Caller): 'trusted' | 'agent' | 'guest' {
  if (owner.face === 'service') return 'trusted';
  return world.get('ucwaApplication', owner.applicationId)?.audience === 'anonymous' ? 'guest' : 'agent';
}

function join(world: World, caller: Caller, meeting: Meeting, input: JoinMeeting): { readonly id: string } {
  const subject = input.subject ?? meeting.subject;
  const threadId = input.threadId ?? world.newId();
  const conversation = createConversation(world, world.newId(), {
    owner: caller.owner,
    local: caller.local,
    shape: 'meeting',
    state: 'Connecting',
    messaging: 'Disconnected',
    threadId,
    subject,
    ...(input.importance === undefined ? {} : { importance: input.importance }),
    ...(input.callback === undefined ? {} : { callback: input.callback }),
  });
  const invitation = startInvitation(world, {
    id: world.newId(),
    kind: 'onlineMeetingInvitation',
    direction: 'Outgoing',
    conversationId: conversation.id,
    operationId: input.operationId,
    importance: conversation.importance,
    from: caller.local,
    meetingUri: meeting.uri,
    ...(input.subject === undefined ? {} : { subject: input.subject }),
    ...(input.threadId === undefined ? {} : { threadId: input.threadId }),
  });
  emitConversation(world, conversation.id, 'added');
  changeConversation(world, conversation.id, { state: 'Conferencing' });
  emitConversation(world, conversation.id, 'updated');
  enterMeeting(world, conversation.id, meeting.uri, roleOf(world, caller));
  succeed(world, invitation.id);
  return { id: invitation.id };
}

/**
 * A person who was called in comes (reference/call-flow.md 15a, 15c). Whoever invited hears `completed` after the roster
 * shows the person; the person's other instances stop ringing.
 * @throws RefusalError 404 over or unknown, 409 AlreadyExists accepted before
 */
export function acceptMeeting(world: World, caller: ConversationOwner, invitationId: string): void {
  const incoming = ringingInvitation(world, caller, 'onlineMeetingInvitation', invitationId);
  const startedId = incoming.counterpartIds[0] ?? '';
  const started = world.get('invitation', startedId);
  enterMeeting(world, incoming.conversationId, incoming.meetingUri ?? '', 'agent');
  succeed(world, incoming.id);
  if (started === undefined) return;
  for (const other of started.counterpartIds) {
    if (other !== incoming.id) failRung(world, other, reason('Informational', 'ConnectedElsewhere'));
  }
  stopRinging(world, startedId);
  succeed(world, startedId, conversationById(world, incoming.conversationId).local);
  endPlaceholder(world, started.conversationId);
}

/** @throws RefusalError 404 over or unknown, 409 AlreadyExists accepted before (reference/call-flow.md F4) */
export function declineMeeting(world: World, caller: ConversationOwner, invitationId: string): void {
  const incoming = ringingInvitation(world, caller, 'onlineMeetingInvitation', invitationId);
  endConversation(world, incoming.conversationId);
}
