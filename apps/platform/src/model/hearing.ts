/** Which conversations show what one conversation's owner says or types, and under which identity. */
import { changeConversation, conversationById } from './conversation.ts';
import { type Hearers, hearers } from './conversationBridge.ts';
import type { Bridge, Conversation, RosterEntry } from './documents.ts';
import { emitParticipant, entryOf, localEntry, meetingOf } from './participants.ts';
import type { World } from './world.ts';

/** A view that shows the speaker. */
export interface Hearing {
  readonly conversationId: string;
  readonly as: RosterEntry;
  /** Set when the view is a visitor's and the speaker is relayed to it: the SA's view of that leg. */
  readonly legId?: string;
}

/** Everybody who may hear the speaker now, the speaker not included. Nobody hears a conversation that has ended. */
export function hearingOf(world: World, speaker: Conversation): Hearing[] {
  if (speaker.shape === 'meeting') {
    const meeting = meetingOf(world, speaker);
    if (meeting === undefined) return [];
    return toHearings(
      world,
      hearers(meeting, { uri: speaker.local.uri, conversationId: speaker.id }, bridgeIn(world)),
      speaker,
    );
  }
  const peer = speaker.peerId === undefined ? undefined : conversationById(world, speaker.peerId);
  if (peer === undefined || peer.endedAt !== undefined) return [];
  const toPeer: Hearing = { conversationId: peer.id, as: entryFor(peer, speaker) };
  // Only what the visitor says goes on into the meeting; what the SA says on the leg stays on it (call-flow.md A6).
  const meeting = peer.bridge === undefined ? undefined : world.get('meeting', peer.bridge.meetingUri);
  if (meeting === undefined) return [toPeer];
  const inMeeting = hearers(meeting, { uri: speaker.local.uri, conversationId: peer.id }, bridgeIn(world));
  return [toPeer, ...toHearings(world, inMeeting, speaker)];
}

const bridgeIn =
  (world: World) =>
  (legId: string): Bridge | undefined =>
    world.get('conversation', legId)?.bridge;

function toHearings(world: World, heard: Hearers, speaker: Conversation): Hearing[] {
  const legs = heard.legs.flatMap(({ legId, as }): Hearing[] => {
    const leg = conversationById(world, legId);
    if (leg.peerId === undefined) return [];
    const entry = { id: as.visitorParticipantId, uri: leg.local.uri, name: as.displayName, usesMessaging: false };
    return [{ conversationId: leg.peerId, as: entry, legId }];
  });
  return [...heard.members.map(({ conversationId }) => ({ conversationId, as: localEntry(speaker) })), ...legs];
}

/** How the peer's roster lists the speaker: under the name that the peer was given for him. */
function entryFor(peer: Conversation, speaker: Conversation): RosterEntry {
  const own = localEntry(speaker);
  return peer.roster.find((entry) => entry.id === own.id) ?? own;
}

/**
 * Tells both sides of a leg of a relayed person before the first event that refers to him (call-flow.md 3.4).
 * The visitor gets the display name and the endpoint's uri, never the person's own (call-flow.md A3).
 */
export function introduce(world: World, hearing: Hearing, speakerUri: string): void {
  if (hearing.legId === undefined) return;
  const leg = conversationById(world, hearing.legId);
  const visitorView = conversationById(world, hearing.conversationId);
  const bridge = leg.bridge;
  const bridged = bridge?.participants.find((participant) => participant.visitorParticipantId === hearing.as.id);
  if (bridge === undefined || bridged === undefined || bridged.introduced) return;
  const entry = entryOf({ uri: speakerUri, name: bridged.displayName, usesMessaging: false });
  changeConversation(world, leg.id, {
    roster: [...leg.roster, entry],
    bridge: {
      ...bridge,
      participants: bridge.participants.map((other) => (other === bridged ? { ...other, introduced: true } : other)),
    },
  });
  changeConversation(world, visitorView.id, { roster: [...visitorView.roster, hearing.as] });
  emitParticipant(world, leg.id, entry, 'added');
  emitParticipant(world, visitorView.id, hearing.as, 'added');
}
