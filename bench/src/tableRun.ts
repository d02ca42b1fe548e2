/** The default run: rounds of bare relay and platform, each in a fresh process, and the table of medians. */

import { figuresOf, type Round } from './figures.ts';
import { checkFileDescriptors } from './fileDescriptors.ts';
import type { Options } from './options.ts';
import { measureRound, type RoundResult } from './round.ts';
import { tableOf } from './table.ts';
import { withTarget } from './targets.ts';

/** Two people a chat, each with a connection for its events and one for what it says. */
const connectionsPerChat = 4;

/** @param say gets what people read */
export async function runTable(options: Options, say: (line: string) => void): Promise<unknown> {
  checkFileDescriptors(Math.max(...options.chats) * connectionsPerChat, say);
  const rounds: Round[] = [];
  for (let number = 1; number <= options.rounds; number += 1) {
    const round: { -readonly [target in keyof Round]: RoundResult } = {};
    for (const name of options.targets) {
      say(`round ${number} of ${options.rounds}: ${name}`);
      const measured = await withTarget(name, options, (target) => measureRound(target, options, number));
      for (const { chats, closed } of measured.loads)
        say(
          `  ${chats} chats: ${closed.cpuUs.toFixed(1)} us a message, ${closed.messagesPerSecond.toFixed(0)} a second`,
        );
      round[name] = measured;
    }
    rounds.push(round);
  }
  const figures = figuresOf(rounds, options.chats);
  say(`\nmedians of ${options.rounds} round(s)\n${tableOf(figures)}\n`);
  return { figures, rounds };
}
