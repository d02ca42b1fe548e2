/** The refusal of a sign-in after too many wrong passwords, on its way from the server to the page. */

const mark = 'TooManyAttempts';

/** next-auth hands the message of an error, and nothing else of it, to the page. */
export class SignInDelayError extends Error {
  override readonly name = 'SignInDelayError';
  readonly code = mark;
  readonly retryable = true;
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super(`${mark}:${Math.max(1, Math.ceil(retryAfterMs / 60_000))}`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Reads the minutes to wait out of what next-auth handed over; undefined when it was another refusal. */
export function delayMinutesOf(error: string | null | undefined): number | undefined {
  const minutes = new RegExp(`^${mark}:(\\d{1,4})$`).exec(error ?? '')?.[1];
  return minutes === undefined ? undefined : Number(minutes);
}

/** What the page says about it. */
export function delayText(minutes: number): string {
  return `Too many attempts, try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`;
}
