/** Secrets of service applications are kept as salted scrypt digests: `scrypt$<salt>$<digest>`, base64url. */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const digestOf = promisify<string, Buffer, number, Buffer>(scrypt);
const digestBytes = 32;

export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(16);
  const digest = await digestOf(secret, salt, digestBytes);
  return `scrypt$${salt.toString('base64url')}$${digest.toString('base64url')}`;
}

/** Names a secret without saying anything about it: a digest of its salted digest. */
export function secretId(hash: string): string {
  return createHash('sha256').update(hash).digest('hex').slice(0, 16);
}

export async function isSecret(secret: string, hashes: readonly string[]): Promise<boolean> {
  return (await matchingSecret(secret, hashes)) !== undefined;
}

/** @returns the digest that the secret belongs to */
export async function matchingSecret(secret: string, hashes: readonly string[]): Promise<string | undefined> {
  for (const hash of hashes) {
    const [, salt = '', digest = ''] = hash.split('$');
    const expected = Buffer.from(digest, 'base64url');
    const given = await digestOf(secret, Buffer.from(salt, 'base64url'), digestBytes);
    if (expected.length === given.length && timingSafeEqual(expected, given)) return hash;
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
