import { expect, test } from 'vitest';
import { VerifiedTokens } from './verifiedTokens.ts';

const claims = { exp: 1_000, nbf: 100 };
const token = { claims, kid: 'key' };
const always = () => true;

test('a token is known for its purpose and its time only', () => {
  const tokens = new VerifiedTokens();
  const key = tokens.keyOf('token', 'visitors');
  expect(key).not.toBe(tokens.keyOf('token', 'agents'));
  expect(key).not.toContain('token');
  expect(tokens.claimsOf(key, 500, 0, always)).toBeUndefined();
  tokens.remember(key, token);
  expect(tokens.claimsOf(key, 999, 0, always)).toEqual(claims);
  expect(tokens.claimsOf(key, 1_200, 300, always)).toEqual(claims);
  expect(tokens.claimsOf(key, 1_000, 0, always)).toBeUndefined();
});

test('before its time it is checked again', () => {
  const tokens = new VerifiedTokens();
  const key = tokens.keyOf('token', '');
  tokens.remember(key, token);
  expect(tokens.claimsOf(key, 99, 0, always)).toBeUndefined();
});

test('they are bounded; the ones in use stay', () => {
  const tokens = new VerifiedTokens();
  tokens.remember('used', token);
  for (let count = 0; count < 30_000; count += 1) {
    tokens.remember(String(count), token);
    tokens.claimsOf('used', 500, 0, always);
  }
  expect(tokens.claimsOf('used', 500, 0, always)).toEqual(claims);
  expect(tokens.claimsOf('0', 500, 0, always)).toBeUndefined();
  expect(tokens.claimsOf('29999', 500, 0, always)).toEqual(claims);
});

test('without its key it proves nothing any more', () => {
  const tokens = new VerifiedTokens();
  tokens.remember('one', token);
  expect(tokens.claimsOf('one', 500, 0, (kid) => kid === 'key')).toEqual(claims);
  expect(tokens.claimsOf('one', 500, 0, (kid) => kid !== 'key')).toBeUndefined();
  expect(tokens.claimsOf('one', 500, 0, always)).toBeUndefined();
});
