import { expect, test } from 'vitest';
import { createSlots } from './slots.ts';

test('runs as many as there are slots, the rest in order, also after a failure', async () => {
  const slots = createSlots(2);
  const started: number[] = [];
  const finish: ((error?: Error) => void)[] = [];
  const work = (n: number) =>
    slots(() => {
      started.push(n);
      return new Promise<number>((resolve, reject) => {
        finish[n] = (error) => (error ? reject(error) : resolve(n));
      });
    });
  const results = Promise.allSettled([work(0), work(1), work(2), work(3)]);
  await Promise.resolve();
  expect(started).toEqual([0, 1]);
  finish[1]?.(new Error('refused'));
  await expect.poll(() => started).toEqual([0, 1, 2]);
  finish[0]?.();
  await expect.poll(() => started).toEqual([0, 1, 2, 3]);
  finish[2]?.();
  finish[3]?.();
  expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
});
