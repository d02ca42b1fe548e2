/**
 * Who is told that a channel has news, and when. Events of a request are held back until its answer is on the wire
 * (reference/call-flow.md 3.1): a reader that runs meanwhile sees the channel only up to the held place.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Holds } from '../cluster/cluster.ts';
import { createLocalHolds } from '../cluster/localHolds.ts';
import type { Snapshot, Transaction } from '../store/store.ts';

/** Somebody who delivers what is in channels. */
export interface ChannelReader {
  /**
   * Inside of the commit that brings news to a channel: builds the batch at once when this reader waits for one there, so that
   * its delivery needs no commit of its own. Does not throw; may be run again.
   */
  prepare(transaction: Transaction, channelId: string): void;
  /** News may be delivered now. */
  wake(channelId: string): void;
  /** News of any channel may have been missed. */
  wakeAll?(): void;
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
  /** In the commit of the decision, at its end: what was touched is held for other nodes too. */
  keep(transaction: Transaction): void;
  /** Lets go and wakes the readers. Idempotent. */
  release(): void;
  /** Releases by itself when nobody did within a second. */
  releaseLater(): void;
}

export class Wakes {
  readonly #clock: Clock;
  readonly #holds: Holds;
  readonly #readers = new Set<ChannelReader>();
  readonly #node = randomUUID().slice(0, 8);
  #tokens = 0;

  /** @param holds default: of one process */
  constructor(clock: Clock, holds: Holds = createLocalHolds()) {
    this.#clock = clock;
    this.#holds = holds;
    holds.listen(
      (channelId) => this.wake(channelId),
      () => {
        for (const reader of this.#readers) reader.wakeAll?.();
      },
    );
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
  visibleThrough(snapshot: Snapshot, channelId: string): number {
    return this.#holds.visibleThrough(snapshot, channelId);
  }

  wake(channelId: string): void {
    for (const reader of this.#readers) reader.wake(channelId);
  }

  hold(): Hold {
    const holds = this.#holds;
    const touched = new Map<string, number>();
    this.#tokens += 1;
    const token = `${this.#node}-${this.#tokens}`;
    let timer: unknown;
    const release = (): void => {
      this.#clock.clearTimeout(timer);
      const channelIds = [...touched.keys()];
      touched.clear();
      if (channelIds.length > 0) holds.release(token, channelIds);
    };
    return {
      reset: () => {
        holds.forget(token, [...touched.keys()]);
        touched.clear();
      },
      touch: (channelId, seq) => {
        if (touched.has(channelId)) return;
        touched.set(channelId, seq);
        holds.touch(token, channelId, seq);
      },
      touched: () => [...touched].flatMap(([channelId, seq]) => (seq > 0 ? [channelId] : [])),
      keep: (transaction) => holds.keep(transaction, token, touched, holdDeadlineMs),
      release,
      releaseLater: () => {
        if (touched.size > 0) timer = this.#clock.setTimeout(release, holdDeadlineMs);
      },
    };
  }
}
