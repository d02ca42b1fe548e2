/** Meetings and who is in them (reference/service-api.md 11, reference/call-flow.md 8a, 8b, 15). */
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import {
  changeConversation,
  conversationById,
  emitConversation,
  emitMessaging,
  ownedConversation,
} from './conversation.ts';
import type { Conversation, ConversationOwner, Meeting, MeetingMember, MeetingRules, Party } from './documents.ts';
import { endView } from './endView.ts';
import { meetingKey } from './ids.ts';
import { removeBridge, removeMember } from './leaving.ts';
import { changeMembers } from './membership.ts';
import { emitParticipant, emitParticipantMessaging, isInMeeting, rosterOf } from './participants.ts';
import { RefusalError, reason } from './refusal.ts';
import { cancelCallsOf } from './ringing.ts';
import { endMeeting, meetingTimerKind } from './teardown.ts';
import { stopTyping } from './typing.ts';
import type { Look, World } from './world.ts';

/** The uri of a meeting by its organizer, a meeting account of the service, and its key. */
export const meetingUri = (organizerUri: string, key: string): string =>
  `${organizerUri};gruu;opaque=app:conf:focus:id:${key}`;

/**
 * The one spelling of a meeting's uri: clients send it back in another case or with another escaping, and a query turns `+`
 * into a blank. The key is in capitals (reference/client-expectations.md U25).
 */
export function canonicalMeetingUri(text: string): string {
  const key = text.lastIndexOf(':') + 1;
  return `${normalizeSipUri(text.slice(0, key))}${text.slice(key).trim().toUpperCase()}`;
}

/** The account of the service under which all meetings of a tenant are. */
export const organizerOf = (domain: string): string => `sip:meetings@${domain}`;
export const organizerName = 'Meetings';

/** Makes an empty meeting that ends by itself, after eight hours if nothing else was asked for. */
export function createMeeting(
  world: World,
  tenantId: string,
  domain: string,
  subject: string,
  asked: { readonly rules?: Partial<MeetingRules>; readonly expiresAt?: number } = {},
): Meeting {
  const organizerUri = organizerOf(domain);
  const key = meetingKey(
    world.newId(),
    (candidate) => world.get('meeting', meetingUri(organizerUri, candidate)) !== undefined,
  );
  const meeting: Meeting = {
    uri: meetingUri(organizerUri, key),
    key,
    tenantId,
    organizerUri,
    subject,
    ...(asked.rules === undefined ? {} : { rules: asked.rules }),
    createdAt: world.now,
    expiresAt: asked.expiresAt ?? world.now + world.settings.meetingLifetimeMs,
    members: [],
    ringing: [],
    lastTimeStamp: 0,
    ended: false,
  };
  world.put('meeting', meeting.uri, meeting);
  const name = `${meetingTimerKind}:${meeting.uri}`;
  world.schedule({ name, dueAt: meeting.expiresAt, kind: meetingTimerKind, id: meeting.uri });
  return meeting;
}

/**
 * The living meeting of a tenant.
 * @throws RefusalError 404 DestinationNotFound (unknown), 403 (of another tenant), 410 Ended (call-flow.md F24)
 */
export function meetingFor(look: Look, tenantId: string, uri: string): Meeting {
  const meeting = look.get('meeting', canonicalMeetingUri(uri));
  if (meeting === undefined) throw new RefusalError(404, 'DestinationNotFound');
  if (meeting.tenantId !== tenantId) throw new RefusalError(403);
  if (meeting.ended) throw new RefusalError(410, 'Ended');
  return meeting;
}

/** One more may come; SAs are not counted, who is being called in is. @throws RefusalError 409 TooManyParticipants */
export function requireRoom(world: World, { uri }: Meeting): void {
  const { members = [], ringing = [] } = world.get('meeting', uri) ?? {};
  const taken = members.filter((member) => member.role !== 'trusted').length + ringing.length;
  if (taken >= world.settings.maxMeetingParticipants) throw new RefusalError(409, 'TooManyParticipants');
}

/** Everybody who sees a new member's entry hears of it; the visitors do not (reference/ucwa-api.md 7). */
export function addMember(world: World, meetingUri: string, member: MeetingMember): void {
  changeMembers(world, meetingUri, member.uri, (members) => [...members, member]);
}

/**
 * A conversation comes up in its meeting: Conferenced, with onlineMeeting, the roster and messaging that can be added
 * (reference/call-flow.md 8b, 15a). The invitation's `completed` is for the caller to say, last.
 */
export function enterMeeting(
  world: World,
  conversationId: string,
  meetingUri: string,
  role: 'trusted' | 'agent' | 'guest',
): void {
  const conversation = changeConversation(world, conversationId, { state: 'Conferenced', meetingUri });
  replaceEarlierVisit(world, meetingUri, conversation);
  emitConversation(world, conversationId, 'updated');
  if (role !== 'trusted') emitLocalParticipant(world, conversationId);
  world.emit({
    to: { conversationId },
    target: { kind: 'onlineMeeting' },
    in: { kind: 'conversation' },
    type: 'added',
  });
  addMember(world, meetingUri, { ...conversation.local, role, conversationId, usesMessaging: false });
  for (const entry of rosterOf(world, conversationById(world, conversationId))) {
    emitParticipant(world, conversationId, entry, 'added');
    if (entry.usesMessaging) emitParticipantMessaging(world, conversationId, entry, 'added');
  }
  emitMessaging(world, conversationId);
}

export const emitLocalParticipant = (world: World, conversationId: string): number =>
  world.emit({ to: { conversationId }, target: { kind: 'localParticipant' }, type: 'added' });

/** A person is in a meeting once: a second instance takes the place of the first. */
function replaceEarlierVisit(world: World, meetingUri: string, conversation: Conversation): void {
  for (const { conversationId, role } of membersByUri(world, meetingUri, conversation.local.uri)) {
    if (role === 'trusted' || role === 'visitor') continue;
    cancelCallsOf(world, conversationId);
    endView(world, conversationId, { reason: reason('Informational', 'ConnectedElsewhere') });
    removeMember(world, meetingUri, conversationId);
  }
}

/** @returns a person or an SA that is in the meeting under this uri, before a visitor of the same uri */
export function memberByUri(look: Look, meetingUri: string, uri: string): MeetingMember | undefined {
  const found = membersByUri(look, meetingUri, uri);
  return found.find(({ role }) => role !== 'visitor') ?? found[0];
}

/** Every place in the meeting that a uri has: its own, and one for each call of it that is bridged in. */
function membersByUri(look: Look, meetingUri: string, uri: string): MeetingMember[] {
  const wanted = normalizeSipUri(uri);
  const { members = [] } = look.get('meeting', meetingUri) ?? {};
  return members.filter((member) => normalizeSipUri(member.uri) === wanted);
}

/** A member starts or stops using messaging; the others see participantMessaging come or go. */
export function setMemberMessaging(world: World, conversation: Conversation, usesMessaging: boolean): void {
  changeMembers(world, conversation.meetingUri ?? '', conversation.local.uri, (members) =>
    members.map((member) => (member.conversationId === conversation.id ? { ...member, usesMessaging } : member)),
  );
}

/** @throws RefusalError 404 ConversationNotFound, 409 when the conversation is not in a meeting */
export function conferencedConversation(look: Look, caller: ConversationOwner, id: string): Conversation {
  const conversation = ownedConversation(look, caller, id);
  if (!isInMeeting(conversation)) throw new RefusalError(409, undefined, 'the conversation is in no meeting');
  return conversation;
}

/** Everybody out (reference/call-flow.md F11). @throws RefusalError as `conferencedConversation` */
export function terminateOnlineMeeting(world: World, caller: ConversationOwner, conversationId: string): void {
  const conversation = conferencedConversation(world, caller, conversationId);
  if (conversation.meetingUri !== undefined) endMeeting(world, conversation.meetingUri);
}

/**
 * Removes one participant (reference/call-flow.md F18). A visitor keeps its leg and loses the bridge.
 * @throws RefusalError 404 when nobody of that id is in the roster
 */
export function eject(world: World, caller: ConversationOwner, conversationId: string, participantId: string): void {
  const conversation = conferencedConversation(world, caller, conversationId);
  const meetingUri = conversation.meetingUri ?? '';
  const entry = rosterOf(world, conversation).find((candidate) => candidate.id === participantId.toLowerCase());
  if (entry === undefined) throw new RefusalError(404, undefined, 'no such participant');
  for (const member of membersByUri(world, meetingUri, entry.uri)) {
    if (member.role === 'visitor') {
      removeBridge(world, member.conversationId);
      continue;
    }
    stopTyping(world, member.conversationId);
    cancelCallsOf(world, member.conversationId);
    endView(world, member.conversationId, { reason: reason('RemoteFailure', 'Ejected') });
    removeMember(world, meetingUri, member.conversationId);
  }
}

/** How the SA appears: under its endpoint's name. */
export function endpointParty(look: Look, endpointUri: string): Party {
  return { uri: endpointUri, name: look.get('endpoint', endpointUri)?.displayName ?? '' };
}
