/** Leaving a meeting, and a bridge that goes while its leg stays: who is told, and who is not (reference/call-flow.md F12, F13). */
import { changeConversation, conversationById, dropBridge, emitConversation } from './conversation.ts';
import { emitBridge } from './endView.ts';
import { changeMembers } from './membership.ts';
import { emitParticipant, entryOf } from './participants.ts';
import { hideTyping } from './typing.ts';
import type { World } from './world.ts';

/** A member leaves: its entry goes, and everybody who saw it is told (reference/call-flow.md F13, step 19). */
export function removeMember(world: World, meetingUri: string, conversationId: string): void {
  const meeting = world.get('meeting', meetingUri);
  const member = meeting?.members.find((candidate) => candidate.conversationId === conversationId);
  if (meeting === undefined || member === undefined) return;
  const isGone = changeMembers(world, meetingUri, member.uri, (members) =>
    members.filter((candidate) => candidate.conversationId !== conversationId),
  );
  if (!isGone || member.role === 'trusted') return;
  for (const other of meeting.members) {
    if (other.role === 'visitor' && other !== member) hideFromLeg(world, other.conversationId, member.uri);
  }
}

/** The visitor no longer sees this person typing; nothing else is said (reference/call-flow.md F13). */
export function hideFromLeg(world: World, legId: string, uri: string): void {
  const leg = conversationById(world, legId);
  const bridged = leg.bridge?.participants.find((participant) => participant.uri === uri);
  if (bridged !== undefined && leg.peerId !== undefined) hideTyping(world, leg.peerId, bridged.visitorParticipantId);
}

/**
 * A bridge goes while its leg stays: persons that the visitor was told of leave its roster, the SA hears
 * `conversationBridge deleted` and the conversation without the link (reference/call-flow.md F12).
 */
export function removeBridge(world: World, legId: string): void {
  const leg = conversationById(world, legId);
  const bridge = leg.bridge;
  if (bridge === undefined) return;
  const meeting = world.get('meeting', bridge.meetingUri);
  for (const bridged of bridge.participants) removeFromLeg(world, legId, bridged.uri);
  emitBridge(world, legId, 'deleted');
  dropBridge(world, legId);
  changeConversation(world, legId, { lastTimeStamp: Math.max(leg.lastTimeStamp, meeting?.lastTimeStamp ?? 0) });
  emitConversation(world, legId, 'updated');
  removeMember(world, bridge.meetingUri, legId);
}

/** Both sides of a leg forget a person that the visitor was told of. */
export function removeFromLeg(world: World, legId: string, uri: string): void {
  const leg = conversationById(world, legId);
  const bridged = leg.bridge?.participants.find((participant) => participant.uri === uri);
  if (bridged === undefined || !bridged.introduced || leg.peerId === undefined) return;
  hideTyping(world, leg.peerId, bridged.visitorParticipantId);
  for (const [viewId, entryId] of [
    [legId, entryOf({ uri, name: '', usesMessaging: false }).id],
    [leg.peerId, bridged.visitorParticipantId],
  ] as const) {
    const view = conversationById(world, viewId);
    const entry = view.roster.find((candidate) => candidate.id === entryId);
    if (entry === undefined || view.endedAt !== undefined) continue;
    emitParticipant(world, viewId, entry, 'deleted');
    changeConversation(world, viewId, { roster: view.roster.filter((candidate) => candidate !== entry) });
  }
}
