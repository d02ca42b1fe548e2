import { describe, expect, it } from 'vitest';
import { createManualClock } from './manualClock.ts';

describe('the manual clock', () => {
  it('runs timers in their order, those included that timers set', async () => {
    const clock = createManualClock(1000);
    const ran: string[] = [];
    clock.setTimeout(() => ran.push(`b ${clock.now()}`), 20);
    clock.setTimeout(() => {
      ran.push(`a ${clock.now()}`);
      clock.setTimeout(() => ran.push(`c ${clock.now()}`), 15);
    }, 10);
    clock.clearTimeout(clock.setTimeout(() => ran.push('never'), 5));
    clock.setTimeout(() => ran.push('later'), 31);
    await clock.advance(30);
    expect(ran).toEqual(['a 1010', 'b 1020', 'c 1025']);
    expect(clock.now()).toBe(1030);
    expect(clock.pending()).toBe(1);
  });

  it('lets promises run that a timer resolves', async () => {
    const clock = createManualClock();
    let done = false;
    void new Promise<void>((resolve) => clock.setTimeout(resolve, 1)).then(() => {
      done = true;
    });
    await clock.advance(1);
    expect(done).toBe(true);
  });
});
