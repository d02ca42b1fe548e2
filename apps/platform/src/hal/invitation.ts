/** The invitations (reference/service-api.md 6 to 8, reference/ucwa-api.md 5, 9). */
import type { Links, Resource } from '@repo/ucwa-protocol/hal';
import { bareRels } from '@repo/ucwa-protocol/rels';
import type { Conversation, Invitation } from '../model/documents.ts';
import { entryOf } from '../model/participants.ts';
import { permissions } from '../model/registration.ts';
import type { Look } from '../model/world.ts';
import { applicationResource } from './application.ts';
import { type Face, rel } from './face.ts';
import { isPrivileged } from './faceOf.ts';
import { href } from './href.ts';
import { link, linkWhen, members } from './links.ts';
import { participantResource } from './participant.ts';

/** The one href of an invitation, by its kind. */
export function invitationHref(face: Face, invitation: Pick<Invitation, 'kind' | 'id'>): string {
  return href[invitation.kind](face, invitation.id);
}

export function invitationResource(
  look: Look,
  face: Face,
  conversation: Conversation,
  invitation: Invitation,
): Resource {
  const embedded = embeddedOf(look, face, conversation, invitation);
  return {
    ...members({
      onlineMeetingUri: invitation.kind === 'onlineMeetingInvitation' ? invitation.meetingUri : undefined,
      availableModalities:
        face.kind === 'ucwa' && invitation.kind === 'onlineMeetingInvitation' ? ['Messaging'] : undefined,
      direction: invitation.direction,
      state: invitation.state,
      operationId: showsOperationId(face, invitation) ? invitation.operationId : undefined,
      importance: invitation.importance,
      threadId: invitation.threadId,
      subject: invitation.subject,
      to: invitation.to,
    }),
    _links: {
      self: { href: invitationHref(face, invitation) },
      ...link(face, 'conversation', href.conversation(face, conversation.id)),
      ...partyLinks(face, conversation, invitation),
      ...actionLinks(face, conversation, invitation),
      ...(invitation.message === undefined || face.kind === 'service' ? {} : { message: { href: invitation.message } }),
      ...(invitation.customContent === undefined
        ? {}
        : { [bareRels.customContent]: { href: invitation.customContent } }),
    },
    ...(Object.keys(embedded).length === 0 ? {} : { _embedded: embedded }),
    rel: rel(face, invitation.kind),
  };
}

/** Always on the service side (client-expectations S8); on UCWA only the owner's own (reference/ucwa-api.md 5). */
const showsOperationId = (face: Face, invitation: Invitation) =>
  face.kind === 'service' || invitation.direction === 'Outgoing';

function partyLinks(face: Face, conversation: Conversation, invitation: Invitation): Links {
  const from = entryOf({ ...invitation.from, usesMessaging: false });
  const isOutgoing = invitation.direction === 'Outgoing';
  const showsFrom = isOutgoing && (face.kind === 'ucwa' || invitation.kind === 'messagingInvitation');
  return {
    ...linkWhen(showsFrom, () => link(face, 'from', href.participant(face, conversation.id, from.id), from.name)),
    ...linkWhen(face.kind === 'ucwa' && invitation.kind === 'messagingInvitation', () =>
      link(face, 'messaging', href.messaging(face, conversation.id)),
    ),
    ...(face.kind === 'ucwa' && face.audience === 'agent' && invitation.to !== undefined
      ? { [bareRels.to]: { href: href.contact(face, invitation.to) } }
      : {}),
  };
}

function actionLinks(face: Face, conversation: Conversation, invitation: Invitation): Links {
  if (invitation.state !== 'Connecting') return {};
  if (invitation.direction === 'Outgoing') return cancelLink(face, conversation, invitation);
  if (face.kind === 'ucwa') {
    const action = (name: string): string =>
      invitation.kind === 'messagingInvitation'
        ? href.messagingInvitation(face, invitation.id, name)
        : href.onlineMeetingInvitation(face, invitation.id, name);
    return { [bareRels.accept]: { href: action('/accept') }, ...link(face, 'decline', action('/decline')) };
  }
  const may = (permission: string): boolean => face.permissions.includes(permission);
  return {
    ...link(face, 'decline', href.messagingInvitation(face, invitation.id, '/decline')),
    ...linkWhen(may(permissions.createAdhocMeetings), () =>
      link(face, 'startAdhocMeeting', href.startAdhocMeeting(face)),
    ),
    ...linkWhen(may(permissions.instantMessages), () =>
      link(face, 'acceptAndBridge', href.messagingInvitation(face, invitation.id, '/acceptAndBridge')),
    ),
  };
}

/** A join is over as soon as it is asked for: there is nothing to cancel. */
function cancelLink(face: Face, conversation: Conversation, { id, kind }: Invitation): Links {
  if (kind === 'onlineMeetingInvitation') return {};
  const target =
    kind === 'messagingInvitation' ? href.stopMessaging(face, conversation.id) : href[kind](face, id, '/cancel');
  return link(face, 'cancel', target);
}

function embeddedOf(
  look: Look,
  face: Face,
  conversation: Conversation,
  invitation: Invitation,
): Record<string, Resource | Resource[]> {
  if (invitation.direction === 'Incoming') {
    const from = entryOf({ ...invitation.from, usesMessaging: false });
    return {
      ...(face.kind === 'service'
        ? { [rel(face, 'application')]: applicationResource(face, isPrivileged(look, conversation)) }
        : {}),
      [rel(face, 'from')]: participantResource(face, conversation, from),
    };
  }
  if (invitation.acceptedBy === undefined) return {};
  const accepted = entryOf({ ...invitation.acceptedBy, usesMessaging: invitation.kind === 'messagingInvitation' });
  return { [rel(face, 'acceptedByParticipant')]: [participantResource(face, conversation, accepted)] };
}
