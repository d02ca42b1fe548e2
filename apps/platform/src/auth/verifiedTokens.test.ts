import { expect, test } from 'vitest';
import { VerifiedTokens } from './verifiedTokens.ts';

const claims = { exp: 1_000, nbf: 100 };

test('a token is known for its purpose and its time only', () => {
  const tokens = new VerifiedTokens();
  const key = tokens.keyOf('token', 'visitors');
  expect(key).not.toBe(tokens.keyOf('token', 'agents'));
  expect(key).not.toContain('token');
  expect(tokens.claimsOf(key, 500, 0)).toBeUndefined();
  tokens.remember(key, claims);
  expect(tokens.claimsOf(key, 999, 0)).toEqual(claims);
  expect(tokens.claimsOf(key, 1_200, 300)).toEqual(claims);
  expect(tokens.claimsOf(key, 1_000, 0)).toBeUndefined();
});

test('before its time it is checked again', () => {
  const tokens = new VerifiedTokens();
  const key = tokens.keyOf('token', '');
  tokens.remember(key, claims);
  expect(tokens.claimsOf(key, 99, 0)).toBeUndefined();
});

test('they are bounded; the ones in use stay', () => {
  const tokens = new VerifiedTokens();
  tokens.remember('used', claims);
  for (let count = 0; count < 30_000; count += 1) {
    tokens.remember(String(count), claims);
    tokens.claimsOf('used', 500, 0);
  }
  expect(tokens.claimsOf('used', 500, 0)).toEqual(claims);
  expect(tokens.claimsOf('0', 500, 0)).toBeUndefined();
  expect(tokens.claimsOf('29999', 500, 0)).toEqual(claims);
});
