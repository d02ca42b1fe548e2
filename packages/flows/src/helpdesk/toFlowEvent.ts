/** From a wire event to the flow's own: one case a word. */
import { fromWireDate } from '@repo/ucwa-protocol/wireDate';
import type { EventLinks, Leg, PersonSeen, WireFlowEvent } from './events.ts';
import { participantUriOf, resolveHref } from './hrefs.ts';
import { type ReadEvent, unrecognized } from './readEvent.ts';
import {
  dataTextOf,
  firstOf,
  type JsonObject,
  memberByWord,
  objectOf,
  present,
  reasonOf,
  textOf,
} from './wireReader.ts';

/** The flow event of a wire event whose leg is known; `unrecognized` for a word that the decision has no use for. */
export function toFlowEvent(event: ReadEvent, leg: Leg, authority: string | undefined): WireFlowEvent {
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
    const person = personSeen(resource, event.title, href);
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
  const plain = dataTextOf(links.plainMessage);
  const html = dataTextOf(links.htmlMessage);
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
