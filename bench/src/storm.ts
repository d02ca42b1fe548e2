/**
 * `--storm 2000`: all event channels are cut at once, both sides of every chat go on talking, then all come back at once.
 * What counts is the time until everybody has what was said meanwhile.
 */
import { checkFileDescriptors } from './fileDescriptors.ts';
import type { Options } from './options.ts';
import { median, percentiles, rounded } from './percentiles.ts';
import type { Relay, Target } from './relay.ts';
import { warm } from './round.ts';
import { aligned, shown } from './table.ts';
import { withTarget } from './targets.ts';

interface Storm {
  /** Until half of the people, 99 of 100 and the last were caught up, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly last: number;
}

const messagesMissed = 3;
const cutMs = 500;
const withinMs = 120_000;

export async function runStorm(options: Options, say: (line: string) => void): Promise<unknown> {
  checkFileDescriptors(options.count * 2, say);
  const results: Record<string, readonly Storm[]> = {};
  for (const name of options.targets) {
    say(`${name}: ${options.count} chats, ${options.rounds} storms`);
    results[name] = await withTarget(name, options, (target) => stormsOf(target, options));
  }
  const figure = (name: string, kind: keyof Storm): number | undefined =>
    median((results[name] ?? []).map((storm) => storm[kind]));
  const row = (label: string, kind: keyof Storm): string[] => [
    label,
    ...options.targets.map((name) => shown(figure(name, kind), 'ms')),
  ];
  say(`\n${options.count * 2} people come back at once, ${messagesMissed} messages wait for each; medians`);
  say(
    aligned([
      ['caught up', ...options.targets],
      row('half of them', 'p50'),
      row('99 of 100', 'p99'),
      row('all', 'last'),
    ]),
  );
  return { storms: results };
}

async function stormsOf(target: Target, options: Options): Promise<Storm[]> {
  await warm(target, options);
  // People send over shared connections: all descriptors are for the event channels.
  const relay = await target.open({ shareConnections: true });
  await relay.add(options.count);
  const storms: Storm[] = [];
  for (let round = 1; round <= options.rounds; round += 1)
    storms.push(await target.server.profiled(`storm-${round}`, () => storm(relay, round * messagesMissed)));
  await relay.close();
  return storms;
}

async function storm(relay: Relay, firstSequence: number): Promise<Storm> {
  relay.arrived = () => {};
  relay.cut();
  // A relay without acknowledgements loses what it sends into a connection that it does not know to be cut.
  await new Promise((resolve) => setTimeout(resolve, cutMs));
  for (let sequence = firstSequence; sequence < firstSequence + messagesMissed; sequence += 1) {
    for (let chat = 0; chat < relay.size; chat += 1) {
      relay.say(chat, 'visitor', sequence);
      relay.say(chat, 'agent', sequence);
    }
    await relay.accounted();
  }
  const missing = {
    visitor: new Uint8Array(relay.size).fill(messagesMissed),
    agent: new Uint8Array(relay.size).fill(messagesMissed),
  };
  const times: number[] = [];
  const begun = performance.now();
  await new Promise<void>((resolve, reject) => {
    const impatience = setTimeout(() => reject(new Error('not everybody caught up')), withinMs);
    relay.failure.catch(reject);
    relay.arrived = (chat, to, sequence) => {
      if (sequence < firstSequence) return;
      const left = (missing[to][chat] ?? 0) - 1;
      missing[to][chat] = left;
      if (left !== 0) return;
      times.push(performance.now() - begun);
      if (times.length < relay.size * 2) return;
      clearTimeout(impatience);
      resolve();
    };
    relay.reconnect();
  });
  return { ...percentiles(times), last: rounded(Math.max(...times)) };
}
