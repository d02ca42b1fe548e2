import { expect, test } from 'vitest';
import { Slots } from './slots.ts';
import { settle } from './testing/manualClock.ts';

test('no more than allowed run at once, the others in their order, also after one has failed', async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  const ends: ((failed?: Error) => void)[] = [];
  const work = [0, 1, 2, 3].map((number) =>
    slots.run(
      () =>
        new Promise<number>((resolve, reject) => {
          begun.push(number);
          ends.push((failed) => (failed === undefined ? resolve(number) : reject(failed)));
        }),
    ),
  );
  await settle();
  expect([begun, slots.waiting]).toEqual([[0, 1], 2]);
  ends[1]?.(new Error('no'));
  await expect(work[1]).rejects.toThrow('no');
  await settle();
  expect([begun, slots.waiting]).toEqual([[0, 1, 2], 1]);
  ends[0]?.();
  ends[2]?.();
  await settle();
  ends[3]?.();
  expect(await Promise.all([work[0], work[2], work[3]])).toEqual([0, 2, 3]);
  expect(slots.waiting).toBe(0);
});
