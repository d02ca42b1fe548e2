/** Secrets of service applications are kept as salted scrypt digests: `scrypt$<salt>$<digest>`, base64url. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const digestOf = promisify<string, Buffer, number, Buffer>(scrypt);
const digestBytes = 32;

export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(16);
  const digest = await digestOf(secret, salt, digestBytes);
  return `scrypt$${salt.toString('base64url')}$${digest.toString('base64url')}`;
}

export async function isSecret(secret: string, hashes: readonly string[]): Promise<boolean> {
  for (const hash of hashes) {
    const [, salt = '', digest = ''] = hash.split('$');
    const expected = Buffer.from(digest, 'base64url');
    const given = await digestOf(secret, Buffer.from(salt, 'base64url'), digestBytes);
    if (expected.length === given.length && timingSafeEqual(expected, given)) return true;
  }
  return false;
}

/** For a client that does not exist: refusing it takes as long as refusing a wrong secret. */
export const decoySecretHash = `scrypt$${Buffer.alloc(16).toString('base64url')}$${Buffer.alloc(digestBytes).toString('base64url')}`;

/** Compares two texts without telling by the time how much of them is equal. */
export function isSameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
