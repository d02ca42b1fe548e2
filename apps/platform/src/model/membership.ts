/**
 * Members of a meeting come, go and begin to chat. A uri is one entry of every roster, however often it is there (a visitor with
 * two calls in one meeting): others hear of the first coming and of the last going (reference/call-flow.md F13, step 19).
 */
import { participantPath } from '@repo/ucwa-protocol/sipUri';
import type { MeetingMember, RosterEntry } from './documents.ts';
import { emitParticipant, emitParticipantMessaging, entriesOf } from './participants.ts';
import { hideTyping } from './typing.ts';
import type { World } from './world.ts';

type Members = readonly MeetingMember[];

/**
 * Writes the members, and tells everybody who was and stays in the meeting what has changed about one uri. Visitors are told
 * nothing, and SAs are nobody's business (reference/ucwa-api.md 7).
 * @returns whether the uri is no longer there
 */
export function changeMembers(
  world: World,
  meetingUri: string,
  uri: string,
  change: (members: Members) => Members,
): boolean {
  const meeting = world.get('meeting', meetingUri);
  if (meeting === undefined) return true;
  const before = meeting.members;
  const after = change(before);
  world.put('meeting', meetingUri, { ...meeting, members: after });
  const was = new Set(before.map(({ conversationId }) => conversationId));
  for (const { conversationId, role } of after) {
    if (role === 'visitor' || !was.has(conversationId)) continue;
    tell(world, conversationId, entrySeenBy(conversationId, before, uri), entrySeenBy(conversationId, after, uri));
  }
  return !after.some((member) => participantPath(member.uri) === participantPath(uri));
}

function entrySeenBy(viewerId: string, members: Members, uri: string): RosterEntry | undefined {
  const wanted = participantPath(uri);
  return entriesOf(members, viewerId).find(({ id }) => id === wanted);
}

function tell(world: World, viewId: string, was: RosterEntry | undefined, is: RosterEntry | undefined): void {
  if (was !== undefined && is === undefined) hideTyping(world, viewId, was.id);
  if (was === undefined && is !== undefined) emitParticipant(world, viewId, is, 'added');
  const [wrote, writes] = [was?.usesMessaging ?? false, is?.usesMessaging ?? false];
  const entry = is ?? was;
  if (entry !== undefined && wrote !== writes) {
    emitParticipantMessaging(world, viewId, entry, writes ? 'added' : 'deleted');
  }
  if (was !== undefined && is === undefined) emitParticipant(world, viewId, was, 'deleted');
}
