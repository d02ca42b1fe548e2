/** The events of one channel: what a checkpoint has put into LMDB, and behind it what has come since. */
import type { SequencedEvent } from '../model/channel.ts';
import { eventKey, type Key, type LmdbReader, lastSeqKey } from './lmdbLayout.ts';

/** How a checkpoint writes; both keep their order. */
export interface LmdbWriter {
  put(key: Key, value: unknown): void;
  remove(key: Key): void;
}

export class ChannelQueue {
  readonly #lmdb: LmdbReader;
  readonly #channelId: string;
  /** Not in LMDB, in order and without gaps. */
  #tail: SequencedEvent[] = [];
  #lastSeq: number;
  #trimmed = 0;
  /** The places that LMDB may have. */
  #stored: { from: number; through: number };

  constructor(lmdb: LmdbReader, channelId: string) {
    this.#lmdb = lmdb;
    this.#channelId = channelId;
    this.#lastSeq = lmdb.lastSeq(channelId);
    this.#stored = { ...(lmdb.storedRange(channelId) ?? { from: this.#lastSeq + 1, through: this.#lastSeq }) };
  }

  /** Place of the last event ever appended. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  events(fromSeq: number, limit: number): SequencedEvent[] {
    const first = Math.max(fromSeq, this.#trimmed + 1);
    const stored = first <= this.#stored.through ? this.#storedFrom(first, limit) : [];
    const [next] = this.#tail;
    if (next === undefined || stored.length >= limit) return stored;
    const skip = Math.max(0, first - next.seq);
    if (stored.length === 0 && skip === 0 && this.#tail.length <= limit) return [...this.#tail];
    return [...stored, ...this.#tail.slice(skip, skip + limit - stored.length)];
  }

  append(events: readonly SequencedEvent[]): void {
    for (const event of events) this.#tail.push(event);
    this.#lastSeq = events.at(-1)?.seq ?? this.#lastSeq;
  }

  trim(throughSeq: number): void {
    const through = Math.min(throughSeq, this.#lastSeq);
    if (through <= this.#trimmed) return;
    this.#trimmed = through;
    const [first] = this.#tail;
    if (first !== undefined && first.seq <= through) this.#tail = this.#tail.slice(through - first.seq + 1);
  }

  /**
   * Brings LMDB up to date.
   * @returns to be called when the writes can be read there
   */
  store(writer: LmdbWriter): () => void {
    const stored = { ...this.#stored };
    for (; stored.from <= Math.min(stored.through, this.#trimmed); stored.from += 1)
      writer.remove(eventKey(this.#channelId, stored.from));
    const [first] = this.#tail;
    for (const event of this.#tail) writer.put(eventKey(this.#channelId, event.seq), event);
    writer.put(lastSeqKey(this.#channelId), this.#lastSeq);
    const isEmptied = stored.from > stored.through;
    if (isEmptied) stored.from = first?.seq ?? this.#lastSeq + 1;
    if (isEmptied || first !== undefined) stored.through = this.#lastSeq;
    return () => {
      // What was trimmed meanwhile stays in LMDB until the next checkpoint removes it.
      this.#stored = stored;
      const [now] = this.#tail;
      if (now !== undefined && now.seq <= stored.through) this.#tail = this.#tail.slice(stored.through - now.seq + 1);
    };
  }

  #storedFrom(fromSeq: number, limit: number): SequencedEvent[] {
    const end = this.#tail[0]?.seq ?? Number.POSITIVE_INFINITY;
    return this.#lmdb.events(this.#channelId, fromSeq, limit).filter((event) => event.seq < end);
  }
}
