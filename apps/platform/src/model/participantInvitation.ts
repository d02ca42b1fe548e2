/**
 * Calling a person into a meeting: addParticipant from a meeting leg, inviteUserToMeeting by the meeting's uri
 * (reference/service-api.md 8, reference/call-flow.md step 14). Each available application of the person rings.
 */
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import { unreachable } from './calledParties.ts';
import { type CallbackInput, createConversation, emitConversation } from './conversation.ts';
import type { Conversation, ConversationOwner, Invitation, InvitationKind, Meeting } from './documents.ts';
import { escalate } from './escalation.ts';
import { fail, ownedInvitation, ring, startInvitation, succeed } from './invitation.ts';
import type { Caller } from './messagingInvitation.ts';
import { conferencedConversation, meetingFor, memberByUri, requireRoom } from './onlineMeeting.ts';
import { availableApplications, refusesCalls } from './presence.ts';
import { RefusalError, reason } from './refusal.ts';
import { endPlaceholder, failRing } from './ringing.ts';
import type { World } from './world.ts';

/**
 * @throws RefusalError 404 ConversationNotFound, 409 (not in a meeting; the person is being rung already; TooManyParticipants)
 */
export function addParticipant(
  world: World,
  caller: Caller,
  conversationId: string,
  input: { readonly operationId: string; readonly to: string },
): { readonly id: string } {
  escalate(world, caller, conversationId);
  const conversation = conferencedConversation(world, caller.owner, conversationId);
  const meeting = meetingFor(world, caller.tenantId, conversation.meetingUri ?? '');
  return callIn(world, 'participantInvitation', meeting, conversation, caller, input);
}

/**
 * The same without being in the meeting, and in the name of somebody else if wanted.
 * @throws RefusalError 404 DestinationNotFound, 403, 410 for the meeting; 409 when the person is being rung already or nobody
 *   more may come (TooManyParticipants)
 */
export function inviteUserToMeeting(
  world: World,
  caller: Caller,
  input: {
    readonly operationId: string;
    readonly to: string;
    readonly onlineMeetingUri: string;
    readonly localUserUri?: string;
    readonly localUserDisplayName?: string;
    readonly callback?: CallbackInput;
  },
): { readonly id: string } {
  const meeting = meetingFor(world, caller.tenantId, input.onlineMeetingUri);
  const local = {
    uri: input.localUserUri ?? caller.local.uri,
    name: input.localUserDisplayName ?? caller.local.name,
  };
  const conversation = ownLeg(world, meeting, caller.owner) ?? placeholder(world, caller, meeting, input.callback);
  return callIn(world, 'userMeetingInvitation', meeting, conversation, { ...caller, local }, input);
}

function ownLeg(world: World, meeting: Meeting, owner: ConversationOwner): Conversation | undefined {
  return meeting.members
    .filter((member) => member.role === 'trusted')
    .map((member) => world.get('conversation', member.conversationId))
    .find(
      (leg) => leg?.owner.face === 'service' && owner.face === 'service' && leg.owner.endpointUri === owner.endpointUri,
    );
}

/** The events need a conversation, although the SA has none in this meeting. */
function placeholder(
  world: World,
  caller: Caller,
  meeting: Meeting,
  callback: CallbackInput | undefined,
): Conversation {
  return createConversation(world, world.newId(), {
    owner: caller.owner,
    local: caller.local,
    shape: 'meeting',
    state: 'Connecting',
    messaging: 'Disconnected',
    threadId: world.newId(),
    subject: meeting.subject,
    ...(callback === undefined ? {} : { callback }),
  });
}

function callIn(
  world: World,
  kind: Extract<InvitationKind, 'participantInvitation' | 'userMeetingInvitation'>,
  meeting: Meeting,
  conversation: Conversation,
  caller: Caller,
  input: { readonly operationId: string; readonly to: string },
): { readonly id: string } {
  const to = normalizeSipUri(input.to);
  if (meeting.ringing.some((id) => world.get('invitation', id)?.to === to)) {
    throw new RefusalError(409, 'AnotherOperationPending', 'this person is being called already');
  }
  const present = memberByUri(world, meeting.uri, to);
  if (present === undefined) requireRoom(world, meeting);
  const invitation = startInvitation(world, {
    id: world.newId(),
    kind,
    direction: 'Outgoing',
    conversationId: conversation.id,
    operationId: input.operationId,
    importance: conversation.importance,
    to,
    from: caller.local,
    meetingUri: meeting.uri,
  });
  const isKnown = world.get('person', to)?.tenantId === caller.tenantId;
  const applications = isKnown ? availableApplications(world, to) : [];
  if (present !== undefined && present.role === 'agent') {
    succeed(world, invitation.id, { uri: present.uri, name: present.name });
    endPlaceholder(world, conversation.id);
  } else if (applications.length === 0) {
    fail(world, invitation.id, unreachable(world, caller, to));
    endPlaceholder(world, conversation.id);
  } else {
    const counterpartIds = applications.map(({ id }) => ringApplication(world, id, invitation, meeting));
    world.put('invitation', invitation.id, { ...invitation, counterpartIds });
    world.put('meeting', meeting.uri, { ...meeting, ringing: [...meeting.ringing, invitation.id] });
    const missed = reason('LocalFailure', 'Missed');
    if (!refusesCalls(applications)) ring(world, invitation.id);
    else failRing(world, invitation.id, reason('RemoteFailure', 'DoNotDisturb'), missed);
  }
  return { id: invitation.id };
}

/** One instance of the person rings: an incoming onlineMeetingInvitation with its own conversation (call-flow.md 14x). */
function ringApplication(world: World, applicationId: string, invitation: Invitation, meeting: Meeting): string {
  const application = world.get('ucwaApplication', applicationId);
  const threadId = world.newId();
  const conversation = createConversation(world, world.newId(), {
    owner: { face: 'ucwa', applicationId },
    local: { uri: application?.uri ?? '', name: application?.name ?? '' },
    shape: 'meeting',
    state: 'Incoming',
    messaging: 'Disconnected',
    importance: invitation.importance,
    threadId,
    subject: meeting.subject,
    meetingUri: meeting.uri,
  });
  const incoming = startInvitation(world, {
    id: world.newId(),
    kind: 'onlineMeetingInvitation',
    direction: 'Incoming',
    conversationId: conversation.id,
    operationId: world.newId(),
    importance: invitation.importance,
    threadId,
    subject: meeting.subject,
    to: conversation.local.uri,
    from: invitation.from,
    meetingUri: meeting.uri,
    counterpartIds: [invitation.id],
  });
  emitConversation(world, conversation.id, 'added');
  return incoming.id;
}

/**
 * The person is not wanted any more: stops ringing everywhere. @throws RefusalError 404 unknown or over
 */
export function cancelParticipant(
  world: World,
  caller: ConversationOwner,
  kind: 'participantInvitation' | 'userMeetingInvitation',
  invitationId: string,
): void {
  const invitation = ownedInvitation(world, caller, kind, invitationId);
  if (invitation.state !== 'Connecting') throw new RefusalError(404, undefined, 'the invitation is over');
  failRing(world, invitation.id, reason('LocalFailure', 'Canceled'), reason('RemoteFailure', 'Canceled'));
}

/** The person did not answer (reference/call-flow.md F4). */
export function timeOutParticipant(world: World, invitationId: string): void {
  failRing(world, invitationId, reason('RemoteFailure', 'Timeout'), reason('LocalFailure', 'Missed'));
}
