/** How the parts of the desk try again: each matter by itself, ever more slowly, and never sooner than a server asked. */
import type { Clock } from '@repo/ucwa-client/clock';
import { retryAfterOf } from '@repo/ucwa-client/errors';
import { createReconnector, type Reconnector } from '@repo/ucwa-client/reconnector';

export interface Retries {
  /** Waits after a failure until the next try of this matter is due. */
  due(matter: string, error: unknown): Promise<void>;
  /** The matter went well or is given up: its next failure is a first one again. */
  settled(matter: string): void;
  /** Cuts the waits that nobody asked for, as when the server is reached again. */
  retryNow(): void;
}

/** In milliseconds. */
const limits = { baseMs: 2000, ceilingMs: 60_000 };

/** @param random 0 to below 1; `Math.random` by default */
export function createRetries({ clock, random }: { clock: Clock; random?: (() => number) | undefined }): Retries {
  const matters = new Map<string, Reconnector>();
  const cuttable = new Set<string>();

  return {
    async due(matter, error) {
      const reconnector = matters.get(matter) ?? createReconnector({ clock, random, ...limits });
      matters.set(matter, reconnector);
      const retryAfterMs = retryAfterOf(error);
      if (retryAfterMs === undefined) cuttable.add(matter);
      else cuttable.delete(matter);
      await reconnector.failed(retryAfterMs).due;
    },
    settled(matter) {
      matters.delete(matter);
      cuttable.delete(matter);
    },
    retryNow() {
      for (const matter of cuttable) matters.get(matter)?.retryNow();
    },
  };
}
