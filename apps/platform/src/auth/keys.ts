/** The signing key of this server: made at the first start, kept beside the data, published as a key set (reference/auth.md 6). */
import { createHash, createPublicKey } from 'node:crypto';
import {
  type CryptoKey,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
  SignJWT,
} from 'jose';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { readOrCreateSecret } from './secretFile.ts';
import { VerifiedTokens } from './verifiedTokens.ts';

const algorithm = 'RS256';

export interface Keys {
  /** What `/oauth2/keys` answers. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** @param withKid psat tokens carry x5t only (reference/auth.md 3) */
  sign(claims: JWTPayload, withKid: boolean): Promise<string>;
  /**
   * Signature with the one algorithm of this server, `nbf` and `exp` by the clock, and whatever the options name.
   * @throws TokenInvalidError; `claims` are set when only the time was wrong
   */
  verify(token: string, options: Pick<JWTVerifyOptions, 'audience' | 'issuer'> & VerifySettings): Promise<JWTPayload>;
}

export interface VerifySettings {
  readonly clockToleranceSeconds: number;
}

/** A token that proves nothing. */
export class TokenInvalidError extends Error {
  override readonly name = 'TokenInvalidError';
  readonly code = 'InvalidToken';
  readonly retryable = false;
  /** Claims of a token that this server signed and that has expired. */
  readonly expiredClaims: JWTPayload | undefined;

  constructor(cause: unknown) {
    super('The token is not valid', { cause });
    this.expiredClaims = cause instanceof errors.JWTExpired ? cause.payload : undefined;
  }
}

const storedKey = z.looseObject({ kty: z.literal('RSA'), n: z.string(), e: z.string(), d: z.string() });

/** @param folder where the key is kept, readable by its owner only. @throws when the folder cannot be written */
export async function loadKeys(folder: string, clock: Clock): Promise<Keys> {
  const text = await readOrCreateSecret(folder, 'signingKey.json', async () => {
    const pair = await generateKeyPair(algorithm, { modulusLength: 2048, extractable: true });
    return JSON.stringify(await exportJWK(pair.privateKey));
  });
  const { kty, n, e, ...secret } = storedKey.parse(JSON.parse(text));
  const privateKey = (await importJWK({ kty, n, e, ...secret }, algorithm)) as CryptoKey;
  const publicKey = (await importJWK({ kty, n, e }, algorithm)) as CryptoKey;
  const spki = createPublicKey({ key: { kty, n, e }, format: 'jwk' }).export({ type: 'spki', format: 'der' });
  const thumbprint = createHash('sha1').update(spki).digest('base64url');
  const verified = new VerifiedTokens();
  return {
    jwks: { keys: [{ kty, n, e, use: 'sig', alg: algorithm, kid: thumbprint, x5t: thumbprint }] },
    sign: (claims, withKid) =>
      new SignJWT(claims)
        .setProtectedHeader({ typ: 'JWT', alg: algorithm, x5t: thumbprint, ...(withKid ? { kid: thumbprint } : {}) })
        .sign(privateKey),
    verify: async (token, { clockToleranceSeconds, ...options }) => {
      const key = verified.keyOf(token, JSON.stringify([options, clockToleranceSeconds]));
      const known = verified.claimsOf(key, clock.now() / 1000, clockToleranceSeconds);
      if (known !== undefined) return known;
      try {
        const settings = { algorithms: [algorithm], clockTolerance: clockToleranceSeconds, requiredClaims: ['exp'] };
        const { payload } = await jwtVerify(token, publicKey, {
          ...settings,
          ...options,
          currentDate: new Date(clock.now()),
        });
        verified.remember(key, payload);
        return payload;
      } catch (error) {
        throw new TokenInvalidError(error);
      }
    },
  };
}
