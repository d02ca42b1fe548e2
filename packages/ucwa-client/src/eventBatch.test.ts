import type { EventBatch } from '@repo/ucwa-protocol/events';
import { describe, expect, it } from 'vitest';
import { eventsOf } from './eventBatch.ts';
import { readMessage } from './message.ts';
import { readParticipant } from './participant.ts';

const sender = { rel: 'ms:rtc:saas:conversation', href: '/c/1' };
const message = {
  direction: 'Incoming',
  timeStamp: '/Date(1489524122496)/',
  _links: {
    self: { href: '/c/1/messages/3' },
    'ms:rtc:saas:participant': { href: '/c/1/participants/ann@contoso.com', title: 'Ann' },
    plainMessage: { href: 'data:text/plain;charset=utf-8,Gr%c3%bc%c3%9fe+%2b+1' },
  },
  rel: 'ms:rtc:saas:message',
};
const messageEvent = {
  link: { rel: 'ms:rtc:saas:message', href: '/c/1/messages/3' },
  status: 'Success' as const,
  _embedded: { 'ms:rtc:saas:message': message },
  type: 'completed' as const,
};
const typingEvent = {
  link: { rel: 'participant', href: '/c/1/participants/ann@contoso.com', title: 'Ann' },
  in: { rel: 'service:typingParticipants', href: '/c/1/messaging/typingParticipants' },
  type: 'added' as const,
};

describe('eventsOf', () => {
  it('flattens in order, with words instead of rels', () => {
    const batch: EventBatch = {
      _links: {},
      sender: [
        { ...sender, events: [messageEvent, typingEvent] },
        { rel: 'communication', href: '/c', events: [] },
        { ...sender, events: [messageEvent] },
      ],
    };
    expect(eventsOf(batch).map(({ sender, word, inWord, event }) => [sender.rel, word, inWord, event.type])).toEqual([
      ['conversation', 'message', undefined, 'completed'],
      ['conversation', 'participant', 'typingParticipants', 'added'],
      ['conversation', 'message', undefined, 'completed'],
    ]);
    expect(eventsOf(batch)[0]?.resource).toBe(message);
    expect(eventsOf(batch)[1]?.resource).toBeUndefined();
  });

  it('leaves out what is no event', () => {
    const events = [null, {}, { link: {} }, { link: { rel: 'message' }, type: 'added' }, 7, messageEvent];
    const batch = { _links: {}, sender: [null, { rel: 'x', href: '/x' }, { ...sender, events }, { events: 'no' }] };
    expect(eventsOf(batch as never)).toHaveLength(1);
    expect(eventsOf({ _links: {} })).toEqual([]);
    expect(eventsOf({ _links: {}, sender: 'no' } as never)).toEqual([]);
  });
});

describe('readMessage', () => {
  const read = {
    href: '/c/1/messages/3',
    direction: 'Incoming',
    timeStampMs: 1489524122496,
    text: 'Grüße + 1',
    contentType: 'text/plain;charset=utf-8',
    participantHref: '/c/1/participants/ann@contoso.com',
    participantTitle: 'Ann',
  };

  it('reads an event and a resource alike', () => {
    expect(readMessage(messageEvent)).toEqual(read);
    expect(readMessage(message)).toEqual(read);
  });

  it('takes the sender from contact or from senderParticipant', () => {
    const { plainMessage, self } = message._links;
    const contact = { ...message, _links: { self, plainMessage, contact: { href: '/people/ann' } } };
    expect(readMessage(contact)).toMatchObject({ participantHref: '/people/ann' });
    const person = { name: 'Ann', _links: { self: { href: '/p/ann' } } };
    const embeddedOnly = {
      ...message,
      _links: { self, plainMessage },
      _embedded: { 'ms:rtc:saas:senderParticipant': [person] },
    };
    expect(readMessage(embeddedOnly)).toMatchObject({ participantHref: '/p/ann', participantTitle: 'Ann' });
    const untitled = {
      ...message,
      _links: { ...message._links, 'ms:rtc:saas:participant': { href: '/p', title: '' } },
    };
    expect(readMessage({ ...untitled, _embedded: embeddedOnly._embedded })).toMatchObject({ participantTitle: 'Ann' });
  });

  it('reads an outgoing one with an ISO date, an operationId and no text', () => {
    const outgoing = {
      direction: 'Outgoing',
      timeStamp: '2016-12-15T20:05:08.631Z',
      operationId: 'op1',
      _links: { self: { href: '/c/1/messages/2' } },
    };
    expect(readMessage(outgoing)).toEqual({
      href: '/c/1/messages/2',
      direction: 'Outgoing',
      timeStampMs: Date.UTC(2016, 11, 15, 20, 5, 8, 631),
      text: '',
      contentType: 'text/plain',
      operationId: 'op1',
    });
  });

  it('reads html, and a missing time as the time of receipt', () => {
    const html = {
      direction: 'Incoming',
      _links: { self: { href: '/m' }, htmlMessage: { href: 'data:text/html;charset=utf-8,%3cb%3ehi' } },
    };
    expect(readMessage(html, 42)).toMatchObject({
      text: '<b>hi',
      contentType: 'text/html;charset=utf-8',
      timeStampMs: 42,
    });
  });

  it('knows what is no message', () => {
    expect(readMessage({ ...messageEvent, _embedded: {} })).toBeUndefined();
    expect(readMessage({ rel: 'messaging', state: 'Connected' })).toBeUndefined();
    expect(readMessage({ direction: 'Incoming' })).toBeUndefined();
  });
});

describe('readParticipant', () => {
  it('reads an event with a link only, an embedded one, and a resource', () => {
    expect(readParticipant(typingEvent)).toEqual({ href: '/c/1/participants/ann@contoso.com', name: 'Ann' });
    const participant = { uri: 'sip:ann@contoso.com', name: 'Ann A', _links: { self: { href: '/p/ann' } } };
    const added = { link: { rel: 'service:participant', href: '/p/ann', title: '' }, type: 'added' as const };
    const expected = { href: '/p/ann', name: 'Ann A', uri: 'sip:ann@contoso.com' };
    expect(readParticipant({ ...added, _embedded: { 'service:participant': participant } })).toEqual(expected);
    expect(readParticipant(participant)).toEqual(expected);
    expect(readParticipant(added)).toEqual({ href: '/p/ann' });
    expect(readParticipant({ name: 'x' })).toBeUndefined();
  });
});
