/** The figures of a table run: medians over the rounds, ratios to the bare relay of the same round, goals. */
import { median } from './percentiles.ts';
import type { LoadResult, RoundResult } from './round.ts';

export interface Round {
  readonly bare?: RoundResult;
  readonly platform?: RoundResult;
}

export interface Figure {
  readonly name: string;
  readonly unit: 'us' | '/s' | 'ms' | 'kB';
  readonly bare: number | undefined;
  readonly platform: number | undefined;
  /** Platform by bare relay, the median over the rounds. */
  readonly ratio: number | undefined;
  readonly goal: string;
  readonly met: boolean | undefined;
}

interface Goal {
  readonly text: string;
  /** Undefined when there is no bare relay to compare with. */
  readonly isMet: (platform: number, ratio: number | undefined) => boolean | undefined;
}

const noGoal: Goal = { text: '', isMet: () => undefined };
const mostTimes = (times: number): Goal => ({
  text: `<= ${times}x`,
  isMet: (_platform, ratio) => (ratio === undefined ? undefined : ratio <= times),
});
const most = (value: number): Goal => ({ text: `<= ${value}`, isMet: (platform) => platform <= value });
const third: Goal = { text: '>= 1/3', isMet: (_platform, ratio) => (ratio === undefined ? undefined : ratio >= 1 / 3) };

/** @param chats the numbers of chats that were measured; the first is the one of the latency, the last of the memory */
export function figuresOf(rounds: readonly Round[], chats: readonly number[]): Figure[] {
  const few = chats[0] ?? 0;
  const many = chats.at(-1) ?? 0;
  const figure = (
    name: string,
    unit: Figure['unit'],
    at: number,
    goal: Goal,
    pick: (load: LoadResult) => number,
  ): Figure => {
    const values = (target: keyof Round) => rounds.map((round) => valueAt(round[target], at, pick));
    const [bare, platform] = [values('bare'), values('platform')];
    const ratio = medianOf(platform.map((value, round) => divided(value, bare[round])));
    const own = medianOf(platform);
    const met = own === undefined ? undefined : goal.isMet(own, ratio);
    return { name, unit, bare: medianOf(bare), platform: own, ratio, goal: goal.text, met };
  };
  return [
    ...chats.flatMap((at) => [
      figure(`CPU a message, closed loop, ${at} chats`, 'us', at, mostTimes(3), ({ closed }) => closed.cpuUs),
      figure(`messages a second, closed loop, ${at} chats`, '/s', at, third, ({ closed }) => closed.messagesPerSecond),
      figure(`CPU a message, equal rate, ${at} chats`, 'us', at, noGoal, ({ open }) => open.cpuUs),
    ]),
    figure(`latency p50, open loop, ${few} chats`, 'ms', few, most(1), ({ open }) => open.latencyMs.p50),
    figure(`latency p99, open loop, ${few} chats`, 'ms', few, most(3), ({ open }) => open.latencyMs.p99),
    figure(`load generator late p99, ${few} chats`, 'ms', few, noGoal, ({ open }) => open.lateMs.p99),
    figure(`resident memory a chat, ${many} chats`, 'kB', many, most(100), (load) => load.residentKbPerChat),
    figure(`… without mapped files`, 'kB', many, noGoal, (load) => load.ownKbPerChat),
    figure(`… in the heap`, 'kB', many, noGoal, (load) => load.heapKbPerChat),
    figure('set-up p50, ten at a time', 'ms', few, most(60), ({ setupMs }) => setupMs.p50),
    figure('set-up p99, ten at a time', 'ms', few, noGoal, ({ setupMs }) => setupMs.p99),
  ];
}

function valueAt(
  round: RoundResult | undefined,
  chats: number,
  pick: (load: LoadResult) => number,
): number | undefined {
  const load = round?.loads.find((one) => one.chats === chats);
  return load === undefined ? undefined : pick(load);
}

const divided = (value: number | undefined, by: number | undefined): number | undefined =>
  value === undefined || by === undefined || by <= 0 ? undefined : value / by;

const medianOf = (values: readonly (number | undefined)[]): number | undefined =>
  median(values.filter((value) => value !== undefined));
