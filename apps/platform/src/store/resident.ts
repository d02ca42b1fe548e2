/**
 * The durable state as decisions and readers see it: what is in LMDB, and before it what has been committed since. Hot documents are
 * kept decoded; queues of events and timers mostly come and go without LMDB ever hearing of them.
 */
import type { SequencedEvent, Timer } from '../model/channel.ts';
import type { Documents } from '../model/documents.ts';
import { TwoGenerations } from '../twoGenerations.ts';
import { ChannelQueue } from './channelQueue.ts';
import type { LmdbReader } from './lmdbLayout.ts';
import { ownCopy } from './ownCopy.ts';
import type { Kind } from './store.ts';
import { type Base, type DocumentWrite, isWrittenOnce, type WriteSet } from './writeSet.ts';

/** Entries of a generation. */
const keptDocuments = 16_384;
const keptQueues = 8_192;
/** What LMDB does not have yet. */
export interface Changes {
  readonly documents: Map<string, DocumentWrite>;
  readonly queues: Map<string, ChannelQueue>;
  /** undefined = unscheduled */
  readonly timers: Map<string, Timer | undefined>;
}

const noChanges = (): Changes => ({ documents: new Map(), queues: new Map(), timers: new Map() });

export class Resident implements Base {
  readonly #lmdb: LmdbReader;
  readonly #documents = new TwoGenerations<unknown>(keptDocuments);
  readonly #queues = new TwoGenerations<ChannelQueue>(keptQueues);
  readonly #ids = new Map<Kind, ReadonlySet<string>>();
  /** Since the last checkpoint began. */
  #fresh = noChanges();
  /** Of the checkpoint that is under way. */
  #leaving = noChanges();

  constructor(lmdb: LmdbReader) {
    this.#lmdb = lmdb;
  }

  get<K extends Kind>(kind: K, id: string): Documents[K] | undefined {
    const key = `${kind}\n${id}`;
    const kept = this.#documents.get(key);
    if (kept !== undefined) return kept as Documents[K];
    const change = this.#fresh.documents.get(key) ?? this.#leaving.documents.get(key);
    if (change !== undefined) return change.document as Documents[K] | undefined;
    const stored = this.#lmdb.get(kind, id);
    if (stored !== undefined && !isWrittenOnce(kind)) this.#documents.set(key, stored);
    return stored;
  }

  ids(kind: Kind): string[] {
    let ids = this.#ids.get(kind);
    if (ids === undefined) {
      ids = this.#findIds(kind);
      this.#ids.set(kind, ids);
    }
    return [...ids];
  }

  events(channelId: string, fromSeq: number, limit: number): SequencedEvent[] {
    return this.#queueOf(channelId).events(fromSeq, limit);
  }

  lastSeq(channelId: string): number {
    return this.#queueOf(channelId).lastSeq;
  }

  timer(name: string): Timer | undefined {
    for (const { timers } of [this.#fresh, this.#leaving]) if (timers.has(name)) return timers.get(name);
    return this.#lmdb.timer(name);
  }

  timersDue(now: number, limit: number): Timer[] {
    const [fresh, leaving] = [this.#fresh.timers, this.#leaving.timers];
    const isStored = ({ name }: Timer): boolean => !fresh.has(name) && !leaving.has(name);
    const due = this.#lmdb.timersDue(now, limit + fresh.size + leaving.size).filter(isStored);
    for (const timer of fresh.values()) if (timer !== undefined && timer.dueAt <= now) due.push(timer);
    for (const timer of leaving.values())
      if (timer !== undefined && timer.dueAt <= now && !fresh.has(timer.name)) due.push(timer);
    return due.sort((a, b) => a.dueAt - b.dueAt).slice(0, limit);
  }

  /** Takes over what has become durable. */
  apply(writes: WriteSet): void {
    for (const [key, { kind, id, document }] of writes.documents) this.#keep(key, kind, id, document);
    for (const [channelId, appended] of writes.appended) this.#changedQueue(channelId).append(appended);
    for (const [channelId, through] of writes.trims) this.#changedQueue(channelId).trim(through);
    for (const [name, timer] of writes.timers) this.#fresh.timers.set(name, timer);
  }

  get hasChanges(): boolean {
    const { documents, queues, timers } = this.#fresh;
    return documents.size + queues.size + timers.size > 0;
  }

  /** Begins a checkpoint: what has changed until now is what it has to write. */
  leave(): Changes {
    this.#leaving = this.#fresh;
    this.#fresh = noChanges();
    return this.#leaving;
  }

  /** The checkpoint's writes can be read in LMDB. */
  left(): void {
    this.#leaving = noChanges();
  }

  /** The checkpoint failed: its changes are still to be written, unless they have changed again. */
  stay(): void {
    const { documents, queues, timers } = this.#fresh;
    this.#fresh = {
      documents: new Map([...this.#leaving.documents, ...documents]),
      queues: new Map([...this.#leaving.queues, ...queues]),
      timers: new Map([...this.#leaving.timers, ...timers]),
    };
    this.#leaving = noChanges();
  }

  #keep(key: string, kind: Kind, id: string, document: unknown): void {
    const ids = this.#ids.get(kind);
    if (ids !== undefined && ids.has(id) !== (document !== undefined)) this.#ids.delete(kind);
    if (document === undefined) {
      this.#documents.delete(key);
      this.#fresh.documents.set(key, { kind, id, document });
      return;
    }
    const own = ownCopy(document, this.#documents.get(key));
    if (!isWrittenOnce(kind)) this.#documents.set(key, own);
    this.#fresh.documents.set(key, { kind, id, document: own });
  }

  #findIds(kind: Kind): ReadonlySet<string> {
    const ids = new Set(this.#lmdb.ids(kind));
    for (const { documents } of [this.#leaving, this.#fresh]) {
      for (const write of documents.values()) {
        if (write.kind !== kind) continue;
        if (write.document === undefined) ids.delete(write.id);
        else ids.add(write.id);
      }
    }
    return new Set([...ids].sort());
  }

  #queueOf(channelId: string): ChannelQueue {
    const known =
      this.#queues.get(channelId) ?? this.#fresh.queues.get(channelId) ?? this.#leaving.queues.get(channelId);
    if (known !== undefined) return known;
    const queue = new ChannelQueue(this.#lmdb, channelId);
    this.#queues.set(channelId, queue);
    return queue;
  }

  #changedQueue(channelId: string): ChannelQueue {
    const queue = this.#queueOf(channelId);
    this.#fresh.queues.set(channelId, queue);
    return queue;
  }
}
