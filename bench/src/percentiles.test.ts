import { expect, test } from 'vitest';
import { optionsFrom } from './options.ts';
import { percentiles } from './percentiles.ts';

test('nearest rank, also for one value and for none', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentiles(hundred)).toEqual({ p50: 50, p99: 99 });
  expect(percentiles([7.123])).toEqual({ p50: 7.12, p99: 7.12 });
  expect(percentiles([])).toEqual({ p50: 0, p99: 0 });
});

test('the command line: defaults, the short form, and what makes no sense', () => {
  expect(optionsFrom([])).toEqual({ chats: [50, 500], seconds: 10, setups: 30 });
  expect(optionsFrom(['--short', '--seconds', '1'])).toEqual({ chats: [5, 20], seconds: 1, setups: 5 });
  expect(() => optionsFrom(['--chats', '0'])).toThrow(TypeError);
  expect(() => optionsFrom(['--hurry'])).toThrow(TypeError);
});
