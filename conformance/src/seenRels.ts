/** Collects what a server says: which links and embedded resources stand on which resource, and which events are told to whom. */
import type { EventBatch } from './eventLog.ts';
import type { Resource } from './hal.ts';

/** S: the service side. U: UCWA. */
export type Face = 'S' | 'U';

export interface SeenRels {
  /** `S messaging link sendMessage`, `U application embeds me`. */
  readonly parts: Set<string>;
  /** `S communication: messagingInvitation started`, `U conversation: participant added in typingParticipants`. */
  readonly events: Set<string>;
  /** Addresses that lead to a resource, so that it can be looked at. */
  readonly readable: Set<string>;
}

export const newSeenRels = (): SeenRels => ({ parts: new Set(), events: new Set(), readable: new Set() });

/** Links that are followed with GET; all others do something. */
const readable = new Set(
  `self application applications attendees bridgedParticipants contact contactPresence conversation conversationBridge conversations
   leaders lobby localParticipant location me messaging myApplications myContacts note onlineMeeting organizer participant
   participantMessaging participants policies presence typingParticipants`.split(/\s+/),
);

/** The word behind a rel, without the prefix of the service side. */
const wordOf = (rel: string): string => rel.replace(/^(ms:rtc:saas:|service:)/, '');

export const faceOf = (url: string): Face | undefined => {
  const { pathname } = new URL(url, 'http://any.invalid');
  if (/^\/platformservice/i.test(pathname)) return 'S';
  return /^\/(ucwa|autodiscover)/i.test(pathname) ? 'U' : undefined;
};

/** @param word of a resource that does not name itself */
export function noteResource(seen: SeenRels, face: Face, resource: Resource, word = wordOf(resource.rel ?? '')): void {
  if (word === '') return;
  for (const [rel, target] of Object.entries(resource._links ?? {})) {
    seen.parts.add(`${face} ${word} link ${wordOf(rel)}`);
    if (readable.has(wordOf(rel))) for (const { href } of [target].flat()) seen.readable.add(href);
  }
  for (const [rel, found] of Object.entries(resource._embedded ?? {})) {
    seen.parts.add(`${face} ${word} embeds ${wordOf(rel)}`);
    for (const one of [found].flat()) noteResource(seen, face, one);
  }
}

export function noteBatch(seen: SeenRels, face: Face, batch: EventBatch): void {
  noteResource(seen, face, { _links: batch._links ?? {} }, 'events');
  for (const { rel: sender, events } of batch.sender ?? []) {
    for (const { link, type, in: owner, _embedded: embedded } of events) {
      const membership = owner === undefined ? '' : ` in ${wordOf(owner.rel)}`;
      seen.events.add(`${face} ${wordOf(sender)}: ${wordOf(link.rel)} ${type}${membership}`);
      for (const one of Object.values(embedded ?? {})) noteResource(seen, face, one);
    }
  }
}
