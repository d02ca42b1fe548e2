export interface RetryDelay {
  /** Failures in a row, from 1. */
  readonly attempt: number;
  /** 0 to below 1: keeps many clients from coming back in the same moment. */
  readonly jitter: number;
  readonly baseMs?: number;
  readonly ceilingMs?: number;
  /** What the server asked for; it is never undercut. */
  readonly retryAfterMs?: number | undefined;
}

/** Milliseconds to wait before the next try: doubles from `baseMs` to `ceilingMs`, half of it up to chance. */
export function retryDelayMs({ attempt, jitter, baseMs = 1000, ceilingMs = 30_000, retryAfterMs }: RetryDelay): number {
  const full = Math.min(ceilingMs, baseMs * 2 ** Math.max(0, Math.min(attempt - 1, 30)));
  const spread = (full / 2) * jitter;
  return Math.round(retryAfterMs === undefined ? full / 2 + spread : Math.max(retryAfterMs, full / 2) + spread);
}
