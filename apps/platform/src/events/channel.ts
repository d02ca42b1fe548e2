/**
 * The line of batches of one channel (reference/events.md 1 and 3), pure: acknowledge, build, replay, resync.
 * A batch is a range of places; its events were rendered when they were emitted, so the same range is the same text.
 */
import type { Batch, Channel, SequencedEvent } from '../model/channel.ts';

/** Most events in one answer, and about how many bytes of them: a reader has a limit too. */
export const batchLimit = 200;
const batchBytes = 1024 * 1024;

/** The events at the beginning that fit into one answer; at least one, however large. */
export function withinBytes(events: readonly SequencedEvent[]): readonly SequencedEvent[] {
  if (events.length <= 1) return events;
  let bytes = 0;
  const end = events.findIndex((event, at) => {
    bytes += event.text.length;
    return at > 0 && bytes > batchBytes;
  });
  return end === -1 ? events : events.slice(0, end);
}

export type Asked =
  /** The batch was built before; it goes out again as it was. */
  | { readonly kind: 'replay'; readonly batch: Batch }
  /** The normal case. `channel` has everything before acknowledged. */
  | { readonly kind: 'next'; readonly channel: Channel; readonly changed: boolean }
  /** Out of order: only this ack may be asked for. */
  | { readonly kind: 'resync'; readonly ack: number };

/** What a GET with an ack means. Asking for N+1 acknowledges N. */
export function ask(channel: Channel, ack: number): Asked {
  const { batch } = channel;
  if (batch !== undefined && ack === batch.ack) return { kind: 'replay', batch };
  const expected = (batch?.ack ?? channel.acknowledged) + 1;
  if (ack === expected) return { kind: 'next', channel: acknowledge(channel), changed: batch !== undefined };
  return { kind: 'resync', ack: batch?.ack ?? expected };
}

/** The batch is done with: its events may be forgotten through `acknowledgedSeq`. */
export function acknowledge(channel: Channel): Channel {
  const { batch, ...rest } = channel;
  return batch === undefined ? channel : { ...rest, acknowledged: batch.ack, acknowledgedSeq: batch.throughSeq };
}

/**
 * Builds the next batch of an acknowledged channel.
 * @param throughSeq last event that goes along; the last acknowledged one for an empty batch
 */
export function build(channel: Channel, throughSeq: number): Channel & { readonly batch: Batch } {
  const batch: Batch = {
    ack: channel.acknowledged + 1,
    fromSeq: channel.acknowledgedSeq + 1,
    throughSeq,
  };
  return { ...channel, batch };
}

/**
 * The `sender` member of a batch as JSON: events in order, in blocks of one sender each. The texts go out as they were stored.
 * The end of a conversation has a block of its own: within a block the oldest clients of the service side handle it first, and
 * would lose what was said before (client-expectations S13).
 */
export function senderBlocks(events: readonly SequencedEvent[]): string {
  let text = '[';
  let last: SequencedEvent['sender'] | undefined;
  for (const { sender, text: event, ends } of events) {
    if (last !== undefined && last.rel === sender.rel && last.href === sender.href && !ends) {
      text += `,${event}`;
      continue;
    }
    const head = `{"rel":${JSON.stringify(sender.rel)},"href":${JSON.stringify(sender.href)},"events":[${event}`;
    text += last === undefined ? head : `]},${head}`;
    last = sender;
  }
  return last === undefined ? '[]' : `${text}]}]`;
}
