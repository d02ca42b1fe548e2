import { expect, test } from 'vitest';
import { settle } from '../testing/manualClock.ts';
import { Turns } from './turns.ts';

test('no more than allowed run at once, the others in their order, also after one has failed', async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const ends: ((failed?: Error) => void)[] = [];
  const jobs = [0, 1, 2, 3].map((number) =>
    turns.take(
      () =>
        new Promise<number>((resolve, reject) => {
          begun.push(number);
          ends.push((failed) => (failed === undefined ? resolve(number) : reject(failed)));
        }),
    ),
  );
  await settle();
  expect([begun, turns.waiting]).toEqual([[0, 1], 2]);
  ends[1]?.(new Error('no'));
  await expect(jobs[1]).rejects.toThrow('no');
  await settle();
  expect([begun, turns.waiting]).toEqual([[0, 1, 2], 1]);
  ends[0]?.();
  ends[2]?.();
  await settle();
  ends[3]?.();
  expect(await Promise.all([jobs[0], jobs[2], jobs[3]])).toEqual([0, 2, 3]);
  expect(turns.waiting).toBe(0);
});
