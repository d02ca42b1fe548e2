/** What differs between one process and many: `localHolds.ts` is for the one, `redisCluster.ts` for the many. */
import type { Snapshot, Transaction } from '../store/store.ts';

/**
 * Events that may not be delivered before their request has been answered (reference/call-flow.md 3.1).
 * A token stands for one request.
 */
export interface Holds {
  /** Place of the last event of a channel that may be delivered. */
  visibleThrough(snapshot: Snapshot, channelId: string): number;
  /** While the decision runs. @param seq the first place that is held; 0 = nothing is, but the readers are to be woken */
  touch(token: string, channelId: string, seq: number): void;
  /** At the end of the decision, in its commit. @param ms for how long at most */
  keep(transaction: Transaction, token: string, touched: ReadonlyMap<string, number>, ms: number): void;
  /** Nothing was kept: the decision is run again. */
  forget(token: string, channelIds: readonly string[]): void;
  /** Lets go of what was kept. The readers of these channels are woken, on whatever node they are. */
  release(token: string, channelIds: readonly string[]): void;
  /** @param wake a channel may be delivered; @param wakeAll news may have been missed */
  listen(wake: (channelId: string) => void, wakeAll: () => void): void;
}

/** Whose P-GET a channel has, among all nodes (reference/events.md 3). */
export interface Claims {
  /** @returns the number of the claim, higher than every earlier one's; undefined when one with a higher priority is there */
  claim(channelId: string, priority: number): Promise<number | undefined>;
  /** The P-GET is over. */
  leave(channelId: string, claim: number): void;
  /** Whether any node has a P-GET of one of these channels. */
  isAnyPending(channelIds: readonly string[]): Promise<boolean>;
  /** @param replaced told of every claim, also of this node's own */
  listen(replaced: (channelId: string, claim: number) => void): void;
}

export type LineEnd = 'done' | 'stopped';

/** Who delivers which line of callbacks. At most one node at a time has a line; what a dead node had goes to another. */
export interface Lines {
  /**
   * @param deliver delivers all of a line; `stopped` = not all, and another node should go on. When it throws, some node tries again later
   */
  start(deliver: (channelId: string) => Promise<LineEnd>): void;
  /** Takes no more lines; resolves when the ones that this node has are given back. */
  stop(): Promise<void>;
}

/** What many processes share besides the store. One process needs none of it: it knows all P-GETs and all lines itself. */
export interface Cluster {
  readonly holds: Holds;
  readonly claims: Claims;
  readonly lines: Lines;
  /** The store stays open. */
  close(): Promise<void>;
}
