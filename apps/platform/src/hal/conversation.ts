/** conversation and onlineMeeting (reference/service-api.md 9, 11, reference/ucwa-api.md 6, 9). */
import type { Links, Resource } from '@repo/ucwa-protocol/hal';
import { bareRels } from '@repo/ucwa-protocol/rels';
import { toWireDate } from '@repo/ucwa-protocol/wireDate';
import { rulesOf } from '../model/adhocMeeting.ts';
import type { Conversation, Meeting } from '../model/documents.ts';
import { organizerName } from '../model/onlineMeeting.ts';
import { isInMeeting, localEntry } from '../model/participants.ts';
import { permissions } from '../model/registration.ts';
import type { Look } from '../model/world.ts';
import { joinUrl } from './adhocMeeting.ts';
import { type Face, rel } from './face.ts';
import { href } from './href.ts';
import { link, linkWhen, members } from './links.ts';

export function conversationResource(face: Face, conversation: Conversation): Resource {
  const { id } = conversation;
  return {
    ...members({
      state: conversation.state,
      importance: conversation.importance,
      threadId: conversation.threadId,
      subject: conversation.subject,
    }),
    activeModalities: activeModalities(face, conversation),
    ...(face.kind === 'service'
      ? { onlineMeetingLobbyStatus: 'None' }
      : { recording: false, created: toWireDate(conversation.createdAt) }),
    _links: {
      self: { href: href.conversation(face, id) },
      ...link(face, 'messaging', href.messaging(face, id)),
      ...localParticipantLink(face, conversation),
      ...linkWhen(conversation.bridge !== undefined, () =>
        link(face, 'conversationBridge', href.conversationBridge(face, id)),
      ),
      ...linkWhen(isInMeeting(conversation), () => meetingLinks(face, id)),
      // Calling a third one in makes the call of two persons a meeting.
      ...linkWhen(conversation.escalates === true && conversation.state === 'Connected', () =>
        link(face, 'addParticipant', href.addParticipant(face, id)),
      ),
    },
    rel: rel(face, 'conversation'),
  };
}

function activeModalities(face: Face, conversation: Conversation): string[] {
  const ringing = conversation.state === 'Incoming' && conversation.shape === 'twoParty' && face.kind === 'ucwa';
  return conversation.messaging === 'Connected' || ringing ? ['Messaging'] : [];
}

function localParticipantLink(face: Face, conversation: Conversation): Links {
  const isUp = conversation.state === 'Connected' || conversation.state === 'Conferenced';
  if (face.kind !== 'ucwa' || !isUp) return {};
  const local = localEntry(conversation);
  return {
    [bareRels.localParticipant]: { href: href.participant(face, conversation.id, local.id), title: local.name },
  };
}

function meetingLinks(face: Face, id: string): Links {
  const mayAdd =
    face.kind === 'ucwa' ? face.audience === 'agent' : face.permissions.includes(permissions.joinAndManageMeetings);
  return {
    ...link(face, 'onlineMeeting', href.onlineMeeting(face, id)),
    ...linkWhen(mayAdd, () => link(face, 'addParticipant', href.addParticipant(face, id))),
    ...link(face, 'leaders', href.participantsView(face, id, 'Leaders')),
    ...link(face, 'attendees', href.participantsView(face, id, 'Attendees')),
    ...link(face, 'lobby', href.participantsView(face, id, 'Lobby')),
    ...link(face, 'participants', href.participants(face, id)),
  };
}

/** Captures of the service side show the uri only; agents also get what a client can show. */
export function onlineMeetingResource(look: Look, face: Face, conversation: Conversation): Resource {
  const meeting = look.get('meeting', conversation.meetingUri ?? '');
  const mayTerminate = face.kind === 'service' && face.permissions.includes(permissions.joinAndManageMeetings);
  return {
    onlineMeetingUri: conversation.meetingUri ?? '',
    ...(face.kind === 'ucwa' && meeting !== undefined ? details(meeting) : {}),
    _links: {
      self: { href: href.onlineMeeting(face, conversation.id) },
      ...link(face, 'conversation', href.conversation(face, conversation.id)),
      ...(face.kind === 'ucwa' && face.audience === 'agent' && meeting !== undefined
        ? { [bareRels.organizer]: { href: href.contact(face, meeting.organizerUri) } }
        : {}),
      ...linkWhen(mayTerminate, () =>
        link(face, 'terminateOnlineMeeting', href.terminateOnlineMeeting(face, conversation.id)),
      ),
    },
    rel: rel(face, 'onlineMeeting'),
  };
}

function details(meeting: Meeting): Record<string, unknown> {
  const rules = rulesOf(meeting);
  return {
    accessLevel: rules.accessLevel,
    onlineMeetingId: meeting.key,
    conferenceId: meeting.key,
    subject: meeting.subject,
    joinUrl: joinUrl(meeting.organizerUri, meeting.key),
    organizerUri: meeting.organizerUri,
    organizerName,
    leaders: [...rules.leaders],
    attendees: [...rules.attendees],
    expirationTime: toWireDate(meeting.expiresAt),
  };
}
