const stepsMs = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

/** How long to wait after the n-th failed attempt (1, 2, …), in milliseconds. */
export function backOffMs(attempts: number): number {
  return stepsMs[Math.min(Math.max(attempts, 1), stepsMs.length) - 1] ?? 30_000;
}
