/** A clock that only moves when it is told to. */
import type { Clock } from '../clock.ts';

export interface ManualClock extends Clock {
  /** Moves on and runs what became due, in order, letting promises settle in between. @param ms milliseconds */
  advance(ms: number): Promise<void>;
  /** Moves on without running anything: the machine was asleep. @param ms milliseconds */
  jump(ms: number): void;
}

export function createManualClock(start = 1_800_000_000_000): ManualClock {
  let now = start;
  let count = 0;
  const pending = new Map<number, { dueAt: number; run: () => void }>();
  return {
    now: () => now,
    setTimeout: (run, ms) => {
      count += 1;
      pending.set(count, { dueAt: now + ms, run });
      return count;
    },
    clearTimeout: (handle) => {
      pending.delete(handle as number);
    },
    jump: (ms) => {
      now += ms;
    },
    advance: async (ms) => {
      const end = now + ms;
      for (;;) {
        await settle();
        const next = [...pending].filter(([, one]) => one.dueAt <= end).sort(([, a], [, b]) => a.dueAt - b.dueAt)[0];
        if (next === undefined) break;
        pending.delete(next[0]);
        now = Math.max(now, next[1].dueAt);
        next[1].run();
      }
      now = end;
      await settle();
    },
  };
}

/** Lets everything that is ready to run do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
