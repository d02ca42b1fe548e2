/** The roster as each conversation shows it (reference/service-api.md 14): without the owner, without hidden SAs. */
import { participantPath } from '@repo/ucwa-protocol/sipUri';
import type { Conversation, Meeting, MeetingMember, Party, RosterEntry } from './documents.ts';
import type { Look, World } from './world.ts';

export const entryOf = (member: Party & { readonly usesMessaging: boolean }): RosterEntry => ({
  id: participantPath(member.uri),
  uri: member.uri,
  name: member.name,
  usesMessaging: member.usesMessaging,
});

export function rosterOf(look: Look, conversation: Conversation): readonly RosterEntry[] {
  if (conversation.shape === 'twoParty') return conversation.roster;
  if (!isInMeeting(conversation)) return [];
  const meeting = meetingOf(look, conversation);
  return (meeting?.members ?? [])
    .filter((member) => member.role !== 'trusted' && member.conversationId !== conversation.id)
    .map(entryOf);
}

export const isInMeeting = (conversation: Conversation): boolean =>
  conversation.shape === 'meeting' && conversation.state === 'Conferenced';

export function meetingOf(look: Look, conversation: Conversation): Meeting | undefined {
  return conversation.meetingUri === undefined ? undefined : look.get('meeting', conversation.meetingUri);
}

/** The owner himself, whose href occurs in `from` links. */
export function localEntry(conversation: Conversation): RosterEntry {
  return entryOf({ ...conversation.local, usesMessaging: conversation.messaging === 'Connected' });
}

/**
 * Whoever a participant href of this conversation may name: the roster, the owner, the inviter, and an SA that is hidden
 * from the roster but has spoken.
 */
export function participantOf(look: Look, conversation: Conversation, id: string): RosterEntry | undefined {
  const wanted = id.toLowerCase();
  const invitation = look.get('invitation', conversation.invitationIds[0] ?? '');
  const hidden: MeetingMember[] = isInMeeting(conversation)
    ? (meetingOf(look, conversation)?.members ?? []).filter((member) => member.role === 'trusted')
    : [];
  return [
    ...rosterOf(look, conversation),
    localEntry(conversation),
    ...(invitation === undefined ? [] : [entryOf({ ...invitation.from, usesMessaging: false })]),
    ...hidden.map(entryOf),
  ].find((entry) => entry.id.toLowerCase() === wanted);
}

/** The event is the roster's: without `in`. */
export function emitParticipant(
  world: World,
  conversationId: string,
  entry: RosterEntry,
  type: 'added' | 'updated' | 'deleted',
): void {
  world.emit({ to: { conversationId }, target: { kind: 'participant', id: entry.id, title: entry.name }, type });
}

export function emitParticipantMessaging(
  world: World,
  conversationId: string,
  entry: RosterEntry,
  type: 'added' | 'deleted',
): void {
  world.emit({
    to: { conversationId },
    target: { kind: 'participantMessaging', id: entry.id },
    in: { kind: 'participant', id: entry.id, title: entry.name },
    type,
  });
}
