/**
 * Where the platform keeps everything. One request is one commit: documents, events, timers and the receipt, all or none.
 */
import type { ChannelEvent, SequencedEvent, Timer } from '../model/channel.ts';
import type { Documents } from '../model/documents.ts';

export type Kind = keyof Documents;

/** A consistent view. What it returns must not be changed in place. */
export interface Snapshot {
  get<K extends Kind>(kind: K, id: string): Documents[K] | undefined;
  /** Ids in ascending order. */
  ids(kind: Kind): string[];
  /** Events of a channel from a place on, in order. */
  events(channelId: string, fromSeq: number, limit: number): SequencedEvent[];
  timer(name: string): Timer | undefined;
  /** Timers with `dueAt <= now`, earliest first. */
  timersDue(now: number, limit: number): Timer[];
  /** Engines of many nodes: the first place of a channel that a request on any node holds back (cluster/redisNews.ts). */
  heldFrom?(channelId: string): number | undefined;
}

/** A channel with news that nobody may deliver before the request has been answered. */
export interface HeldChannel {
  readonly channelId: string;
  /** Of the request. */
  readonly token: string;
  /** The first place that is held; 0 = nothing is, but its readers are to be woken. */
  readonly seq: number;
  /** How long at most, in milliseconds. */
  readonly ms: number;
}

/** Sees its own writes. */
export interface Transaction extends Snapshot {
  put<K extends Kind>(kind: K, id: string, document: Documents[K]): void;
  delete(kind: Kind, id: string): void;
  /** @returns the place of the event in its channel; the first is 1 and places are never used twice. */
  append(channelId: string, event: ChannelEvent): number;
  /** Forgets the events up to and including a place. */
  trim(channelId: string, throughSeq: number): void;
  schedule(timer: Timer): void;
  unschedule(name: string): void;
  /** Engines of many nodes: holds a channel as soon as this commit is visible. */
  hold?(channel: HeldChannel): void;
}

export interface Store {
  /**
   * Runs a synchronous decision and keeps all of its writes, or none when it throws (the error is passed on).
   * The decision may be run again, so it must not act on anything else.
   * Resolves when the writes are on the disk; commits that run at the same time share one sync.
   */
  commit<T>(decide: (transaction: Transaction) => T): Promise<T>;
  /**
   * Looks at one consistent state. The look is synchronous and pure, and may be run again.
   * Rejects with what the look throws.
   */
  read<T>(look: (snapshot: Snapshot) => T): Promise<T>;
  /** Resolves when everything is on the disk and the files are free. */
  close(): Promise<void>;
}
