/**
 * An emission in the words of its recipient, as the resource is at this moment (reference/events.md 1, 2). Everything but
 * `deleted` and the membership of a view carries the whole resource, because SAs never fetch.
 */
import type { EventLink, WireEvent } from '@repo/ucwa-protocol/events';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { bareRels } from '@repo/ucwa-protocol/rels';
import { type ChannelEvent, channelEvent, serviceChannelId, ucwaChannelId } from '../model/channel.ts';
import type { Conversation, Documents, Invitation, Message, UcwaApplication } from '../model/documents.ts';
import { messageKey } from '../model/documents.ts';
import type { Emission, Target } from '../model/emission.ts';
import { localEntry, participantOf } from '../model/participants.ts';
import type { Look } from '../model/world.ts';
import { conversationResource, onlineMeetingResource } from './conversation.ts';
import { bridgedParticipantResource, conversationBridgeResource } from './conversationBridge.ts';
import { type Face, rel } from './face.ts';
import { faceOf, ucwaFace } from './faceOf.ts';
import { href } from './href.ts';
import { invitationHref, invitationResource } from './invitation.ts';
import { renderMessage } from './messageTemplates.ts';
import { messageResource, messagingResource } from './messaging.ts';
import { localParticipantMessagingResource, participantMessagingResource, participantResource } from './participant.ts';
import {
  locationResource,
  meResource,
  noteResource,
  presenceResource,
  ucwaCommunicationResource,
} from './ucwaApplication.ts';

export interface RenderedEvent {
  readonly channelId: string;
  readonly event: ChannelEvent;
}

/** @throws Error when a document that the emission names is not stored */
export function renderEvent(look: Look, emission: Emission): RenderedEvent {
  if ('applicationId' in emission.to) return renderOwn(look, emission, emission.to.applicationId);
  const conversation = stored(look.get('conversation', emission.to.conversationId), emission.to.conversationId);
  const { target, type, status } = emission;
  if (target.kind === 'message' && type === 'completed' && status === 'Success') {
    const key = messageKey(conversation.id, target.number);
    const message = stored(look.get('message', key), key);
    return renderMessage(look, conversation, message, (shown) =>
      renderWhole(withMessage(look, shown), conversation, { ...emission, target: { ...target, number: shown.number } }),
    );
  }
  return renderWhole(look, conversation, emission);
}

/** Without what is kept of earlier messages. */
export function renderWhole(look: Look, conversation: Conversation, emission: Emission): RenderedEvent {
  const { owner } = conversation;
  const face = faceOf(look, owner);
  const isOfCommunication = emission.target.kind === 'invitation' || emission.target.kind === 'conversation';
  const sender = isOfCommunication
    ? { rel: rel(face, 'communication'), href: href.communication(face) }
    : { rel: rel(face, 'conversation'), href: href.conversation(face, conversation.id) };
  return {
    channelId: owner.face === 'service' ? serviceChannelId(conversation.id) : ucwaChannelId(owner.applicationId),
    event: channelEvent(sender, eventOf(look, face, conversation, emission), 'high'),
  };
}

function eventOf(look: Look, face: Face, conversation: Conversation, emission: Emission): WireEvent {
  const link = linkOf(look, face, conversation, emission.target);
  const owner = shownOwner(face, emission);
  const isMember = emission.target.kind === 'participant' && emission.in !== undefined;
  const resource =
    emission.type === 'deleted' || isMember ? undefined : resourceOf(look, face, conversation, emission.target);
  return {
    link,
    ...(owner === undefined ? {} : { in: linkOf(look, face, conversation, owner) }),
    ...(emission.status === undefined ? {} : { status: emission.status }),
    ...(resource === undefined ? {} : { _embedded: { [link.rel]: resource } }),
    ...(emission.reason === undefined ? {} : { reason: emission.reason }),
    type: emission.type,
  };
}

/** UCWA names no owner for onlineMeeting (reference/events.md 2). */
function shownOwner(face: Face, emission: Emission): Target | undefined {
  return face.kind === 'ucwa' && emission.target.kind === 'onlineMeeting' ? undefined : emission.in;
}

function linkOf(look: Look, face: Face, conversation: Conversation, target: Target): EventLink {
  const { id } = conversation;
  switch (target.kind) {
    case 'invitation': {
      const invitation = invitationOf(look, target.id);
      return { rel: rel(face, invitation.kind), href: invitationHref(face, invitation) };
    }
    case 'message':
      return { rel: rel(face, 'message'), href: href.message(face, id, target.number) };
    case 'localParticipant': {
      const local = localEntry(conversation);
      return { rel: bareRels.localParticipant, href: href.participant(face, id, local.id), title: local.name };
    }
    case 'participant':
      return { rel: rel(face, 'participant'), href: href.participant(face, id, target.id), title: target.title };
    case 'localParticipantMessaging':
      return { rel: rel(face, 'participantMessaging'), href: href.localParticipantMessaging(face, id) };
    case 'participantMessaging':
      return { rel: rel(face, 'participantMessaging'), href: href.participantMessaging(face, id, target.id) };
    case 'bridgedParticipant':
      return { rel: rel(face, 'bridgedParticipant'), href: href.bridgedParticipant(face, id, target.uri) };
    case 'me':
    case 'presence':
    case 'note':
    case 'location':
    case 'communication':
      throw new Error(`${target.kind} is no part of a conversation`);
    default:
      return { rel: rel(face, target.kind), href: href[target.kind](face, id) };
  }
}

function resourceOf(look: Look, face: Face, conversation: Conversation, target: Target): Resource | undefined {
  switch (target.kind) {
    case 'invitation':
      return invitationResource(look, face, conversation, invitationOf(look, target.id));
    case 'conversation':
      return conversationResource(face, conversation);
    case 'messaging':
      return messagingResource(look, face, conversation);
    case 'message': {
      const key = messageKey(conversation.id, target.number);
      return messageResource(look, face, conversation, stored(look.get('message', key), key));
    }
    case 'localParticipant':
      return participantResource(face, conversation, localEntry(conversation));
    case 'participant':
      return participantResource(face, conversation, entryOf(look, conversation, target.id));
    case 'localParticipantMessaging':
      return localParticipantMessagingResource(face, conversation);
    case 'participantMessaging':
      return participantMessagingResource(face, conversation, entryOf(look, conversation, target.id));
    case 'onlineMeeting':
      return onlineMeetingResource(look, face, conversation);
    case 'conversationBridge':
      return conversationBridgeResource(face, conversation.id, stored(conversation.bridge, 'bridge'));
    case 'bridgedParticipant': {
      const bridge = stored(conversation.bridge, 'bridge');
      const bridged = bridge.participants.find((participant) => participant.uri === target.uri);
      return bridgedParticipantResource(face, conversation.id, stored(bridged, target.uri));
    }
    default:
      return undefined;
  }
}

const ownTargets = ['me', 'presence', 'note', 'location', 'communication'] as const;

/** What concerns the application itself: sender me or communication, of medium priority. */
function renderOwn(look: Look, { target, type }: Emission, applicationId: string): RenderedEvent {
  const application = stored(look.get('ucwaApplication', applicationId), applicationId);
  const face = ucwaFace(application);
  const name = stored(
    ownTargets.find((one) => one === target.kind),
    target.kind,
  );
  const sender = name === 'communication' ? name : bareRels.me;
  const event: WireEvent = {
    link: { rel: name, href: href[name](face) },
    _embedded: { [name]: ownResource[name](application) },
    type,
  };
  return {
    channelId: ucwaChannelId(applicationId),
    event: channelEvent({ rel: sender, href: href[sender](face) }, event, 'medium'),
  };
}

const ownResource: Readonly<Record<(typeof ownTargets)[number], (application: UcwaApplication) => Resource>> = {
  me: meResource,
  presence: presenceResource,
  note: noteResource,
  location: locationResource,
  communication: ucwaCommunicationResource,
};

/** The same documents, with a message that is not stored. */
function withMessage(look: Look, message: Message): Look {
  const key = messageKey(message.conversationId, message.number);
  return {
    get: <K extends keyof Documents>(kind: K, id: string) =>
      kind === 'message' && id === key ? (message as unknown as Documents[K]) : look.get(kind, id),
  };
}

const invitationOf = (look: Look, id: string): Invitation => stored(look.get('invitation', id), id);
const entryOf = (look: Look, conversation: Conversation, id: string) =>
  stored(participantOf(look, conversation, id), `participant of ${conversation.id}`);

function stored<T>(document: T | undefined, name: string): T {
  if (document === undefined) throw new Error(`${name} is named but not stored`);
  return document;
}
