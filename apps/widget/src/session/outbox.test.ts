import { describe, expect, it } from 'vitest';
import { ended, initialState } from './chatState.ts';
import { accepted, enqueue, nextWaiting, refused, retry, unsentText } from './outbox.ts';

const two = enqueue(enqueue(initialState, 'one', 'op1', 10), 'two', 'op2', 10);

describe('outbox', () => {
  it('hands out the oldest first, one at a time', () => {
    expect(nextWaiting(two)?.text).toBe('one');
    expect(nextWaiting(accepted(two, 'op1', 'https://p/1'))?.text).toBe('two');
  });

  it('keeps the order written even when the clock stands still or goes back', () => {
    const three = enqueue(two, 'three', 'a', 1);
    expect(three.messages.map((message) => message.text)).toEqual(['one', 'two', 'three']);
  });

  it('keeps a delivery that was reported before the answer came', () => {
    const delivered = {
      ...two,
      messages: two.messages.map((message) => ({ ...message, state: 'delivered' as const })),
    };
    expect(accepted(delivered, 'op1', 'https://p/1').messages[0]).toMatchObject({
      state: 'delivered',
      href: 'https://p/1',
    });
  });

  it('sends a refused message again under the same operationId', () => {
    const again = retry(refused(two, 'op1', 'refused'), 'op1', 'new', 50);
    expect(again.messages.map(({ key, state }) => [key, state])).toEqual([
      ['op2', 'waiting'],
      ['op1', 'waiting'],
    ]);
  });

  it('makes a new operation of an undelivered message', () => {
    const undelivered = {
      ...two,
      messages: two.messages.map((message) => ({
        ...message,
        state: 'failed' as const,
        failure: 'notDelivered' as const,
      })),
    };
    expect(retry(undelivered, 'op1', 'new', 50).messages.at(-1)).toEqual({
      key: 'new',
      direction: 'Outgoing',
      text: 'one',
      createdAt: 50,
      state: 'waiting',
    });
  });

  it('refuses what is over 64 KiB at once and never offers it again', () => {
    const long = enqueue(initialState, 'ä'.repeat(32769), 'op', 1);
    expect(long.messages[0]).toMatchObject({ state: 'failed', failure: 'tooLong' });
    expect(nextWaiting(retry(long, 'op', 'new', 2))).toBeUndefined();
  });

  it('gives back what never left when the chat is over', () => {
    const over = ended(accepted(two, 'op1', undefined), 'endedByHelpdesk');
    expect(over.messages.map((message) => message.state)).toEqual(['accepted', 'failed']);
    expect(unsentText(over)).toBe('two');
  });
});
