/** Tokens as a stranger sees them: decoded, verified against published keys, and forged. */
import { createPublicKey, generateKeyPairSync, type JsonWebKey, sign, verify } from 'node:crypto';
import { send } from './wire.ts';

export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

function part(token: string, index: number): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString('utf8')) as Record<
    string,
    unknown
  >;
}

/** Reads a compact JWT without checking it. */
export function decodeToken(token: string): DecodedToken {
  return { header: part(token, 0), claims: part(token, 1) };
}

/** Whether a published RSA key made the signature (RS256). */
export async function isSignedBy(keysUrl: string, token: string): Promise<boolean> {
  const [header, claims, signature] = token.split('.');
  const { resource } = await send('GET', keysUrl);
  const { kid } = decodeToken(token).header;
  const keys = (resource.keys ?? []) as (JsonWebKey & { kid?: string })[];
  const key = keys.find((candidate) => candidate.kid === kid) ?? keys[0];
  if (key === undefined || signature === undefined) return false;
  const publicKey = createPublicKey({ key, format: 'jwk' });
  return verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'));
}

/** The same token with other claims: under a stranger's key, or with the old signature left in place. */
export function forgeToken(token: string, claims: Record<string, unknown>, signature: 'kept' | 'foreign'): string {
  const decoded = decodeToken(token);
  const text = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${token.split('.')[0]}.${text({ ...decoded.claims, ...claims })}`;
  if (signature === 'kept') return `${signed}.${token.split('.')[2]}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
}
