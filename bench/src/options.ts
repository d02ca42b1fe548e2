/** The command line. */
import path from 'node:path';
import { parseArgs } from 'node:util';

export interface Options {
  readonly mode: 'table' | 'idle' | 'storm' | 'growth' | 'finished';
  /** Of `--idle`, `--storm` and `--finished`. */
  readonly count: number;
  /** Numbers of chats; at the first the latency is measured, at the last the memory. */
  readonly chats: readonly number[];
  /** Messages a second in the open loops; default: five a chat at the first number of chats. */
  readonly rate: number;
  /** Length of each loop. */
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly rounds: number;
  readonly targets: readonly ('bare' | 'platform')[];
  /** Folder for CPU profiles of the platform, one a closed loop. */
  readonly profiles: string | undefined;
  /** Another build of the platform's server. */
  readonly bundle: string | undefined;
}

const messagesPerChatAndSecond = 5;

interface Defaults {
  readonly chats: string;
  readonly seconds: string;
  readonly warmSeconds: number;
  readonly rounds: string;
  readonly rate?: string;
}

const usual: Defaults = { chats: '200,1000', seconds: '6', warmSeconds: 4, rounds: '3' };
const short: Defaults = { chats: '4,8', seconds: '0.5', warmSeconds: 0.5, rounds: '1' };
/** The same rate at every number of chats, so that only their number differs. */
const growth = { chats: '50,200,1000,5000', rate: '500' };

/** `--chats 200,1000 --seconds 6 --rounds 3`; `--short` for a quick look. @throws TypeError for what makes no sense */
export function optionsFrom(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      chats: text,
      seconds: text,
      rounds: text,
      rate: text,
      only: text,
      server: text,
      'cpu-prof': text,
      idle: text,
      storm: text,
      finished: text,
      growth: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
    },
  });
  const counted = (['idle', 'storm', 'finished'] as const).find((name) => values[name] !== undefined);
  const mode = counted ?? (values.growth ? 'growth' : 'table');
  const defaults = values.short ? short : { ...usual, ...(mode === 'growth' ? growth : {}) };
  const chats = (values.chats ?? defaults.chats).split(',').map((one) => positive('chats', one));
  const rate = values.rate ?? defaults.rate;
  const folder = values['cpu-prof'];
  return {
    mode,
    count: counted === undefined ? 0 : positive(counted, values[counted] ?? ''),
    chats,
    rate: rate === undefined ? (chats[0] ?? 1) * messagesPerChatAndSecond : positive('rate', rate),
    seconds: positive('seconds', values.seconds ?? defaults.seconds),
    warmSeconds: defaults.warmSeconds,
    rounds: positive('rounds', values.rounds ?? defaults.rounds),
    targets: targetsOf(values.only),
    profiles: folder === undefined ? undefined : path.resolve(folder),
    bundle: values.server === undefined ? undefined : path.resolve(values.server),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new TypeError(`--${name} needs a positive number, not "${text}"`);
  return value;
}

function targetsOf(only: string | undefined): Options['targets'] {
  if (only === undefined) return ['bare', 'platform'];
  if (only !== 'bare' && only !== 'platform') throw new TypeError('--only is bare or platform');
  return [only];
}
