import { expect, it } from 'vitest';
import { createLane } from './lane.ts';

const failOn = (error: unknown) => {
  throw error;
};

it('works until there is nothing more', async () => {
  let left = 5;
  const lane = createLane(async () => left-- > 0, 2, failOn);
  lane.wake();
  await lane.idle();
  expect(left).toBeLessThan(0);
});

it('looks again when it is woken during a look that finds nothing', async () => {
  let looks = 0;
  const lane = createLane(
    async () => {
      looks += 1;
      if (looks === 1) lane.wake();
      return false;
    },
    4,
    failOn,
  );
  lane.wake();
  await lane.idle();
  expect(looks).toBeGreaterThanOrEqual(2);
});

it('never does more at once than it may', async () => {
  let left = 20;
  let running = 0;
  let most = 0;
  const lane = createLane(
    async () => {
      if (left === 0) return false;
      left -= 1;
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return true;
    },
    3,
    failOn,
  );
  lane.wake();
  await lane.idle();
  expect([left, most]).toEqual([0, 3]);
});

it('goes on after an error, and begins nothing after stop', async () => {
  const errors: unknown[] = [];
  let looks = 0;
  const lane = createLane(
    async () => {
      looks += 1;
      throw new Error('broken');
    },
    1,
    (error) => errors.push(error),
  );
  lane.wake();
  await lane.idle();
  lane.wake();
  await lane.idle();
  lane.stop();
  lane.wake();
  await lane.idle();
  expect([looks, errors.length]).toEqual([2, 2]);
});
