/**
 * The transaction of both engines: a decision reads through its own writes and writes into memory only. The engine applies
 * the set after the decision has returned, so a decision that throws leaves nothing behind.
 */
import type { ChannelEvent, SequencedEvent, Timer } from '../model/channel.ts';
import type { Documents } from '../model/documents.ts';
import type { HeldChannel, Kind, Snapshot, Transaction } from './store.ts';

/** What an engine has to answer. */
export interface Base extends Snapshot {
  /** Place of the last event ever appended to a channel; 0 when there was none. Survives trimming. */
  lastSeq(channelId: string): number;
}

export interface DocumentWrite {
  readonly kind: Kind;
  readonly id: string;
  /** undefined = delete */
  readonly document: unknown;
}

/** Kinds that are hardly ever written or read again: not worth being looked up before a write, or kept in memory after it. */
export const isWrittenOnce = (kind: Kind): boolean => kind === 'message' || kind === 'receipt';

export class WriteSet implements Transaction, Base {
  readonly documents = new Map<string, DocumentWrite>();
  readonly appended = new Map<string, SequencedEvent[]>();
  readonly trims = new Map<string, number>();
  /** undefined = unschedule */
  readonly timers = new Map<string, Timer | undefined>();
  readonly holds: HeldChannel[] = [];
  #base: Base;

  constructor(base: Base) {
    this.#base = base;
  }

  get<K extends Kind>(kind: K, id: string): Documents[K] | undefined {
    const write = this.documents.get(`${kind}\n${id}`);
    return write === undefined ? this.#base.get(kind, id) : (write.document as Documents[K] | undefined);
  }

  ids(kind: Kind): string[] {
    const ids = new Set(this.#base.ids(kind));
    for (const write of this.documents.values()) {
      if (write.kind !== kind) continue;
      if (write.document === undefined) ids.delete(write.id);
      else ids.add(write.id);
    }
    return [...ids].sort();
  }

  events(channelId: string, fromSeq: number, limit: number): SequencedEvent[] {
    const first = Math.max(fromSeq, (this.trims.get(channelId) ?? 0) + 1);
    const before = this.#base.events(channelId, first, limit);
    const appended = this.appended.get(channelId);
    if (appended === undefined || before.length >= limit) return before;
    return [...before, ...appended.filter((event) => event.seq >= first).slice(0, limit - before.length)];
  }

  timer(name: string): Timer | undefined {
    return this.timers.has(name) ? this.timers.get(name) : this.#base.timer(name);
  }

  timersDue(now: number, limit: number): Timer[] {
    const stored = this.#base.timersDue(now, limit + this.timers.size).filter((timer) => !this.timers.has(timer.name));
    const moved = [...this.timers.values()].filter((timer) => timer !== undefined && timer.dueAt <= now) as Timer[];
    return [...stored, ...moved].sort((a, b) => a.dueAt - b.dueAt).slice(0, limit);
  }

  put<K extends Kind>(kind: K, id: string, document: Documents[K]): void {
    this.documents.set(`${kind}\n${id}`, { kind, id, document });
  }

  delete(kind: Kind, id: string): void {
    this.documents.set(`${kind}\n${id}`, { kind, id, document: undefined });
  }

  append(channelId: string, event: ChannelEvent): number {
    const seq = this.lastSeq(channelId) + 1;
    this.take(channelId, { ...event, seq });
    return seq;
  }

  /** Appends an event that has its place already. */
  take(channelId: string, event: SequencedEvent): void {
    const appended = this.appended.get(channelId);
    if (appended === undefined) this.appended.set(channelId, [event]);
    else appended.push(event);
  }

  lastSeq(channelId: string): number {
    return this.appended.get(channelId)?.at(-1)?.seq ?? this.#base.lastSeq(channelId);
  }

  trim(channelId: string, throughSeq: number): void {
    this.trims.set(channelId, Math.max(throughSeq, this.trims.get(channelId) ?? 0));
  }

  schedule(timer: Timer): void {
    this.timers.set(timer.name, timer);
  }

  unschedule(name: string): void {
    this.timers.set(name, undefined);
  }

  hold(channel: HeldChannel): void {
    this.holds.push(channel);
  }

  heldFrom(channelId: string): number | undefined {
    return this.#base.heldFrom?.(channelId);
  }

  /** Adds the writes of a set that was decided upon this one. That one must not be used afterwards. */
  absorb({ documents, appended, trims, timers, holds }: WriteSet): void {
    for (const [key, write] of documents) this.documents.set(key, write);
    for (const [channelId, events] of appended) {
      const earlier = this.appended.get(channelId);
      if (earlier === undefined) this.appended.set(channelId, events);
      else earlier.push(...events);
    }
    for (const [channelId, through] of trims) this.trim(channelId, through);
    for (const [name, timer] of timers) this.timers.set(name, timer);
    this.holds.push(...holds);
  }

  /** What was below has become part of another state, which answers the same. */
  rebase(base: Base): void {
    this.#base = base;
  }

  get isEmpty(): boolean {
    return this.documents.size + this.appended.size + this.trims.size + this.timers.size + this.holds.length === 0;
  }
}
