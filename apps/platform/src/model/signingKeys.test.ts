import { expect, test } from 'vitest';
import {
  keptAfterMs,
  publishedKeys,
  publishedUntil,
  type SigningKey,
  type SigningKeys,
  shortestLeadMs,
  signingKeyAt,
  signingKeyState,
  withNextKey,
  withoutKey,
} from './signingKeys.ts';

const key = (kid: string, createdAt: number, activeFrom: number): SigningKey => ({
  kid,
  privateJwk: {},
  createdAt,
  activeFrom,
});
const ring: SigningKeys = { keys: [key('a', 0, 0), key('b', 1_000_000, 2_000_000)] };
const kids = (now: number) => publishedKeys(ring, now).map(({ kid }) => kid);

test('a next key is published and does not sign', () => {
  expect(signingKeyAt(ring, 1_999_999).kid).toBe('a');
  expect(signingKeyState(ring, 'b', 1_999_999)).toBe('next');
  expect(kids(1_999_999)).toEqual(['a', 'b']);
});

test('at its time it signs, and the one before stays published until its last token has ended', () => {
  const end = 2_000_000 + keptAfterMs;
  expect(signingKeyAt(ring, 2_000_000).kid).toBe('b');
  expect(signingKeyState(ring, 'a', 2_000_000)).toBe('retiring');
  expect(kids(end - 1)).toEqual(['a', 'b']);
  expect(signingKeyState(ring, 'a', end)).toBe('retired');
  expect(kids(end)).toEqual(['b']);
  expect([publishedUntil(ring, 'a'), publishedUntil(ring, 'b')]).toEqual([end, undefined]);
});

test('one key waits at a time, and long enough', () => {
  const soon = key('c', 1_500_000, 1_500_000 + shortestLeadMs);
  expect(withNextKey(ring, soon)).toBeUndefined();
  expect(withNextKey(ring, key('c', 2_000_000, 2_000_000 + shortestLeadMs - 1))).toBeUndefined();
  expect(withNextKey(ring, key('c', 2_000_000, 2_000_000 + shortestLeadMs))?.keys).toHaveLength(3);
});

test('a clock that was set back still finds a key, and an unknown one has no state', () => {
  expect(signingKeyAt(ring, -1).kid).toBe('a');
  expect(signingKeyState(ring, 'x', 0)).toBeUndefined();
  expect(() => signingKeyAt({ keys: [] }, 0)).toThrow('no key');
});

test('without the key that signs, the next one does at once, never an earlier one', () => {
  const substitute = key('new', 3_000_000, 3_000_000);
  const signs = (from: SigningKeys, now: number) => signingKeyAt(from, now).kid;
  expect(signs(withoutKey(ring, 'b', substitute, 3_000_000), 3_000_000)).toBe('new');
  const withoutFirst = withoutKey(ring, 'a', substitute, 1_500_000);
  expect(withoutFirst.keys).toEqual([key('b', 1_000_000, 1_500_000)]);
  expect(withoutKey(ring, 'a', substitute, 3_000_000).keys).toEqual([ring.keys[1]]);
  expect(withoutKey(ring, 'b', substitute, 1_500_000).keys).toEqual([ring.keys[0]]);
});
