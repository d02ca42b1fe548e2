/**
 * `--idle 10000`: resident memory of a visitor who is signed in and waits, and of a chat with its bridge, its meeting and
 * its share of an agent (five chats an agent, as on a busy desk).
 */
import { checkFileDescriptors } from './fileDescriptors.ts';
import type { Options } from './options.ts';
import { warm } from './round.ts';
import type { Memory } from './serverProcess.ts';
import { aligned, shown } from './table.ts';
import { withPlatform } from './targets.ts';

const chatsPerAgent = 5;

export async function runIdle(options: Options, say: (line: string) => void): Promise<unknown> {
  const { count } = options;
  checkFileDescriptors(count + Math.ceil(count / chatsPerAgent), say);
  const { bridged, empty, parked } = await withPlatform(options, async (target) => {
    await warm(target, options);
    const empty = await target.server.settle();
    const relay = await target.open({ chatsPerAgent, shareConnections: true });
    await relay.park(count);
    const parked = await target.server.settle();
    say(`${count} visitors wait; now each gets its chat`);
    await relay.add(count);
    return { empty, parked, bridged: await target.server.settle() };
  });
  const visitor = eachOf(parked, empty, count);
  const chat = eachOf(bridged, empty, count);
  const row = (name: string, { heapKb, ownKb, residentKb }: Memory): string[] => [
    name,
    shown(residentKb, 'kB'),
    shown(ownKb, 'kB'),
    shown(heapKb, 'kB'),
  ];
  say(
    `\n${aligned([
      ['memory', 'resident', 'without mapped files', 'heap'],
      row('a parked visitor', visitor),
      row('a bridged chat with its visitor', chat),
    ])}\n`,
  );
  return { count, empty, visitor, chat };
}

function eachOf(after: Memory, before: Memory, count: number): Memory {
  return {
    residentKb: (after.residentKb - before.residentKb) / count,
    ownKb: (after.ownKb - before.ownKb) / count,
    heapKb: (after.heapKb - before.heapKb) / count,
    externalKb: (after.externalKb - before.externalKb) / count,
  };
}
