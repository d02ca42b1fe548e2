import type { Clock } from '../clock.ts';

export interface ManualClock extends Clock {
  /** Moves time, running due timers in their order and letting everything they set off come to rest. */
  advance(ms: number): Promise<void>;
  /** Lets promises that are ready run, without moving time. */
  settle(): Promise<void>;
  /** Timers that are set. */
  pending(): number;
}

interface ManualTimer {
  readonly dueAt: number;
  readonly order: number;
  readonly run: () => void;
}

/** A real turn of the event loop, taken before a test can replace the globals. */
const { setImmediate, setTimeout: realTimeout } = globalThis as typeof globalThis & {
  setImmediate?: (run: () => void) => void;
};
const nextTurn = () => new Promise<void>((resolve) => (setImmediate ? setImmediate(resolve) : realTimeout(resolve, 0)));

/** A clock that stands still until it is moved. `startMs` is milliseconds since 1970. */
export function createManualClock(startMs = 1_700_000_000_000): ManualClock {
  let now = startMs;
  let order = 0;
  const timers = new Set<ManualTimer>();

  async function settle(): Promise<void> {
    // Reading a Response takes a few turns.
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  }

  function nextDue(by: number): ManualTimer | undefined {
    let next: ManualTimer | undefined;
    for (const timer of timers) {
      if (timer.dueAt > by) continue;
      if (!next || timer.dueAt < next.dueAt || (timer.dueAt === next.dueAt && timer.order < next.order)) next = timer;
    }
    return next;
  }

  return {
    now: () => now,
    setTimeout(run, ms) {
      order += 1;
      const timer: ManualTimer = { dueAt: now + Math.max(0, ms), order, run };
      timers.add(timer);
      return timer;
    },
    clearTimeout(handle) {
      timers.delete(handle as ManualTimer);
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        timers.delete(timer);
        now = Math.max(now, timer.dueAt);
        timer.run();
        await settle();
      }
      now = until;
    },
    settle,
    pending: () => timers.size,
  };
}
