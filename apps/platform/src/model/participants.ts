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
  return entriesOf(meetingOf(look, conversation)?.members ?? [], conversation.id);
}

/** What one member sees of the others: one entry a uri, which uses messaging when one of its places in the meeting does. */
export function entriesOf(members: readonly MeetingMember[], viewerId: string): readonly RosterEntry[] {
  const entries = new Map<string, RosterEntry>();
  for (const member of members) {
    if (member.role === 'trusted' || member.conversationId === viewerId) continue;
    const entry = entryOf(member);
    const other = entries.get(entry.id);
    entries.set(entry.id, other?.usesMessaging === true ? other : entry);
  }
  return [...entries.values()];
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

/** The owner's own client is told that it uses messaging now, or no longer; an SA is not (reference/events.md 2). */
export function emitLocalMessaging(world: World, conversation: Conversation, type: 'added' | 'deleted'): void {
  if (conversation.owner.face !== 'ucwa') return;
  world.emit({
    to: { conversationId: conversation.id },
    target: { kind: 'localParticipantMessaging' },
    in: { kind: 'localParticipant' },
    type,
  });
}
