/**
 * One round with one server, in this order: warm, empty and at rest (memory), then for each number of chats: set-up,
 * closed loop, open loop, memory.
 */
import { closedLoop, type LoopResult } from './closedLoop.ts';
import { type OpenLoopResult, openLoop } from './openLoop.ts';
import type { Options } from './options.ts';
import { type Percentiles, percentiles } from './percentiles.ts';
import type { Target } from './relay.ts';

export interface LoadResult {
  readonly chats: number;
  readonly setupMs: Percentiles;
  readonly closed: LoopResult;
  readonly open: OpenLoopResult;
  /** More than the warm, empty server, by chat; after garbage was collected. */
  readonly residentKbPerChat: number;
  /** The same without mapped files. */
  readonly ownKbPerChat: number;
  readonly heapKbPerChat: number;
}

export interface RoundResult {
  readonly emptyKb: number;
  readonly loads: readonly LoadResult[];
}

const mostWarmingChats = 100;

export async function measureRound(target: Target, options: Options, round: number): Promise<RoundResult> {
  await warm(target, options);
  const empty = await target.server.settle();
  const loads: LoadResult[] = [];
  for (const chats of options.chats) {
    const relay = await target.open();
    const setupMs = percentiles(await relay.add(chats));
    const closed = await target.server.profiled(`closed-${chats}-${round}`, () =>
      closedLoop(target, relay, options.seconds),
    );
    const open = await target.server.profiled(`open-${chats}-${round}`, () =>
      openLoop(target, relay, options.rate, options.seconds),
    );
    const full = await target.server.settle();
    loads.push({
      chats,
      setupMs,
      closed,
      open,
      residentKbPerChat: (full.residentKb - empty.residentKb) / chats,
      ownKbPerChat: (full.ownKb - empty.ownKb) / chats,
      heapKbPerChat: (full.heapKb + full.externalKb - empty.heapKb - empty.externalKb) / chats,
    });
    await relay.close();
  }
  return { emptyKb: empty.residentKb, loads };
}

/** Code that runs for the first time is slow and grows the process: neither is what is measured. */
export async function warm(target: Target, { chats, warmSeconds }: Options): Promise<void> {
  const relay = await target.open();
  await relay.add(Math.min(mostWarmingChats, ...chats));
  await closedLoop(target, relay, warmSeconds);
  await relay.close();
}
