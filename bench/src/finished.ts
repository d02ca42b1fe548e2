/** `--finished 10000`: chats that begin, talk and end; afterwards the memory must be where it was before them. */
import type { Options } from './options.ts';
import { median } from './percentiles.ts';
import type { PlatformTarget } from './platformTarget.ts';
import { warm } from './round.ts';
import type { Memory } from './serverProcess.ts';
import { aligned, shown } from './table.ts';
import { withPlatform } from './targets.ts';

const chatsAtATime = 100;
const chatsPerAgent = 10;
const messagesPerSide = 2;
/** Caches fill up to their bounds and code gets compiled in the first ones. */
const chatsBefore = 1_000;
const looks = 10;
/** The heap goes up and down as caches turn over, so several looks at the end are compared with several at the begin. */
const compared = 3;
const mostGrowth = 1.1;

interface Look {
  readonly finished: number;
  readonly memory: Memory;
}

export async function runFinished(options: Options, say: (line: string) => void): Promise<unknown> {
  const seen = await withPlatform(options, (target) => looksAt(target, options, say));
  const rows = seen.map(({ finished, memory }) => [
    String(finished),
    shown(memory.residentKb / 1024, 'MB'),
    shown(memory.ownKb / 1024, 'MB'),
    shown(memory.heapKb / 1024, 'MB'),
  ]);
  say(`\n${aligned([['finished chats', 'resident', 'without mapped files', 'heap'], ...rows])}`);
  const heapOf = (some: readonly Look[]): number => median(some.map(({ memory }) => memory.heapKb)) ?? 0;
  const growth = heapOf(seen.slice(-compared)) / heapOf(seen.slice(0, compared));
  const met = growth <= mostGrowth;
  say(`the heap grew ${growth.toFixed(2)}x (goal <= ${mostGrowth}x): ${met ? 'met' : 'NOT MET'}\n`);
  return { seen, growth, met };
}

async function looksAt(target: PlatformTarget, options: Options, say: (line: string) => void): Promise<Look[]> {
  await warm(target, options);
  await finish(target, Math.min(chatsBefore, options.count));
  const seen: Look[] = [{ finished: 0, memory: await target.server.settle() }];
  for (let look = 1; look <= looks; look += 1) {
    const finished = Math.round((options.count * look) / looks);
    await finish(target, finished - (seen.at(-1)?.finished ?? 0));
    seen.push({ finished, memory: await target.server.settle() });
    say(`${finished} chats finished`);
  }
  return seen;
}

async function finish(target: PlatformTarget, count: number): Promise<void> {
  for (let left = count; left > 0; left -= chatsAtATime) {
    const relay = await target.open({ chatsPerAgent, shareConnections: true });
    await relay.add(Math.min(left, chatsAtATime));
    for (let sequence = 0; sequence < messagesPerSide; sequence += 1)
      for (let chat = 0; chat < relay.size; chat += 1)
        for (const side of ['visitor', 'agent'] as const) relay.say(chat, side, sequence);
    await relay.accounted();
    await relay.close();
  }
}
