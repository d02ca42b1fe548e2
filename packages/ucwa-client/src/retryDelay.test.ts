import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryDelayMs } from './retryDelay.ts';

describe('retryDelayMs', () => {
  it('doubles up to the ceiling', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelayMs({ attempt, jitter: 0 }));
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  });

  it('stays between half of the full delay and all of it, for any attempt', () => {
    void fc.assert(
      fc.property(fc.nat(10_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, jitter) => {
        const delay = retryDelayMs({ attempt, jitter, baseMs: 1000, ceilingMs: 30_000 });
        expect(delay).toBeGreaterThanOrEqual(500);
        expect(delay).toBeLessThanOrEqual(30_000);
      }),
    );
  });

  it('never undercuts what the server asked for, even above the ceiling', () => {
    expect(retryDelayMs({ attempt: 1, jitter: 0, retryAfterMs: 60_000 })).toBe(60_000);
    expect(retryDelayMs({ attempt: 1, jitter: 0.5, retryAfterMs: 60_000 })).toBe(60_250);
    expect(retryDelayMs({ attempt: 5, jitter: 0, retryAfterMs: 10 })).toBe(8000);
  });
});
