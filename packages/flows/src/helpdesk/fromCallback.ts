/**
 * From a callback batch to flow events.
 *
 * 1. Flatten the sender blocks in wire order and read each event's target, resource and links (hrefs absolute).
 * 2. Learn the conversations that the batch itself shows (an invitation names its conversation).
 * 3. Decide the leg of each event, and write the flow event.
 *
 * Tolerant as reference/client-expectations.md 4.13 asks: both rel prefixes, relative or absolute hrefs, ISO or
 * `/Date()/`, missing `status`, unknown members and words. What cannot be used becomes `unrecognized` with the reason;
 * nothing is dropped silently and nothing throws.
 */
import { fromDataUri } from '@repo/ucwa-protocol/dataUri';
import { type EventType, eventTypes } from '@repo/ucwa-protocol/events';
import { wordOf } from '@repo/ucwa-protocol/rels';
import { fromWireDate } from '@repo/ucwa-protocol/wireDate';
import type { EventLinks, Leg, PersonSeen, UnrecognizedEvent, WireFlowEvent } from './events.ts';
import { authorityOf, participantUriOf, resolveHref } from './hrefs.ts';
import { type KnownLegs, learn, legOf } from './legs.ts';
import {
  firstOf,
  type JsonObject,
  linksOf,
  listOf,
  memberByWord,
  objectOf,
  present,
  reasonOf,
  textOf,
} from './wireReader.ts';

interface ReadEvent {
  readonly word: string;
  readonly eventType: EventType;
  readonly href: string;
  readonly title: string | undefined;
  readonly inWord: string | undefined;
  readonly inHref: string | undefined;
  readonly conversationHref: string | undefined;
  readonly status: unknown;
  readonly reason: unknown;
  readonly resource: JsonObject | undefined;
  readonly links: EventLinks;
}

/**
 * Reads a callback batch of any shape.
 * @param batch the parsed body of the POST
 * @param known the session's conversations as far as known (`summaryOf`); hrefs compare without letter case
 * @returns the flow events in wire order; empty for a heartbeat. Never throws.
 */
export function fromCallback(batch: unknown, known: KnownLegs = {}): WireFlowEvent[] {
  const authority = authorityOf(objectOf(batch)?.baseuri);
  const read = listOf(objectOf(batch)?.sender).flatMap((block) =>
    listOf(objectOf(block)?.events).map((event) => readEvent(block, event, authority)),
  );
  let legs = known;
  for (const event of read) {
    if (isUnrecognized(event) || !event.word.endsWith('nvitation')) continue;
    const leg = legOf({ ...event, direction: textOf(event.resource?.direction) }, legs);
    if (leg !== undefined && event.word !== 'participantInvitation' && event.word !== 'userMeetingInvitation') {
      legs = learn(legs, leg, event.conversationHref);
    }
  }
  return read.map((event) => {
    if (isUnrecognized(event)) return event;
    const evidence = { ...event, direction: textOf(event.resource?.direction), state: textOf(event.resource?.state) };
    const leg = legOf(evidence, legs);
    if (leg === undefined)
      return unrecognized(event.word, event.eventType, 'it belongs to no conversation of this session');
    if (event.word === 'conversation') legs = learn(legs, leg, event.conversationHref);
    return toFlowEvent(event, leg, authority);
  });
}

function readEvent(block: unknown, value: unknown, authority: string | undefined): ReadEvent | UnrecognizedEvent {
  const event = objectOf(value);
  const link = objectOf(event?.link);
  const word = wordOf(textOf(link?.rel) ?? '');
  const eventType = eventTypes.find((candidate) => candidate === event?.type);
  if (word === '' || eventType === undefined)
    return unrecognized(word, eventType ?? '', 'it has no rel or no known type');
  const rawHref = textOf(link?.href);
  const href = rawHref === undefined ? undefined : resolveHref(authority, rawHref);
  if (href === undefined) return unrecognized(word, eventType, 'its href cannot be resolved');
  const resource = firstOf(memberByWord(event?._embedded, word));
  const links = linksOf(resource, authority);
  const inLink = objectOf(event?.in);
  const inHref = textOf(inLink?.href);
  const sender = objectOf(block);
  const senderHref = textOf(sender?.href);
  const fromConversation = wordOf(textOf(sender?.rel) ?? '') === 'conversation' && senderHref !== undefined;
  const ofSender = fromConversation ? resolveHref(authority, senderHref) : undefined;
  return {
    word,
    eventType,
    href,
    title: textOf(link?.title),
    inWord: inLink === undefined ? undefined : wordOf(textOf(inLink.rel) ?? ''),
    inHref: inHref === undefined ? undefined : resolveHref(authority, inHref),
    conversationHref: word === 'conversation' ? href : (ofSender ?? links.conversation),
    status: event?.status,
    reason: event?.reason,
    resource,
    links,
  };
}

function isUnrecognized(event: ReadEvent | UnrecognizedEvent): event is UnrecognizedEvent {
  return 'type' in event;
}

function unrecognized(word: string, eventType: EventType | '', why: string): UnrecognizedEvent {
  return { type: 'unrecognized', word, eventType, why };
}

function toFlowEvent(event: ReadEvent, leg: Leg, authority: string | undefined): WireFlowEvent {
  const { word, eventType, href, resource, links, conversationHref } = event;
  const base = { leg, href, ...present({ conversationHref, reason: reasonOf(event.reason) }) };
  const state = textOf(resource?.state);
  const isOperation = eventType === 'started' || eventType === 'completed' || eventType === 'updated';
  const isMember = eventType === 'added' || eventType === 'deleted' || eventType === 'updated';
  if (isOperation) {
    const outcome = eventType === 'completed' ? outcomeOf(event.status, state, event.reason) : undefined;
    const members = {
      links,
      ...present({ state, operationId: textOf(resource?.operationId), subject: textOf(resource?.subject), outcome }),
    };
    if (word === 'messagingInvitation') {
      const direction = leg === 'C1' ? 'Incoming' : 'Outgoing';
      return { type: `${word}.${eventType}`, ...base, ...members, direction, ...fromMember(resource, links) };
    }
    if (word === 'onlineMeetingInvitation') {
      const onlineMeetingUri = textOf(resource?.onlineMeetingUri);
      return { type: `${word}.${eventType}`, ...base, ...members, ...present({ onlineMeetingUri }) };
    }
    if (word === 'participantInvitation' || word === 'userMeetingInvitation') {
      return { type: `${word}.${eventType}`, ...base, ...members };
    }
    if (word === 'messaging' && eventType === 'updated') {
      return { type: 'messaging.updated', ...base, links, ...present({ state }) };
    }
    if (word === 'message' && eventType !== 'updated') {
      return { type: `message.${eventType}`, ...base, ...messageMembers(event, authority) };
    }
  }
  if (isMember) {
    if (word === 'conversation') return { type: `${word}.${eventType}`, ...base, links, ...present({ state }) };
    if (word === 'conversationBridge' || word === 'onlineMeeting') {
      const onlineMeetingUri = textOf(resource?.onlineMeetingUri);
      return { type: `${word}.${eventType}`, ...base, links, ...present({ onlineMeetingUri }) };
    }
    if (word === 'bridgedParticipant') {
      const participantUri = textOf(resource?.participantUri)?.toLowerCase() ?? participantUriOf(href);
      return { type: `${word}.${eventType}`, ...base, ...present({ participantUri }) };
    }
    const person = { ...personSeen(resource, event.title, href) };
    if (word === 'participantMessaging') {
      return { type: `${word}.${eventType}`, ...base, ...personSeen(undefined, undefined, event.inHref ?? href) };
    }
    if (word === 'participant' && (event.inWord === undefined || event.inWord === 'participants')) {
      return { type: `${word}.${eventType}`, ...base, ...person };
    }
    if (word === 'participant' && event.inWord === 'typingParticipants' && eventType !== 'updated') {
      return { type: `typingParticipant.${eventType}`, ...base, ...person };
    }
  }
  return unrecognized(word, eventType, 'the helpdesk decision does not use it');
}

/** `status` first; one capture lacks it, then the state tells, then whether a reason was given. */
function outcomeOf(status: unknown, state: string | undefined, reason: unknown): 'Success' | 'Failure' {
  if (status === 'Success' || status === 'Failure') return status;
  if (state !== undefined && state !== 'Connecting') return state === 'Connected' ? 'Success' : 'Failure';
  return objectOf(reason) === undefined ? 'Success' : 'Failure';
}

function personSeen(resource: JsonObject | undefined, title: string | undefined, href: string | undefined): PersonSeen {
  const uri = textOf(resource?.uri)?.toLowerCase() ?? (href === undefined ? undefined : participantUriOf(href));
  return present({ uri, name: textOf(resource?.name) ?? title });
}

function fromMember(resource: JsonObject | undefined, links: EventLinks): { from?: PersonSeen } {
  const embedded = firstOf(memberByWord(resource?._embedded, 'from'));
  const title = textOf(firstOf(memberByWord(resource?._links, 'from'))?.title);
  const from = personSeen(embedded, title, links.from);
  return Object.keys(from).length === 0 ? {} : { from };
}

function messageMembers(event: ReadEvent, authority: string | undefined) {
  const { resource, links } = event;
  const direction: 'Incoming' | 'Outgoing' = resource?.direction === 'Outgoing' ? 'Outgoing' : 'Incoming';
  const link = firstOf(memberByWord(resource?._links, 'participant'));
  const linkHref = textOf(link?.href);
  const embedded = firstOf(memberByWord(resource?._embedded, 'senderParticipant'));
  const author = personSeen(
    embedded,
    textOf(link?.title),
    linkHref === undefined ? undefined : resolveHref(authority, linkHref),
  );
  const plain = links.plainMessage === undefined ? undefined : fromDataUri(links.plainMessage)?.text;
  const html = links.htmlMessage === undefined ? undefined : fromDataUri(links.htmlMessage)?.text;
  const timeStampMs = fromWireDate(textOf(resource?.timeStamp) ?? '');
  const text = plain ?? html;
  return {
    direction,
    ...present({
      timeStampMs: timeStampMs !== undefined && Number.isSafeInteger(timeStampMs) ? timeStampMs : undefined,
      operationId: textOf(resource?.operationId),
      author: Object.keys(author).length === 0 ? undefined : author,
      text,
      contentType: contentTypeOf(plain, text),
      outcome: event.eventType === 'completed' ? outcomeOf(event.status, undefined, event.reason) : undefined,
    }),
  };
}

function contentTypeOf(plain: string | undefined, text: string | undefined): 'text/plain' | 'text/html' | undefined {
  if (text === undefined) return undefined;
  return plain === undefined ? 'text/html' : 'text/plain';
}
