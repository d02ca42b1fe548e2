/**
 * Two-party chat calls (reference/service-api.md 6, reference/ucwa-api.md 5, reference/call-flow.md steps 6, 7, 9):
 * 1. startMessaging: the caller's and the called side's views, both ringing for thirty seconds;
 * 2. acceptAndBridge by an SA, accept by a person, decline, cancel, or the time-out;
 * 3. bridged: what the visitor said along with the invitation becomes the first message.
 */
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import type { Importance } from '@repo/ucwa-protocol/states';
import { calledParties, unreachable } from './calledParties.ts';
import {
  type CallbackInput,
  changeConversation,
  conversationById,
  createConversation,
  emitConversation,
  emitMessaging,
} from './conversation.ts';
import type { Conversation, ConversationOwner, Invitation, Party, RosterEntry } from './documents.ts';
import { emitBridge } from './endView.ts';
import { checkFirstMessage, sayFirstMessage } from './firstMessage.ts';
import { numericId } from './ids.ts';
import { ring, ringingInvitation, startInvitation, succeed } from './invitation.ts';
import { addMember, emitLocalParticipant, meetingFor, requireRoom } from './onlineMeeting.ts';
import { emitLocalMessaging, emitParticipant, emitParticipantMessaging, entryOf } from './participants.ts';
import { availableApplications, refusesCalls } from './presence.ts';
import { RefusalError, reason } from './refusal.ts';
import { failCall, failRung } from './ringing.ts';
import { endConversation } from './teardown.ts';
import { legTimeStamp } from './timeStamp.ts';
import type { World } from './world.ts';

/** Who calls, and as whom. */
export interface Caller {
  readonly owner: ConversationOwner;
  readonly tenantId: string;
  readonly local: Party;
}

export interface StartMessaging {
  readonly operationId: string;
  readonly to: string;
  readonly subject?: string;
  readonly importance?: Importance;
  readonly threadId?: string;
  readonly message?: string;
  readonly customContent?: string;
  readonly callback?: CallbackInput;
}

/**
 * Calls an endpoint or a person. An unknown or unreachable one fails the invitation afterwards, not the request.
 * @throws RefusalError 403 when a visitor calls anybody but its helpdesk; 409 ThreadIdAlreadyExists (call-flow.md F26);
 *   400, 415 for a first message that cannot be said
 */
export function startMessaging(world: World, caller: Caller, input: StartMessaging): { readonly id: string } {
  const to = normalizeSipUri(input.to);
  checkCaller(world, caller, to, input.threadId);
  const threadId = input.threadId ?? world.newId();
  const shared = {
    threadId,
    ...(input.subject === undefined ? {} : { subject: input.subject }),
    ...(input.importance === undefined ? {} : { importance: input.importance }),
  };
  const own = createConversation(world, world.newId(), {
    owner: caller.owner,
    local: caller.local,
    shape: 'twoParty',
    state: 'Connecting',
    messaging: 'Connecting',
    ...shared,
    ...(input.callback === undefined ? {} : { callback: input.callback }),
  });
  checkFirstMessage(world, own, input.message);
  const common = {
    kind: 'messagingInvitation' as const,
    importance: own.importance,
    threadId,
    to,
    from: caller.local,
    ...(input.subject === undefined ? {} : { subject: input.subject }),
    ...(input.message === undefined ? {} : { message: input.message }),
    ...(input.customContent === undefined ? {} : { customContent: input.customContent }),
  };
  const invitation = startInvitation(world, {
    ...common,
    id: world.newId(),
    direction: 'Outgoing',
    conversationId: own.id,
    operationId: input.operationId,
  });
  emitConversation(world, own.id, 'added');
  if (caller.owner.face === 'ucwa') emitLocalParticipant(world, own.id);
  emitMessaging(world, own.id);

  const called = calledParties(world, caller, to);
  const counterpartIds = called.map(({ owner, local }): string => {
    const theirs = createConversation(world, world.newId(), {
      owner,
      local,
      shape: 'twoParty',
      state: 'Incoming',
      messaging: 'Connecting',
      peerId: own.id,
      ...shared,
    });
    const incoming = startInvitation(world, {
      ...common,
      id: world.newId(),
      direction: 'Incoming',
      conversationId: theirs.id,
      operationId: world.newId(),
      counterpartIds: [invitation.id],
    });
    emitConversation(world, theirs.id, 'added');
    return incoming.id;
  });
  world.put('invitation', invitation.id, { ...invitation, counterpartIds });
  const missed = reason('LocalFailure', 'Missed');
  if (called.length > 0 && refusesCalls(availableApplications(world, to)))
    failCall(world, invitation.id, reason('RemoteFailure', 'DoNotDisturb'), missed);
  else if (called.length > 0) ring(world, invitation.id);
  else failCall(world, invitation.id, unreachable(world, caller, to), missed);
  return { id: invitation.id };
}

function checkCaller(world: World, caller: Caller, to: string, threadId: string | undefined): void {
  if (caller.owner.face !== 'ucwa') return;
  const application = world.get('ucwaApplication', caller.owner.applicationId);
  const isVisitor = application?.audience === 'anonymous';
  if (isVisitor && (application.helpdeskUri !== to || application.meetingUri !== undefined)) {
    throw new RefusalError(403, undefined, 'the token does not allow to call this address');
  }
  const living = (application?.conversationIds ?? [])
    .map((id) => world.get('conversation', id))
    .filter((conversation) => conversation !== undefined && conversation.endedAt === undefined);
  const { maxVisitorConversations, maxAgentConversations } = world.settings;
  if (living.length >= (isVisitor ? maxVisitorConversations : maxAgentConversations)) {
    throw new RefusalError(409, 'TooManyConversations', 'end another chat first');
  }
  const taken = living.some((conversation) => conversation?.threadId === threadId);
  if (threadId !== undefined && taken) throw new RefusalError(409, 'ThreadIdAlreadyExists');
}

/**
 * The SA takes the call and joins it to a meeting (reference/call-flow.md step 9).
 * @param input.impersonatedDisplayName what the visitor sees as its counterpart; the endpoint's name when missing
 * @throws RefusalError 404 invitation over, 409 AlreadyExists accepted before; 404 DestinationNotFound, 403, 410,
 *   409 TooManyParticipants for the meeting
 */
export function acceptAndBridge(
  world: World,
  caller: Caller,
  invitationId: string,
  input: { readonly onlineMeetingUri: string; readonly impersonatedDisplayName?: string },
): void {
  const incoming = ringingInvitation(world, caller.owner, 'messagingInvitation', invitationId);
  const meeting = meetingFor(world, caller.tenantId, input.onlineMeetingUri);
  requireRoom(world, meeting);
  const leg = conversationById(world, incoming.conversationId);
  const visitor = conversationById(world, leg.peerId ?? '');
  const lastTimeStamp = Math.max(meeting.lastTimeStamp, legTimeStamp(world, leg));
  world.put('meeting', meeting.uri, { ...meeting, lastTimeStamp });

  const visitorEntry = entryOf({ ...visitor.local, usesMessaging: true });
  const local = { uri: leg.local.uri, name: input.impersonatedDisplayName ?? leg.local.name };
  changeConversation(world, leg.id, { roster: [visitorEntry], local });
  emitParticipant(world, leg.id, visitorEntry, 'added');
  emitParticipantMessaging(world, leg.id, visitorEntry, 'added');
  changeConversation(world, leg.id, { messaging: 'Connected' });
  emitMessaging(world, leg.id);
  const etag = numericId(world.newId(), () => false);
  changeConversation(world, leg.id, {
    state: 'Connected',
    bridge: { meetingUri: meeting.uri, etag, participants: [] },
  });
  emitConversation(world, leg.id, 'updated');
  emitBridge(world, leg.id, 'added');
  addMember(world, meeting.uri, { ...visitor.local, role: 'visitor', conversationId: leg.id, usesMessaging: true });
  succeed(world, incoming.id);
  connectCaller(world, incoming, local);
  const outgoing = world.get('invitation', incoming.counterpartIds[0] ?? '');
  if (outgoing !== undefined) sayFirstMessage(world, outgoing);
}

/** A person takes a two-party call on one of its applications (reference/ucwa-api.md 5). @throws RefusalError 404, 409 */
export function acceptMessaging(world: World, caller: ConversationOwner, invitationId: string): void {
  const incoming = ringingInvitation(world, caller, 'messagingInvitation', invitationId);
  if (caller.face === 'service') throw new RefusalError(404, undefined, 'an SA bridges a call, it does not accept it');
  const own = conversationById(world, incoming.conversationId);
  const peer = conversationById(world, own.peerId ?? '');
  // Between two tabs of one person it stays a call: a meeting has a person once.
  if (isPersons(world, own) && isPersons(world, peer) && own.local.uri !== peer.local.uri) {
    for (const { id } of [own, peer]) changeConversation(world, id, { escalates: true });
  }
  connectView(world, own, entryOf({ ...peer.local, usesMessaging: true }));
  succeed(world, incoming.id);
  connectCaller(world, incoming, own.local);
}

function isPersons(world: World, { owner }: Conversation): boolean {
  return owner.face === 'ucwa' && world.get('ucwaApplication', owner.applicationId)?.audience === 'agent';
}

/** The caller's view comes up; other instances of the called person stop ringing. */
function connectCaller(world: World, accepted: Invitation, counterpart: Party): void {
  const outgoing = world.get('invitation', accepted.counterpartIds[0] ?? '');
  if (outgoing === undefined) return;
  changeConversation(world, outgoing.conversationId, { peerId: accepted.conversationId });
  const entry = entryOf({ ...counterpart, usesMessaging: true });
  connectView(world, conversationById(world, outgoing.conversationId), entry);
  succeed(world, outgoing.id, counterpart);
  for (const other of outgoing.counterpartIds) {
    if (other !== accepted.id) failRung(world, other, reason('Informational', 'ConnectedElsewhere'));
  }
}

/** Order of reference/call-flow.md step 9, client side. */
function connectView(world: World, conversation: Conversation, counterpart: RosterEntry): void {
  changeConversation(world, conversation.id, { messaging: 'Connected' });
  emitMessaging(world, conversation.id);
  changeConversation(world, conversation.id, { state: 'Connected' });
  emitConversation(world, conversation.id, 'updated');
  changeConversation(world, conversation.id, { roster: [counterpart] });
  emitParticipant(world, conversation.id, counterpart, 'added');
  emitParticipantMessaging(world, conversation.id, counterpart, 'added');
  emitLocalMessaging(world, conversation, 'added');
}

/** The called side says no; a call that is over says so itself. @throws RefusalError 404, 409 (call-flow.md F1) */
export function declineMessaging(world: World, caller: ConversationOwner, invitationId: string): void {
  const incoming = ringingInvitation(world, caller, 'messagingInvitation', invitationId);
  endConversation(world, incoming.conversationId);
}

/** Nobody answered (reference/call-flow.md F3). */
export function timeOutMessaging(world: World, invitationId: string): void {
  failCall(world, invitationId, reason('RemoteFailure', 'Timeout'), reason('LocalFailure', 'Missed'));
}
