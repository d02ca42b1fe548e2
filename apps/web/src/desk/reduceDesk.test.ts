import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeskAction, RecordedMessage } from './deskAction.ts';
import { type DeskState, emptyDesk } from './deskState.ts';
import { chatsOf, isVisitorTyping, ringingNow, statusOf } from './deskView.ts';
import { reduceDesk } from './reduceDesk.ts';
import {
  batchOf,
  conversation,
  conversationDeleted,
  conversationEvent,
  invitation,
  invitationEvent,
  meeting,
  messageEvent,
  messagingEvent,
  participantEvent,
} from './testing/wireEvents.ts';
import { transcriptOf, unreadIn } from './transcript.ts';

const self = { sipUri: 'sip:ann@contoso.com', name: 'Ann' };
const signedIn: DeskAction = { type: 'signedIn', ...self };
const batch = (...given: Parameters<typeof batchOf>): DeskAction => ({
  type: 'batch',
  batch: batchOf(...given),
  now: 1000,
});
const ring = batch('communication', invitationEvent('started'), conversationEvent('added', 'Incoming'));
const joined: readonly DeskAction[] = [
  signedIn,
  ring,
  batch('communication', conversationEvent('updated', 'Conferenced'), invitationEvent('completed', 'Connected')),
  batch('conversation', participantEvent('added'), messagingEvent('Connected')),
];

function after(actions: readonly DeskAction[], from: DeskState = emptyDesk): DeskState {
  return actions.reduce(reduceDesk, from);
}

function chatIn(state: DeskState) {
  const chat = state.chats[conversation];
  if (!chat) throw new Error('no chat');
  return chat;
}

function linesOf(state: DeskState): string[] {
  return transcriptOf(chatIn(state), state.outbox).map(({ author, text }) => `${author}: ${text}`);
}

describe('ringing', () => {
  it('shows who rings, the first words, and when it will be over', () => {
    expect(ringingNow(after([ring]), 2000)).toMatchObject([
      { visitorName: 'Vera', firstWords: 'Where is my invoice?', onlineMeetingUri: meeting, deadline: 31_000 },
    ]);
  });

  it('goes on past the usual time while the platform is heard, until the invitation ends', () => {
    const online = after([ring, { type: 'platform', reach: 'online' }]);
    expect(ringingNow(online, 3_600_000)).toMatchObject([{ visitorName: 'Vera' }]);
    const over = batch('communication', invitationEvent('completed', 'Failed'));
    expect(ringingNow(after([over], online), 2000)).toEqual([]);
  });

  it.each(['waiting', 'elsewhere'] as const)('ends at the usual time while the platform is %s', (reach) => {
    const unheard = after([ring, { type: 'platform', reach }]);
    expect(ringingNow(unheard, 30_999)).toHaveLength(1);
    expect(ringingNow(unheard, 31_000)).toEqual([]);
  });

  it('does not ring again when a batch comes again after the end', () => {
    const over = batch('communication', invitationEvent('completed', 'Failed'));
    expect(ringingNow(after([ring, over, ring]), 2000)).toEqual([]);
    expect(ringingNow(after([over, ring]), 2000)).toEqual([]);
  });

  it('can be answered again when the answer did not get through', () => {
    const href = invitation;
    expect(after([ring, { type: 'answering', href }]).ringing[href]?.state).toBe('accepting');
    expect(after([ring, { type: 'answering', href }, { type: 'answerFailed', href }]).ringing[href]?.state).toBe(
      'ringing',
    );
  });

  it('leaves no chat behind when it was not answered', () => {
    const missed = batch('communication', invitationEvent('completed', 'Failed'), conversationDeleted);
    expect(chatsOf(after([ring, missed]))).toEqual([]);
  });
});

describe('a chat', () => {
  it('goes from connecting to active', () => {
    const connecting = after([ring, batch('communication', conversationEvent('updated', 'Conferenced'))]);
    expect(statusOf(chatIn(connecting))).toBe('connecting');
    expect(statusOf(chatIn(after(joined)))).toBe('active');
    expect(chatsOf(after(joined))).toMatchObject([{ visitorName: 'Vera', onlineMeetingUri: meeting }]);
  });

  it('says who ended it', () => {
    const left = batch('conversation', participantEvent('deleted'));
    const over = batch('communication', conversationEvent('updated', 'Disconnected'), conversationDeleted);
    const requested: DeskAction = { type: 'endRequested', conversationHref: conversation, requested: true };
    expect(statusOf(chatIn(after([...joined, left])))).toBe('visitorLeft');
    expect(statusOf(chatIn(after([...joined, left, over])))).toBe('endedByVisitor');
    expect(statusOf(chatIn(after([...joined, requested, left, over])))).toBe('endedByAgent');
    expect(statusOf(chatIn(after([...joined, over])))).toBe('ended');
  });

  it('does not come back to life when an old batch comes again', () => {
    const state = after([...joined, batch('communication', conversationDeleted), ...joined]);
    expect(statusOf(chatIn(state))).toBe('ended');
    expect(chatIn(state).messaging).toBeUndefined();
  });

  it('shows typing until it stops, a message comes, or nothing is heard of it', () => {
    const typing = after([...joined, batch('conversation', participantEvent('added', 'typingParticipants'))]);
    expect(isVisitorTyping(chatIn(typing), 2000)).toBe(true);
    expect(isVisitorTyping(chatIn(typing), 20_000)).toBe(false);
    const stopped = batch('conversation', participantEvent('deleted', 'typingParticipants'));
    expect(isVisitorTyping(chatIn(after([stopped], typing)), 2000)).toBe(false);
    const said = batch('conversation', messageEvent({ at: 5, text: 'Hello' }));
    expect(isVisitorTyping(chatIn(after([said], typing)), 2000)).toBe(false);
  });

  it('counts what nobody looked at', () => {
    const state = after([...joined, batch('conversation', messageEvent({ at: 5, text: 'a' }))]);
    expect(unreadIn(chatIn(state))).toBe(1);
    const looked: DeskAction = { type: 'looked', conversationHref: conversation };
    expect(unreadIn(chatIn(after([looked], state)))).toBe(0);
  });
});

describe('own messages', () => {
  const typed = (operationId: string, text: string): DeskAction => ({
    type: 'typed',
    message: { operationId, conversationHref: conversation, text, typedAt: 1, status: 'waiting' },
  });

  it('wait, are accepted, and then have their place once', () => {
    const waiting = after([...joined, typed('op1', 'Hi')]);
    expect(linesOf(waiting)).toEqual(['self: Hi']);
    const accepted = after([{ type: 'accepted', operationId: 'op1', messageHref: undefined }], waiting);
    expect(accepted.outbox).toMatchObject([{ status: 'accepted' }]);
    const event = batch('conversation', messageEvent({ at: 9, text: 'Hi', operationId: 'op1' }));
    const placed = after([event, event], accepted);
    expect(placed.outbox).toEqual([]);
    expect(linesOf(placed)).toEqual(['self: Hi']);
  });

  it('have their place also when the event overtakes the answer', () => {
    const event = batch('conversation', messageEvent({ at: 9, text: 'Hi', operationId: 'op1' }));
    const answered: DeskAction = { type: 'accepted', operationId: 'op1', messageHref: undefined };
    expect(linesOf(after([...joined, typed('op1', 'Hi'), event, answered]))).toEqual(['self: Hi']);
  });

  it('keep their text when the event carries none', () => {
    const event = batch('conversation', messageEvent({ at: 9, text: '', operationId: 'op1' }));
    expect(linesOf(after([...joined, typed('op1', 'Hi'), event, event]))).toEqual(['self: Hi']);
  });

  it('are marked when they did not reach the visitor, in any order and however often it is told', () => {
    const own = { at: 9, text: 'Hi', operationId: 'op1' };
    const success = batch('conversation', messageEvent(own));
    const failure = batch('conversation', messageEvent({ ...own, failed: true }));
    const told = fc.array(fc.constantFrom(success, failure), { maxLength: 6 });
    fc.assert(
      fc.property(told, told, (before, afterwards) => {
        const state = after([...joined, typed('op1', 'Hi'), ...before, failure, ...afterwards]);
        expect(state.outbox).toEqual([]);
        expect(transcriptOf(chatIn(state), state.outbox)).toMatchObject([{ text: 'Hi', status: 'undelivered' }]);
      }),
    );
    const delivered = after([...joined, success, success]);
    expect(transcriptOf(chatIn(delivered), [])).toMatchObject([{ status: 'delivered' }]);
  });

  it('are marked after a reload too, when the record says so', () => {
    const message = { timeStamp: 9, author: 'agent', senderUri: self.sipUri, senderName: 'Ann', text: 'Hi' } as const;
    const session = { id: 'hds_1', visitorName: 'Vera', messages: [{ ...message, delivered: false }] };
    const state = after([...joined, { type: 'history', onlineMeetingUri: meeting, session }]);
    expect(transcriptOf(chatIn(state), [])).toMatchObject([{ author: 'self', status: 'undelivered' }]);
  });

  it('are handed back when their chat is not there any more, but not when the platform has them', () => {
    const accepted: DeskAction = { type: 'accepted', operationId: 'op2', messageHref: undefined };
    const read = after([typed('op1', 'Hi'), typed('op2', 'There'), accepted, { type: 'chatsRead' }]);
    expect(read).toMatchObject({ outbox: [], unsent: [{ operationId: 'op1', text: 'Hi' }] });
    expect(after([{ type: 'unsentSeen' }, { type: 'chatsRead' }], read).unsent).toEqual([]);
    expect(after([...joined, typed('op1', 'Hi'), { type: 'chatsRead' }])).toMatchObject({
      outbox: [{ operationId: 'op1' }],
      unsent: [],
    });
  });

  it('that could not be sent go with the chat that is closed', () => {
    const over = batch('communication', conversationDeleted);
    const failed: DeskAction = { type: 'sendFailed', operationId: 'op1', failure: 'The chat has ended.' };
    const away: DeskAction = { type: 'putAway', conversationHref: conversation };
    const state = after([...joined, typed('op1', 'Hi'), over, failed, away, { type: 'chatsRead' }]);
    expect(state).toMatchObject({ outbox: [], unsent: [] });
  });

  it('can be sent again after a refusal', () => {
    const failed = after([
      ...joined,
      typed('op1', 'Hi'),
      { type: 'sendFailed', operationId: 'op1', failure: 'refused' },
    ]);
    expect(transcriptOf(chatIn(failed), failed.outbox)).toMatchObject([{ status: 'failed', failure: 'refused' }]);
    const again = after([{ type: 'retried', operationId: 'op1' }], failed);
    expect(again.outbox).toEqual([
      { operationId: 'op1', conversationHref: conversation, text: 'Hi', typedAt: 1, status: 'waiting' },
    ]);
  });
});

describe('live events and the record together', () => {
  const said = fc.uniqueArray(
    fc.record({
      at: fc.integer({ min: 1, max: 1_000_000 }),
      text: fc.string({ minLength: 1, maxLength: 20 }),
      by: fc.constantFrom('visitor' as const, 'self' as const),
    }),
    { selector: ({ at }) => at, minLength: 1, maxLength: 12 },
  );

  it('give the same list, whatever comes first, again, or in pieces', () => {
    const property = fc.property(said, fc.infiniteStream(fc.nat()), (messages, chance) => {
      const next = (limit: number): number => Number(chance.next().value) % limit;
      const live = messages.map(({ at, text, by }) =>
        batch('conversation', messageEvent({ at, text, ...(by === 'self' ? { operationId: `op${at}` } : {}) })),
      );
      const recorded = messages.map<RecordedMessage>(({ at, text, by }) => ({
        timeStamp: at,
        author: by === 'self' ? 'agent' : 'visitor',
        senderUri: by === 'self' ? self.sipUri : undefined,
        senderName: by === 'self' ? 'Ann' : 'Vera',
        text,
      }));
      const histories = Array.from({ length: 3 }, (): DeskAction => {
        const known = recorded.slice(0, next(recorded.length + 1));
        return {
          type: 'history',
          onlineMeetingUri: meeting,
          session: { id: 'hds_1', visitorName: 'Vera', messages: known },
        };
      });
      // Each message is told at least once by an event; everything may be told again, in any order.
      const told = [...live, ...histories, ...Array.from({ length: 6 }, () => live[next(live.length)] ?? ring)];
      const shuffled = told
        .map((action) => [next(1_000_000), action] as const)
        .sort(([one], [other]) => one - other)
        .map(([, action]) => action);
      const expected = [...messages].sort((one, other) => one.at - other.at).map(({ by, text }) => `${by}: ${text}`);
      expect(linesOf(after([...joined, ...shuffled]))).toEqual(expected);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('never throws and never doubles, in any order of anything', () => {
    const pool: readonly DeskAction[] = [
      ...joined,
      batch('conversation', messageEvent({ at: 5, text: 'a' })),
      batch('conversation', messageEvent({ at: 6, text: 'b', operationId: 'op1' })),
      batch('conversation', messageEvent({ at: 6, text: 'b', operationId: 'op1', failed: true })),
      batch('conversation', participantEvent('deleted')),
      batch('conversation', messagingEvent('Disconnected')),
      batch('communication', conversationDeleted),
      batch('communication', invitationEvent('updated')),
      { type: 'conversationGone', href: conversation },
      { type: 'accepted', operationId: 'op1', messageHref: undefined },
      { type: 'putAway', conversationHref: conversation },
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pool), { maxLength: 40 }), (actions) => {
        const state = after(actions);
        const chat = state.chats[conversation];
        const keys = chat ? transcriptOf(chat, state.outbox).map(({ key }) => key) : [];
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});
