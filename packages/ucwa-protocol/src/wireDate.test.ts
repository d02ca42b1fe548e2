import { expect, it } from 'vitest';
import { fromWireDate, toWireDate } from './wireDate.ts';

it('writes /Date(ms)/ and reads it back', () => {
  expect(toWireDate(1700000000000)).toBe('/Date(1700000000000)/');
  expect(fromWireDate('/Date(1700000000000)/')).toBe(1700000000000);
});

it('reads the doubly escaped form of old captures, and ISO 8601', () => {
  expect(fromWireDate('\\/Date(1483967116000)\\/')).toBe(1483967116000);
  expect(fromWireDate('2016-06-27T01:42:13.094Z')).toBe(1466991733094);
});

it('answers undefined for anything else', () => {
  expect(fromWireDate('yesterday')).toBeUndefined();
});
