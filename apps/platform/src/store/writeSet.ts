/**
 * The transaction of both engines: a decision reads through its own writes and writes into memory only. The engine applies
 * the set after the decision has returned, so a decision that throws leaves nothing behind.
 */
import type { ChannelEvent, SequencedEvent, Timer } from '../model/channel.ts';
import type { Documents } from '../model/documents.ts';
import type { Kind, Snapshot, Transaction } from './store.ts';

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

export class WriteSet implements Transaction {
  readonly documents = new Map<string, DocumentWrite>();
  readonly appended = new Map<string, SequencedEvent[]>();
  readonly trims = new Map<string, number>();
  /** undefined = unschedule */
  readonly timers = new Map<string, Timer | undefined>();
  readonly #base: Base;

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
    const appended = (this.appended.get(channelId) ?? []).filter((event) => event.seq >= first);
    return [...this.#base.events(channelId, first, limit), ...appended].slice(0, limit);
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
    const appended = this.appended.get(channelId) ?? [];
    const seq = (appended.at(-1)?.seq ?? this.#base.lastSeq(channelId)) + 1;
    this.appended.set(channelId, [...appended, { ...event, seq }]);
    return seq;
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

  get isEmpty(): boolean {
    return this.documents.size + this.appended.size + this.trims.size + this.timers.size === 0;
  }
}
