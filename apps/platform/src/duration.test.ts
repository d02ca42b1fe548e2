import { expect, test } from 'vitest';
import { parseDuration } from './duration.ts';

test.each([
  ['PT5M', 300_000],
  ['pt1h30m', 5_400_000],
  ['P1DT1S', 86_401_000],
  ['PT0.5S', 500],
  ['00:05:00', 300_000],
  ['00:05', 300_000],
  ['1.02:03:04', 93_784_000],
  ['PT', undefined],
  ['P', undefined],
  ['5', undefined],
  ['', undefined],
])('%s', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});
