/**
 * When to try again. Three states: `online`; after a failure `waiting`; when the wait is over or was cut,
 * `reconnecting` until the next success or failure. It starts as `reconnecting`: nothing is known yet.
 */
import type { Clock } from './clock.ts';
import { retryDelayMs } from './retryDelay.ts';

export interface ReconnectorOptions {
  readonly clock: Clock;
  /** 0 to below 1; `Math.random` by default. */
  readonly random?: (() => number) | undefined;
  readonly baseMs?: number;
  readonly ceilingMs?: number;
}

export interface Reconnector {
  state(): 'online' | 'waiting' | 'reconnecting';
  succeeded(): void;
  /** Starts the wait. @returns how long it is, and a promise that resolves when the next try is due. */
  failed(retryAfterMs?: number): { readonly delayMs: number; readonly due: Promise<void> };
  /** Cuts the wait; nothing happens in another state. */
  retryNow(): void;
}

/** One wait at a time; a caller that keeps failing waits longer each time (retryDelay.ts). */
export function createReconnector({ clock, random = Math.random, ...limits }: ReconnectorOptions): Reconnector {
  let state: ReturnType<Reconnector['state']> = 'reconnecting';
  let attempt = 0;
  let endWait: (() => void) | undefined;

  return {
    state: () => state,
    succeeded() {
      state = 'online';
      attempt = 0;
    },
    failed(retryAfterMs) {
      endWait?.();
      attempt += 1;
      state = 'waiting';
      const delayMs = retryDelayMs({ attempt, jitter: random(), retryAfterMs, ...limits });
      const due = new Promise<void>((resolve) => {
        const timer = clock.setTimeout(() => endWait?.(), delayMs);
        endWait = () => {
          clock.clearTimeout(timer);
          endWait = undefined;
          state = 'reconnecting';
          resolve();
        };
      });
      return { delayMs, due };
    },
    retryNow: () => endWait?.(),
  };
}
