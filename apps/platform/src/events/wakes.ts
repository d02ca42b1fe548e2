/**
 * Who is told that a channel has news, and when. Events of a request are held back until its answer is on the wire
 * (reference/call-flow.md 3.1): a reader that runs meanwhile sees the channel only up to the held place.
 */
import type { Clock } from '../clock.ts';
import type { Transaction } from '../store/store.ts';

/** Somebody who delivers what is in channels. */
export interface ChannelReader {
  /**
   * Inside of the commit that brings news to a channel: builds the batch at once when this reader waits for one there, so that
   * its delivery needs no commit of its own. Does not throw; may be run again.
   */
  prepare(transaction: Transaction, channelId: string): void;
  /** News may be delivered now. */
  wake(channelId: string): void;
}

/** An answer that takes longer than this no longer holds events back. */
const holdDeadlineMs = 1000;

export interface Hold {
  /** Forgets what was touched: the decision is run again. */
  reset(): void;
  /** @param seq the first place that is held; 0 wakes the channel without holding it */
  touch(channelId: string, seq: number): void;
  /** The channels that got news. */
  touched(): string[];
  /** Lets go and wakes the readers. Idempotent. */
  release(): void;
  /** Releases by itself when nobody did within a second. */
  releaseLater(): void;
}

export class Wakes {
  readonly #clock: Clock;
  readonly #held = new Map<string, Set<{ seq: number }>>();
  readonly #readers = new Set<ChannelReader>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns stops listening */
  listen(reader: ChannelReader): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  prepare(transaction: Transaction, channelId: string): void {
    for (const reader of this.#readers) reader.prepare(transaction, channelId);
  }

  /** Place of the last event that may be delivered. */
  visibleThrough(channelId: string): number {
    const held = this.#held.get(channelId);
    if (held === undefined) return Number.MAX_SAFE_INTEGER;
    return Math.min(...Array.from(held, (one) => one.seq)) - 1;
  }

  wake(channelId: string): void {
    for (const reader of this.#readers) reader.wake(channelId);
  }

  hold(): Hold {
    const touched = new Map<string, { seq: number }>();
    let timer: unknown;
    const letGo = (): void => {
      for (const [channelId, one] of touched) {
        const held = this.#held.get(channelId);
        held?.delete(one);
        if (held?.size === 0) this.#held.delete(channelId);
      }
    };
    const release = (): void => {
      this.#clock.clearTimeout(timer);
      letGo();
      const channelIds = [...touched.keys()];
      touched.clear();
      for (const channelId of channelIds) this.wake(channelId);
    };
    return {
      reset: () => {
        letGo();
        touched.clear();
      },
      touch: (channelId, seq) => {
        if (touched.has(channelId)) return;
        const one = { seq };
        touched.set(channelId, one);
        if (seq > 0) this.#held.set(channelId, (this.#held.get(channelId) ?? new Set()).add(one));
      },
      touched: () => [...touched].flatMap(([channelId, { seq }]) => (seq > 0 ? [channelId] : [])),
      release,
      releaseLater: () => {
        if (touched.size > 0) timer = this.#clock.setTimeout(release, holdDeadlineMs);
      },
    };
  }
}
