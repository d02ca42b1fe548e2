/** Secrets of service applications are kept as salted scrypt digests: `scrypt$<salt>$<digest>`, base64url. */
import { createHash, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { RequestRefusedError } from '../errors.ts';
import { Slots } from '../slots.ts';
import { TwoGenerations } from '../twoGenerations.ts';

const scryptOf = promisify<string, Buffer, number, Buffer>(scrypt);
const digestBytes = 32;
/** The journal writes with the same four threads: two of them are always left to it. */
const slots = new Slots(2);
/** Strangers beyond that are sent away; they would wait for half a second. */
const maxWaiting = 20;

/** @throws RequestRefusedError 429 with Retry-After when too many wait and this one may not */
function digestOf(secret: string, salt: Buffer, mayWait: boolean): Promise<Buffer> {
  if (!mayWait && slots.waiting >= maxWaiting) {
    throw new RequestRefusedError(429, {
      message: 'Too many secrets are being checked; try again later',
      headers: { 'Retry-After': '1' },
    });
  }
  return slots.run(() => scryptOf(secret, salt, digestBytes));
}

/** Digests of the secrets that were right last, by their stored ones, with a key that only this process has. */
const lastRight = new TwoGenerations<Buffer>(1_000);
const lastRightKey = randomBytes(32);
const quickDigestOf = (secret: string): Buffer => createHmac('sha256', lastRightKey).update(secret).digest();

/** Whether the secret was found right by this process before, which costs nothing to say. @param hashes those that are valid now */
export function isKnownSecret(secret: string, hashes: readonly string[]): boolean {
  const given = quickDigestOf(secret);
  return hashes.some((hash) => {
    const known = lastRight.get(hash);
    return known !== undefined && timingSafeEqual(known, given);
  });
}

export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(16);
  const digest = await digestOf(secret, salt, true);
  return `scrypt$${salt.toString('base64url')}$${digest.toString('base64url')}`;
}

/** Names a secret without saying anything about it: a digest of its salted digest. */
export function secretId(hash: string): string {
  return createHash('sha256').update(hash).digest('hex').slice(0, 16);
}

/** For strangers. @throws RequestRefusedError 429 with Retry-After when too many ask at once */
export async function isSecret(secret: string, hashes: readonly string[]): Promise<boolean> {
  return (await matchingSecret(secret, hashes, false)) !== undefined;
}

/** @param mayWait however many others wait. @returns the digest that the secret belongs to */
export async function matchingSecret(
  secret: string,
  hashes: readonly string[],
  mayWait = true,
): Promise<string | undefined> {
  for (const hash of hashes) {
    const [, salt = '', digest = ''] = hash.split('$');
    const expected = Buffer.from(digest, 'base64url');
    const given = await digestOf(secret, Buffer.from(salt, 'base64url'), mayWait);
    if (expected.length === given.length && timingSafeEqual(expected, given)) {
      lastRight.set(hash, quickDigestOf(secret));
      return hash;
    }
  }
  return undefined;
}

/** For a client that does not exist: refusing it takes as long as refusing a wrong secret. */
export const decoySecretHash = `scrypt$${Buffer.alloc(16).toString('base64url')}$${Buffer.alloc(digestBytes).toString('base64url')}`;

/** Compares two texts without telling by the time how much of them is equal, or how long the expected one is. */
export function isSameText(given: string, expected: string): boolean {
  return timingSafeEqual(digestOfText(given), digestOfText(expected));
}

const digestOfText = (text: string): Buffer => createHash('sha256').update(text).digest();
