/** The command line. */
import { parseArgs } from 'node:util';

export interface Options {
  /** Numbers of concurrent chats, one closed loop each. */
  readonly chats: readonly number[];
  /** Length of a closed loop. */
  readonly seconds: number;
  /** How many chats are set up one after another to measure the set-up. */
  readonly setups: number;
}

export const chatsPerAgent = 5;

/** `--chats 50,500 --seconds 10 --setups 30`; `--short` is a run of some twenty seconds. @throws TypeError for others. */
export function optionsFrom(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      chats: { type: 'string' },
      seconds: { type: 'string' },
      setups: { type: 'string' },
      short: { type: 'boolean', default: false },
    },
  });
  const [chats, seconds, setups] = values.short ? ['5,20', '2', '5'] : ['50,500', '10', '30'];
  const positive = (name: string, text: string): number => {
    const value = Number(text);
    if (!(value > 0)) throw new TypeError(`--${name} needs a positive number, not "${text}"`);
    return value;
  };
  return {
    chats: (values.chats ?? chats).split(',').map((text) => positive('chats', text)),
    seconds: positive('seconds', values.seconds ?? seconds),
    setups: positive('setups', values.setups ?? setups),
  };
}
