import { describe, expect, it } from 'vitest';
import { createReconnector } from './reconnector.ts';
import { createManualClock } from './testing/manualClock.ts';

function start() {
  const clock = createManualClock();
  return { clock, reconnector: createReconnector({ clock, random: () => 0 }) };
}

describe('reconnector', () => {
  it('goes from reconnecting to online, waiting, reconnecting', async () => {
    const { clock, reconnector } = start();
    expect(reconnector.state()).toBe('reconnecting');
    reconnector.succeeded();
    expect(reconnector.state()).toBe('online');
    const { delayMs, due } = reconnector.failed();
    expect(delayMs).toBe(500);
    expect(reconnector.state()).toBe('waiting');
    await clock.advance(499);
    expect(reconnector.state()).toBe('waiting');
    await clock.advance(1);
    await due;
    expect(reconnector.state()).toBe('reconnecting');
    expect(clock.pending()).toBe(0);
  });

  it('waits longer with every failure in a row, and starts anew after a success', () => {
    const { reconnector } = start();
    expect([1, 2, 3].map(() => reconnector.failed().delayMs)).toEqual([500, 1000, 2000]);
    reconnector.succeeded();
    expect(reconnector.failed().delayMs).toBe(500);
  });

  it('retryNow cuts the wait and does nothing otherwise', async () => {
    const { clock, reconnector } = start();
    reconnector.retryNow();
    expect(reconnector.state()).toBe('reconnecting');
    const { due } = reconnector.failed(90_000);
    reconnector.retryNow();
    await due;
    expect(reconnector.state()).toBe('reconnecting');
    expect(clock.pending()).toBe(0);
  });
});
