/** `--growth`: processor time a message at one and the same rate, while there are more and more chats. */
import { checkFileDescriptors } from './fileDescriptors.ts';
import { openLoop } from './openLoop.ts';
import type { Options } from './options.ts';
import { median } from './percentiles.ts';
import type { Target } from './relay.ts';
import { warm } from './round.ts';
import { aligned, shown } from './table.ts';
import { withTarget } from './targets.ts';

/** The cost may grow by a fifth from the fewest chats to the most. */
const mostGrowth = 1.2;

interface Step {
  readonly chats: number;
  /** One value a round. */
  readonly cpuUs: readonly number[];
}

export async function runGrowth(options: Options, say: (line: string) => void): Promise<unknown> {
  checkFileDescriptors(Math.max(...options.chats) * 2, say);
  const steps: Record<string, readonly Step[]> = {};
  for (const name of options.targets) {
    say(`${name}: ${options.chats.join(', ')} chats, ${options.rate} messages a second of all together`);
    steps[name] = await withTarget(name, options, (target) => stepsOf(target, options));
  }
  const cost = (name: string, index: number): number | undefined => median(steps[name]?.[index]?.cpuUs ?? []);
  const rows = options.chats.map((chats, index) => [
    String(chats),
    ...options.targets.map((name) => shown(cost(name, index), 'us')),
  ]);
  say(`\n${aligned([['chats', ...options.targets], ...rows])}`);
  const growth = (cost('platform', options.chats.length - 1) ?? 0) / (cost('platform', 0) ?? 1);
  const met = growth <= mostGrowth;
  say(`the platform's cost grows ${growth.toFixed(2)}x (goal <= ${mostGrowth}x): ${met ? 'met' : 'NOT MET'}\n`);
  return { steps, growth, met };
}

async function stepsOf(target: Target, options: Options): Promise<Step[]> {
  await warm(target, options);
  // Ten thousand people: their event channels take a connection each, what they say goes over a few.
  const relay = await target.open({ shareConnections: true });
  const steps: Step[] = [];
  for (const chats of options.chats) {
    await relay.add(chats - relay.size);
    const cpuUs: number[] = [];
    for (let round = 1; round <= options.rounds; round += 1)
      cpuUs.push((await openLoop(target, relay, options.rate, options.seconds)).cpuUs);
    steps.push({ chats, cpuUs });
  }
  await relay.close();
  return steps;
}
