import { expect, test } from 'vitest';
import { median, percentiles } from './percentiles.ts';

test('nearest rank, also for one value and for none', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentiles(hundred)).toEqual({ p50: 50, p99: 99 });
  expect(percentiles([7.123])).toEqual({ p50: 7.12, p99: 7.12 });
  expect(percentiles([])).toEqual({ p50: 0, p99: 0 });
});

test('the median of an odd number, of an even one and of nothing', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([1, 2, 4, 9])).toBe(3);
  expect(median([])).toBeUndefined();
});
