/** participant, localParticipant, participantMessaging and the roster (reference/service-api.md 14, reference/ucwa-api.md 8). */
import type { Link, Resource } from '@repo/ucwa-protocol/hal';
import { bareRels } from '@repo/ucwa-protocol/rels';
import { isLeader } from '../model/adhocMeeting.ts';
import type { Conversation, RosterEntry } from '../model/documents.ts';
import { isInMeeting, localEntry, meetingOf, rosterOf } from '../model/participants.ts';
import { permissions } from '../model/registration.ts';
import type { Look } from '../model/world.ts';
import { type Face, rel } from './face.ts';
import { href } from './href.ts';
import { link, linkWhen } from './links.ts';

export function participantResource(face: Face, conversation: Conversation, entry: RosterEntry): Resource {
  const { id } = conversation;
  const isLocal = entry.id === localEntry(conversation).id;
  const mayEject = face.kind === 'service' && face.permissions.includes(permissions.joinAndManageMeetings);
  return {
    uri: entry.uri,
    name: entry.name,
    ...(face.kind === 'ucwa' ? { local: isLocal } : {}),
    _links: {
      self: { href: href.participant(face, id, entry.id) },
      ...link(face, 'conversation', href.conversation(face, id)),
      ...linkWhen(entry.usesMessaging, () =>
        link(face, 'participantMessaging', href.participantMessaging(face, id, entry.id)),
      ),
      ...linkWhen(mayEject && !isLocal && isInMeeting(conversation), () =>
        link(face, 'eject', href.eject(face, id, entry.id)),
      ),
      ...contactLink(face, entry),
      ...personLinks(face, entry, isLocal),
    },
    rel: rel(face, 'participant'),
  };
}

/** What agents' clients offer besides the contact itself (reference/ucwa-api.md 8). */
function personLinks(face: Face, entry: RosterEntry, isLocal: boolean): Record<string, Link> {
  if (face.kind !== 'ucwa') return {};
  const isContact = contactLink(face, entry)[bareRels.contact] !== undefined;
  return {
    ...(isContact ? { [bareRels.contactPresence]: { href: href.contactPresence(face, entry.uri) } } : {}),
    ...(isLocal ? { [bareRels.me]: { href: href.me(face) } } : {}),
  };
}

/** Old agents' clients read it without looking (client-expectations U19, U22); visitors know no contacts. */
export function contactLink(face: Face, entry: { readonly uri: string }): Record<string, Link> {
  if (face.kind !== 'ucwa' || face.audience !== 'agent' || entry.uri.endsWith('@anonymous.invalid')) return {};
  return { [bareRels.contact]: { href: href.contact(face, entry.uri) } };
}

export function participantMessagingResource(face: Face, conversation: Conversation, entry: RosterEntry): Resource {
  return {
    _links: {
      self: { href: href.participantMessaging(face, conversation.id, entry.id) },
      ...link(face, 'participant', href.participant(face, conversation.id, entry.id), entry.name),
    },
    rel: rel(face, 'participantMessaging'),
  };
}

/** That the owner himself uses messaging (reference/events.md 2); the UCWA side only. */
export function localParticipantMessagingResource(face: Face, conversation: Conversation): Resource {
  const local = localEntry(conversation);
  return {
    _links: {
      self: { href: href.localParticipantMessaging(face, conversation.id) },
      ...link(face, 'participant', href.participant(face, conversation.id, local.id), local.name),
    },
    rel: rel(face, 'participantMessaging'),
  };
}

export function participantsResource(look: Look, face: Face, conversation: Conversation, filter?: string): Resource {
  const view = (['Leaders', 'Attendees', 'Lobby'] as const).find(
    (name) => name.toLowerCase() === filter?.toLowerCase(),
  );
  const { id } = conversation;
  const shown = rosterOf(look, conversation).filter((entry) => isInView(look, conversation, entry, view));
  return {
    _links: {
      self: { href: view === undefined ? href.participants(face, id) : href.participantsView(face, id, view) },
      [rel(face, 'participant')]: participantLinks(face, conversation, shown),
    },
    rel: rel(face, 'participants'),
  };
}

/** Nobody waits in a lobby here: who may not come is refused. */
function isInView(
  look: Look,
  conversation: Conversation,
  entry: RosterEntry,
  view: 'Leaders' | 'Attendees' | 'Lobby' | undefined,
): boolean {
  if (view === undefined || view === 'Lobby') return view === undefined;
  const meeting = meetingOf(look, conversation);
  return meeting !== undefined && isLeader(meeting, entry.uri) === (view === 'Leaders');
}

export function participantLinks(face: Face, conversation: Conversation, entries: readonly RosterEntry[]): Link[] {
  return entries.map((entry) => ({ href: href.participant(face, conversation.id, entry.id), title: entry.name }));
}
