/** Naming people to a visitor's leg (reference/service-api.md 10). A change applies to what is said afterwards. */
import { isSipUri, normalizeSipUri, participantPath } from '@repo/ucwa-protocol/sipUri';
import { type MessageFilterState, messagesPass } from '@repo/ucwa-protocol/states';
import { changeConversation, conversationById, ownedConversation } from './conversation.ts';
import type { Bridge, BridgedParticipant, Conversation, ConversationOwner } from './documents.ts';
import { removeFromLeg } from './leaving.ts';
import { emitParticipant } from './participants.ts';
import { RefusalError, refuseParameter } from './refusal.ts';
import { hideTyping } from './typing.ts';
import type { Look, World } from './world.ts';

export interface BridgedParticipantInput {
  readonly displayName: string;
  readonly participantUri: string;
  readonly messageFilterState?: MessageFilterState;
}

/** @throws RefusalError 404: no such conversation, or it is not bridged */
export function bridgedLeg(
  look: Look,
  caller: ConversationOwner,
  conversationId: string,
): Conversation & { readonly bridge: Bridge } {
  const leg = ownedConversation(look, caller, conversationId);
  if (leg.bridge === undefined) throw new RefusalError(404, undefined, 'the conversation is not bridged');
  return { ...leg, bridge: leg.bridge };
}

/** @param path `user@domain`. @throws RefusalError 404 */
export function bridgedParticipant(bridge: Bridge, path: string): BridgedParticipant {
  const wanted = participantPath(path);
  const found = bridge.participants.find((participant) => participantPath(participant.uri) === wanted);
  if (found === undefined) throw new RefusalError(404, undefined, 'nobody is bridged under this uri');
  return found;
}

/** A missing filter state blocks. @throws RefusalError 404 not bridged, 400, 409 AlreadyExists */
export function addBridgedParticipant(
  world: World,
  caller: ConversationOwner,
  conversationId: string,
  input: BridgedParticipantInput,
): { readonly uri: string } {
  const leg = bridgedLeg(world, caller, conversationId);
  if (!isSipUri(input.participantUri)) refuseParameter('participantUri', 'no SIP uri');
  const uri = normalizeSipUri(input.participantUri);
  if (leg.bridge.participants.some((participant) => participant.uri === uri)) {
    throw new RefusalError(409, 'AlreadyExists', 'this person is bridged already');
  }
  // The visitor himself is on the leg; a second entry of his would be under the same href.
  if (leg.peerId !== undefined && normalizeSipUri(conversationById(world, leg.peerId).local.uri) === uri) {
    throw new RefusalError(409, 'AlreadyExists', 'this is the visitor of the leg');
  }
  const added: BridgedParticipant = {
    uri,
    displayName: input.displayName,
    messageFilterState: input.messageFilterState ?? 'Enabled',
    visitorParticipantId: world.newId(),
    introduced: false,
  };
  putParticipants(world, leg, [...leg.bridge.participants, added]);
  emitBridged(world, leg.id, uri, 'added');
  return { uri };
}

/** @throws RefusalError 404, and 409 when the body names another uri */
export function changeBridgedParticipant(
  world: World,
  caller: ConversationOwner,
  conversationId: string,
  path: string,
  input: Omit<BridgedParticipantInput, 'participantUri'> & { readonly participantUri?: string },
): void {
  const leg = bridgedLeg(world, caller, conversationId);
  const before = bridgedParticipant(leg.bridge, path);
  if (input.participantUri !== undefined && normalizeSipUri(input.participantUri) !== before.uri) {
    throw new RefusalError(409, undefined, 'participantUri cannot be changed');
  }
  const after: BridgedParticipant = {
    ...before,
    displayName: input.displayName,
    messageFilterState: input.messageFilterState ?? 'Enabled',
  };
  const participants = leg.bridge.participants.map((other) => (other === before ? after : other));
  if (leg.peerId !== undefined && !messagesPass(after.messageFilterState)) {
    hideTyping(world, leg.peerId, before.visitorParticipantId);
  }
  putParticipants(world, leg, participants);
  if (before.displayName !== after.displayName) rename(world, leg, after);
  emitBridged(world, leg.id, before.uri, 'updated');
}

/** @throws RefusalError 404 */
export function removeBridgedParticipant(
  world: World,
  caller: ConversationOwner,
  conversationId: string,
  path: string,
): void {
  const leg = bridgedLeg(world, caller, conversationId);
  const { uri } = bridgedParticipant(leg.bridge, path);
  removeFromLeg(world, leg.id, uri);
  const rest = leg.bridge.participants.filter((participant) => participant.uri !== uri);
  putParticipants(world, leg, rest);
  emitBridged(world, leg.id, uri, 'deleted');
}

function putParticipants(
  world: World,
  leg: { readonly id: string; readonly bridge: Bridge },
  participants: readonly BridgedParticipant[],
): void {
  changeConversation(world, leg.id, {
    bridge: { ...leg.bridge, etag: String(Number(leg.bridge.etag) + 1), participants },
  });
}

function emitBridged(world: World, conversationId: string, uri: string, type: 'added' | 'updated' | 'deleted'): void {
  world.emit({
    to: { conversationId },
    target: { kind: 'bridgedParticipant', uri },
    in: { kind: 'bridgedParticipants' },
    type,
  });
}

/** Both rosters show the new name to those who know the person already. */
function rename(world: World, leg: Conversation, bridged: BridgedParticipant): void {
  if (!bridged.introduced || leg.peerId === undefined) return;
  for (const [viewId, entryId] of [
    [leg.id, participantPath(bridged.uri)],
    [leg.peerId, bridged.visitorParticipantId],
  ] as const) {
    const view = conversationById(world, viewId);
    const roster = view.roster.map((entry) => (entry.id === entryId ? { ...entry, name: bridged.displayName } : entry));
    changeConversation(world, viewId, { roster });
    const renamed = roster.find((entry) => entry.id === entryId);
    if (renamed !== undefined) emitParticipant(world, viewId, renamed, 'updated');
  }
}
