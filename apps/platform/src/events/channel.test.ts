import type { EventSender } from '@repo/ucwa-protocol/events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Channel, channelEvent, openUcwaChannel, type SequencedEvent } from '../model/channel.ts';
import { ask, build, senderBlocks } from './channel.ts';

const event = (seq: number, sender = '/c', rel = 'message'): SequencedEvent => {
  const type = rel === 'conversation' ? 'deleted' : 'started';
  return {
    seq,
    ...channelEvent({ rel: 'communication', href: sender }, { link: { rel, href: `/${seq}` }, type }, 'high'),
  };
};

const blocksOf = (events: readonly SequencedEvent[]): [string, number][] =>
  (JSON.parse(senderBlocks(events)) as EventSender[]).map((block) => [block.href, block.events.length]);

describe('a line of batches', () => {
  test('asking for the next ack acknowledges the last batch', () => {
    const built = build(openUcwaChannel(), 3);
    expect(built.batch).toEqual({ ack: 1, fromSeq: 1, throughSeq: 3 });
    expect(ask(built, 2)).toMatchObject({
      kind: 'next',
      changed: true,
      channel: { acknowledged: 1, acknowledgedSeq: 3 },
    });
  });

  test('the same ack again is the same batch, whatever was appended meanwhile', () => {
    const built = build(openUcwaChannel(), 3);
    expect(ask(built, 1)).toEqual({ kind: 'replay', batch: built.batch });
  });

  test('an ack that is acknowledged or from the future points at the first one that is not', () => {
    const built = build({ acknowledged: 4, acknowledgedSeq: 9 }, 12);
    expect(ask(built, 4)).toEqual({ kind: 'resync', ack: 5 });
    expect(ask(built, 7)).toEqual({ kind: 'resync', ack: 5 });
    expect(ask({ acknowledged: 4, acknowledgedSeq: 9 }, 4)).toEqual({ kind: 'resync', ack: 5 });
  });

  test('an empty batch takes an ack and no event', () => {
    const empty = build({ acknowledged: 1, acknowledgedSeq: 3 }, 3);
    expect(ask(empty, 3)).toMatchObject({ channel: { acknowledged: 2, acknowledgedSeq: 3 } });
    expect(build({ acknowledged: 2, acknowledgedSeq: 3 }, 5).batch).toEqual({ ack: 3, fromSeq: 4, throughSeq: 5 });
  });

  test('blocks of one sender, in order, the same sender again later', () => {
    expect(blocksOf([event(1), event(2), event(3, '/d'), event(4)])).toEqual([
      ['/c', 2],
      ['/d', 1],
      ['/c', 1],
    ]);
    expect(senderBlocks([])).toBe('[]');
  });

  test('the end of a conversation begins a block of its own', () => {
    expect(blocksOf([event(1), event(2, '/c', 'conversation'), event(3)])).toEqual([
      ['/c', 1],
      ['/c', 2],
    ]);
  });

  test('any sequence of appends, gets, lost answers and repeats delivers each event exactly once, in order', () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ do: fc.constant('get' as const), lost: fc.boolean(), timesOut: fc.boolean() }),
      fc.record({ do: fc.constant('stray' as const), ack: fc.integer({ min: 0, max: 30 }) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const server = { channel: openUcwaChannel() as Channel, last: 0 };
        const answers = new Map<number, string>();
        const get = (ack: number, timesOut: boolean): { ack: number; seqs: number[]; next: number } | undefined => {
          const asked = ask(server.channel, ack);
          if (asked.kind === 'resync') return undefined;
          let batch = asked.kind === 'replay' ? asked.batch : undefined;
          if (asked.kind === 'next') {
            server.channel = asked.channel;
            if (server.last === asked.channel.acknowledgedSeq && !timesOut) return undefined;
            const built = build(asked.channel, server.last);
            server.channel = built;
            batch = built.batch;
          }
          if (batch === undefined) return undefined;
          const seqs = Array.from(
            { length: batch.throughSeq - batch.fromSeq + 1 },
            (_, index) => index + (batch?.fromSeq ?? 0),
          );
          const text = JSON.stringify(seqs);
          expect(answers.get(batch.ack) ?? text).toBe(text);
          answers.set(batch.ack, text);
          return { ack: batch.ack, seqs, next: batch.ack + 1 };
        };
        const client = { next: 1, seen: [] as number[] };
        const ask1 = (lost: boolean, timesOut: boolean): void => {
          const answer = get(client.next, timesOut);
          if (answer === undefined || lost) return;
          client.next = answer.next;
          client.seen.push(...answer.seqs);
        };
        for (const one of actions) {
          if (one.do === 'append') server.last += one.count;
          else if (one.do === 'get') ask1(one.lost, one.timesOut);
          // Somebody else's ack: it may be answered or not, but never takes an event away from the client.
          else if (one.ack < client.next) get(one.ack, false);
        }
        ask1(false, false);
        ask1(false, false);
        expect(client.seen).toEqual(Array.from({ length: server.last }, (_, index) => index + 1));
      }),
    );
  });
});
