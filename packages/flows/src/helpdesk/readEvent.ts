/** One event of a callback, read but not yet understood: what it is about, with absolute hrefs. */
import { type EventType, eventTypes } from '@repo/ucwa-protocol/events';
import { wordOf } from '@repo/ucwa-protocol/rels';
import type { EventLinks, UnrecognizedEvent } from './events.ts';
import { resolveHref } from './hrefs.ts';
import { firstOf, type JsonObject, linksOf, memberByWord, objectOf, textOf } from './wireReader.ts';

export interface ReadEvent {
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

/** @param block the sender block it stood in @param authority what relative hrefs resolve against */
export function readEvent(
  block: unknown,
  value: unknown,
  authority: string | undefined,
): ReadEvent | UnrecognizedEvent {
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

export function isUnrecognized(event: ReadEvent | UnrecognizedEvent): event is UnrecognizedEvent {
  return 'type' in event;
}

export function unrecognized(word: string, eventType: EventType | '', why: string): UnrecognizedEvent {
  return { type: 'unrecognized', word, eventType, why };
}
