/** Which of the two conversations of a session an event belongs to. */
import type { EventLinks, Leg } from './events.ts';
import { sameHref } from './hrefs.ts';

/** Conversations of the session that are known already; absolute hrefs. */
export interface KnownLegs {
  readonly c1ConversationHref?: string;
  readonly c2ConversationHref?: string;
}

/** The parts of a wire event that tell its leg. */
export interface LegEvidence {
  readonly word: string;
  readonly conversationHref?: string | undefined;
  readonly direction?: string | undefined;
  readonly state?: string | undefined;
  readonly links: EventLinks;
}

const meetingOnly: ReadonlySet<string> = new Set([
  'onlineMeetingInvitation',
  'participantInvitation',
  'userMeetingInvitation',
  'onlineMeeting',
]);
const visitorOnly: ReadonlySet<string> = new Set(['conversationBridge', 'bridgedParticipant']);

/**
 * Decides by the conversation's href, then by what only one of the legs can have, then by elimination: a callback
 * reaches a session through its own context, so what is not the one known leg is the other.
 * @returns undefined when the event is of neither leg or nothing tells.
 */
export function legOf(evidence: LegEvidence, known: KnownLegs): Leg | undefined {
  const { word, conversationHref, direction } = evidence;
  if (sameHref(conversationHref, known.c1ConversationHref)) return 'C1';
  if (sameHref(conversationHref, known.c2ConversationHref)) return 'C2';
  // An invitation of a person may name a fresh conversation (reference/service-api.md 8).
  if (word === 'participantInvitation' || word === 'userMeetingInvitation') return 'C2';
  const ownLeg = legByNature(evidence, direction);
  const free = freeLegs(known);
  if (ownLeg !== undefined) return conversationHref === undefined || free.includes(ownLeg) ? ownLeg : undefined;
  return conversationHref !== undefined && free.length === 1 ? free[0] : undefined;
}

function legByNature({ word, state, links }: LegEvidence, direction: string | undefined): Leg | undefined {
  if (word === 'messagingInvitation') {
    if (direction === 'Incoming') return 'C1';
    return direction === 'Outgoing' ? 'C2' : undefined;
  }
  if (meetingOnly.has(word)) return 'C2';
  if (visitorOnly.has(word)) return 'C1';
  if (word !== 'conversation') return undefined;
  if (state === 'Incoming' || links.conversationBridge !== undefined) return 'C1';
  return state === 'Conferencing' || state === 'Conferenced' || links.onlineMeeting !== undefined ? 'C2' : undefined;
}

function freeLegs(known: KnownLegs): readonly Leg[] {
  const free: Leg[] = [];
  if (known.c1ConversationHref === undefined) free.push('C1');
  if (known.c2ConversationHref === undefined) free.push('C2');
  return free;
}

/** Remembers a conversation that an event has just shown. */
export function learn(known: KnownLegs, leg: Leg, conversationHref: string | undefined): KnownLegs {
  if (conversationHref === undefined) return known;
  if (leg === 'C1')
    return known.c1ConversationHref === undefined ? { ...known, c1ConversationHref: conversationHref } : known;
  return known.c2ConversationHref === undefined ? { ...known, c2ConversationHref: conversationHref } : known;
}
