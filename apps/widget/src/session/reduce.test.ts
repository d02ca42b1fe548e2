import { toDataUri } from '@repo/ucwa-protocol/dataUri';
import type { EventBatch, WireEvent } from '@repo/ucwa-protocol/events';
import { toWireDate } from '@repo/ucwa-protocol/wireDate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChatState, initialState } from './chatState.ts';
import { accepted, enqueue } from './outbox.ts';
import { reduce } from './reduce.ts';

const conversation = 'https://platform.test/ucwa/c1';
const chatting: ChatState = { ...initialState, phase: 'chatting', panel: 'open' };

interface Spoken {
  readonly own: boolean;
  readonly text: string;
  readonly timeStamp: number;
}

function messageEvent(n: number, { own, text, timeStamp }: Spoken, prefix = ''): WireEvent {
  const href = `${conversation}/messaging/messages/${n}`;
  return {
    link: { rel: `${prefix}message`, href },
    status: 'Success',
    type: 'completed',
    _embedded: {
      [`${prefix}message`]: {
        direction: own ? 'Outgoing' : 'Incoming',
        timeStamp: toWireDate(timeStamp),
        ...(own ? { operationId: `op${n}` } : {}),
        _links: {
          self: { href },
          plainMessage: { href: toDataUri('text/plain;charset=utf-8', text) },
          ...(own ? {} : { participant: { href: `${conversation}/participants/ann`, title: 'Ann' } }),
        },
      },
    },
  };
}

function batchOf(...events: WireEvent[]): EventBatch {
  return { _links: {}, sender: [{ rel: 'conversation', href: conversation, events }] };
}

function conversationEvent(type: WireEvent['type'], reason?: WireEvent['reason']): WireEvent {
  return { link: { rel: 'conversation', href: conversation }, type, ...(reason ? { reason } : {}) };
}

const spoken = fc.uniqueArray(
  fc.record({ own: fc.boolean(), text: fc.string({ minLength: 1 }), timeStamp: fc.integer({ min: 1, max: 1e12 }) }),
  { selector: (message) => message.timeStamp, maxLength: 12 },
);

describe('reduce', () => {
  it('ends in the same list for any order, repetition and cut of the batches', () => {
    fc.assert(
      fc.property(spoken, fc.infiniteStream(fc.nat()), (messages, dice) => {
        const roll = (below: number) => (dice.next().value ?? 0) % below;
        const events = messages.map((message, n) => messageEvent(n, message));
        const own = messages.flatMap((message, n) => (message.own ? [{ n, text: message.text }] : []));
        // Some of the visitor's messages have had their 201 before the events come, others have not.
        const before = own.reduce((state, { n, text }) => {
          const waiting = enqueue(state, text, `op${n}`, 1000 + n);
          return roll(2) ? accepted(waiting, `op${n}`, `${conversation}/messaging/messages/${n}`) : waiting;
        }, chatting);
        const repeated = events.flatMap((event) => Array.from({ length: 1 + roll(3) }, () => event));
        const shuffled = repeated.map((event) => ({ event, at: roll(1e6) })).sort((one, other) => one.at - other.at);
        const after = shuffled.reduce((state, { event }, n) => reduce(state, batchOf(event), 2000 + n), before);
        expect(after.messages.map((row) => [row.timeStamp, row.text, row.state])).toEqual(
          [...messages]
            .sort((one, other) => one.timeStamp - other.timeStamp)
            .map(({ timeStamp, text }) => [timeStamp, text, 'delivered']),
        );
      }),
    );
  });

  it('never throws on a batch that is not what it should be', () => {
    const rel = fc.constantFrom('message', 'messaging', 'participant', 'messagingInvitation', 'conversation', 'x');
    const event = fc.record(
      {
        link: fc.record({ rel, href: fc.webUrl() }),
        type: fc.constantFrom('started', 'added', 'updated', 'completed', 'deleted'),
        _embedded: fc.dictionary(rel, fc.object()),
        reason: fc.object(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(event), (events) => {
        reduce(chatting, batchOf(...(events as unknown as WireEvent[])), 1);
      }),
    );
  });

  it('counts what comes while the panel is hidden, once', () => {
    const event = messageEvent(1, { own: false, text: 'Hi', timeStamp: 5 });
    const hidden = reduce({ ...chatting, panel: 'hidden' }, batchOf(event, event), 1);
    expect(hidden.unread).toBe(1);
    expect(reduce(hidden, batchOf(event), 1).unread).toBe(1);
    expect(reduce(chatting, batchOf(event), 1).unread).toBe(0);
  });

  it('reads both rel prefixes and keeps the address of the next batch', () => {
    const event = messageEvent(1, { own: false, text: 'Hi', timeStamp: 5 }, 'ms:rtc:saas:');
    const next = 'https://platform.test/events?ack=7';
    const after = reduce(chatting, { ...batchOf(event), _links: { next: { href: next } } }, 1);
    expect(after.messages[0]).toMatchObject({ text: 'Hi', from: 'Ann', timeStamp: 5 });
    expect(after.eventsHref).toBe(next);
  });

  it('does not take html for text', () => {
    const event = messageEvent(1, { own: false, text: 'x', timeStamp: 5 });
    const html = { htmlMessage: { href: toDataUri('text/html;charset=utf-8', '<img src=x onerror=alert(1)>') } };
    const message = { ...event._embedded?.message, direction: 'Incoming', _links: html };
    expect(reduce(chatting, batchOf({ ...event, _embedded: { message } }), 1).messages).toEqual([]);
  });

  it('shows who is typing until told otherwise or until the message is there', () => {
    const link = { rel: 'participant', href: `${conversation}/participants/ann`, title: 'Ann' };
    const view = { rel: 'typingParticipants', href: `${conversation}/messaging/typingParticipants` };
    const typing = reduce(chatting, batchOf({ link, in: view, type: 'added' }, { link, in: view, type: 'added' }), 1);
    expect(typing.typing).toEqual([{ href: link.href, name: 'Ann' }]);
    expect(reduce(typing, batchOf({ link, in: view, type: 'deleted' }), 1).typing).toEqual([]);
    const answered = reduce(typing, batchOf(messageEvent(1, { own: false, text: 'Hi', timeStamp: 5 })), 1);
    expect(answered.typing).toEqual([]);
  });

  it('does not let a late started take back a delivery', () => {
    const completed = messageEvent(1, { own: true, text: 'Hi', timeStamp: 5 });
    const { status: _status, ...started } = { ...completed, type: 'started' as const };
    const after = reduce(enqueue(chatting, 'Hi', 'op1', 1), batchOf(completed, started), 1);
    expect(after.messages).toMatchObject([{ key: 'op1', state: 'delivered' }]);
  });

  it('marks an undelivered message and ignores the old failure after it was sent anew', () => {
    const failure: WireEvent = {
      ...messageEvent(1, { own: true, text: 'Hi', timeStamp: 5 }),
      status: 'Failure',
      reason: { code: 'RemoteFailure', subcode: 'Timeout' },
    };
    const failed = reduce(enqueue(chatting, 'Hi', 'op1', 1), batchOf(failure), 1);
    expect(failed.messages).toMatchObject([{ state: 'failed', failure: 'notDelivered' }]);
    expect(reduce(chatting, batchOf(failure), 1).messages).toEqual([]);
  });

  it.each([
    ['CallTerminated', 'endedByHelpdesk'],
    ['Ended', 'endedByHelpdesk'],
    ['Somewhat', 'failed'],
  ])('says why the conversation went: %s', (subcode, outcome) => {
    const after = reduce(chatting, batchOf(conversationEvent('deleted', { code: 'RemoteFailure', subcode })), 1);
    expect(after).toMatchObject({ phase: 'ended', outcome });
  });

  it('takes the end that the visitor asked for as the visitor’s', () => {
    const reason = { code: 'RemoteFailure', subcode: 'CallTerminated' };
    const after = reduce({ ...chatting, closing: true }, batchOf(conversationEvent('deleted', reason)), 1);
    expect(after.outcome).toBe('endedByVisitor');
  });

  it.each([
    ['Declined', 'declined'],
    ['Timeout', 'unanswered'],
    ['Unreachable', 'unreachable'],
  ])('keeps the reason of a failed invitation over the end that follows: %s', (subcode, outcome) => {
    const invitation: WireEvent = {
      link: { rel: 'messagingInvitation', href: 'https://platform.test/i/1' },
      status: 'Failure',
      reason: { code: 'RemoteFailure', subcode },
      type: 'completed',
    };
    const ringing = enqueue({ ...chatting, phase: 'ringing' }, 'Help', 'op1', 1);
    const after = reduce(ringing, batchOf(invitation, conversationEvent('deleted')), 1);
    expect(after).toMatchObject({ phase: 'ended', outcome });
    expect(after.messages).toMatchObject([{ state: 'failed', failure: 'chatEnded' }]);
  });
});
