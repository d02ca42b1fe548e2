/** messaging, message and typingParticipants (reference/service-api.md 12, 13, reference/ucwa-api.md 7). */
import { toDataUri } from '@repo/ucwa-protocol/dataUri';
import type { Links, Resource } from '@repo/ucwa-protocol/hal';
import { bareRels } from '@repo/ucwa-protocol/rels';
import { toWireDate } from '@repo/ucwa-protocol/wireDate';
import type { Conversation, Message } from '../model/documents.ts';
import { readsHtml } from '../model/message.ts';
import { participantOf } from '../model/participants.ts';
import type { Look } from '../model/world.ts';
import { type Face, rel } from './face.ts';
import { href } from './href.ts';
import { link, linkWhen, members } from './links.ts';
import { contactLink, participantLinks, participantResource } from './participant.ts';

export function messagingResource(look: Look, face: Face, conversation: Conversation): Resource {
  const { id, messaging: state } = conversation;
  const formats = readsHtml(look, conversation) ? ['Html', 'Plain'] : ['Plain'];
  return {
    state,
    ...(state === 'Connected' ? { negotiatedMessageFormats: formats } : {}),
    _links: {
      self: { href: href.messaging(face, id) },
      ...linkWhen(state === 'Connected' || state === 'Connecting', () =>
        link(face, 'stopMessaging', href.stopMessaging(face, id)),
      ),
      ...linkWhen(state === 'Disconnected' && mayAddMessaging(face, conversation), () =>
        link(face, 'addMessaging', href.addMessaging(face, id)),
      ),
      ...link(face, 'conversation', href.conversation(face, id)),
      ...linkWhen(state === 'Connected', () => connectedLinks(face, id)),
    },
    rel: rel(face, 'messaging'),
  };
}

/** Old UCWA clients add messaging again at once when they may, so an ending conversation offers none (U21). */
function mayAddMessaging(face: Face, conversation: Conversation): boolean {
  return face.kind === 'service' || (conversation.shape === 'meeting' && conversation.endedAt === undefined);
}

function connectedLinks(face: Face, id: string): Links {
  return {
    ...link(face, 'sendMessage', href.sendMessage(face, id)),
    ...link(face, 'setIsTyping', href.setIsTyping(face, id)),
    ...link(face, 'typingParticipants', href.typingParticipants(face, id)),
  };
}

export function messageResource(look: Look, face: Face, conversation: Conversation, message: Message): Resource {
  const { sender } = message;
  // An SA's own message is shown as in the captures, without its text; a relayed one is news to the SA.
  const showsText = face.kind === 'ucwa' || sender !== undefined;
  const textRel = message.contentType === 'text/html' ? bareRels.htmlMessage : bareRels.plainMessage;
  return {
    direction: message.direction,
    timeStamp: toWireDate(message.timeStamp),
    ...members({ operationId: message.operationId }),
    _links: {
      self: { href: href.message(face, conversation.id, message.number) },
      ...(sender === undefined
        ? {}
        : {
            ...link(face, 'participant', href.participant(face, conversation.id, sender.id), sender.name),
            ...contactLink(face, sender),
          }),
      ...link(face, 'messaging', href.messaging(face, conversation.id)),
      ...missedLinks(face, conversation, message),
      ...(showsText ? { [textRel]: { href: toDataUri(`${message.contentType};charset=utf-8`, message.text) } } : {}),
    },
    ...(sender === undefined || face.kind === 'ucwa'
      ? {}
      : {
          _embedded: {
            [rel(face, 'senderParticipant')]: [
              participantResource(face, conversation, {
                ...(participantOf(look, conversation, sender.id) ?? { usesMessaging: true }),
                id: sender.id,
                uri: sender.uri,
                name: sender.name,
              }),
            ],
          },
        }),
    rel: rel(face, 'message'),
  };
}

/** Whom of the meeting an own message did not reach. */
function missedLinks(face: Face, conversation: Conversation, { missedBy = [] }: Message): Links {
  if (missedBy.length === 0 || conversation.shape !== 'meeting') return {};
  const links = missedBy.map(({ id, name }) => ({ href: href.participant(face, conversation.id, id), title: name }));
  return { [rel(face, 'failedDeliveryParticipant')]: links };
}

export function typingParticipantsResource(look: Look, face: Face, conversation: Conversation): Resource {
  const entries = conversation.typing
    .map((id) => participantOf(look, conversation, id))
    .filter((entry) => entry !== undefined);
  return {
    _links: {
      self: { href: href.typingParticipants(face, conversation.id) },
      [rel(face, 'participant')]: participantLinks(face, conversation, entries),
    },
    rel: rel(face, 'typingParticipants'),
  };
}
