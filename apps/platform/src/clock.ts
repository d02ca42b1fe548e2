/** Time as a parameter: the real clock in the server, a manual one in tests. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** @param ms delay in milliseconds */
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout | undefined),
};
