/**
 * The signing keys of this server: the first is made at the first start, all are kept with the other secrets, shared by every node
 * and published as a key set (reference/auth.md 6). Which one signs and which are published is model/signingKeys.ts.
 */
import { createHash, createPublicKey } from 'node:crypto';
import {
  type CryptoKey,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
  SignJWT,
} from 'jose';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { publishedKeys, type SigningKey, type SigningKeys, signingKeyAt } from '../model/signingKeys.ts';
import type { SecretStore } from './secretStore.ts';
import { VerifiedTokens } from './verifiedTokens.ts';

const algorithm = 'RS256';
/** How long this node goes by what it has read. */
const readAgainMs = 30_000;
const waitAgainMs = 120_000;
/** No token of this server lives longer; one that says so was made by somebody else with a key of this server. */
const longestLifetimeSeconds = 8 * 3600;
/** By how much the clock of the node that has signed may be ahead. */
const clockLeadSeconds = 300;
/** A token that names a key which is not known has the ring read again, but not by every such token. */
const missAgainMs = 1_000;
const ringName = 'signingKeys.json';
/** The one key of earlier releases. */
const soleKeyName = 'signingKey.json';

export interface Keys {
  /** What `/oauth2/keys` answers. */
  published(): Promise<{ readonly keys: readonly JWK[] }>;
  /** @param withKid psat tokens carry x5t only (reference/auth.md 3) */
  sign(claims: JWTPayload, withKid: boolean): Promise<string>;
  /**
   * Signature with the one algorithm of this server and any published key, `nbf` and `exp` by the clock, no `exp` beyond the longest
   * life of a token, and whatever the options name.
   * @throws TokenInvalidError; `claims` are set when only the time was wrong
   */
  verify(token: string, options: Pick<JWTVerifyOptions, 'audience' | 'issuer'> & VerifySettings): Promise<JWTPayload>;
  /** The ring as it is kept now. */
  ring(): Promise<SigningKeys>;
  /**
   * Changes the ring for every node. @param change pure, may be run again; undefined = it is not to be
   * @returns the new ring, undefined when the change was not to be
   */
  change(change: (ring: SigningKeys) => SigningKeys | undefined): Promise<SigningKeys | undefined>;
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

const rsaKey = z.looseObject({ kty: z.literal('RSA'), n: z.string(), e: z.string(), d: z.string() });
const storedRing = z.object({
  keys: z
    .array(z.object({ kid: z.string(), privateJwk: rsaKey, createdAt: z.number(), activeFrom: z.number() }))
    .nonempty(),
});

/** A new key, 2048 bits. @param activeFrom milliseconds since 1970 */
export async function makeSigningKey(createdAt: number, activeFrom: number): Promise<SigningKey> {
  const pair = await generateKeyPair(algorithm, { modulusLength: 2048, extractable: true });
  return signingKeyOf(await exportJWK(pair.privateKey), createdAt, activeFrom);
}

function signingKeyOf(jwk: unknown, createdAt: number, activeFrom: number): SigningKey {
  const privateJwk = rsaKey.parse(jwk);
  const { kty, n, e } = privateJwk;
  const spki = createPublicKey({ key: { kty, n, e }, format: 'jwk' }).export({ type: 'spki', format: 'der' });
  return { kid: createHash('sha1').update(spki).digest('base64url'), privateJwk, createdAt, activeFrom };
}

/** @throws when the secrets can be neither read nor made */
export async function loadKeys(secrets: SecretStore, clock: Clock): Promise<Keys> {
  const ringOf = (text: string): SigningKeys => storedRing.parse(JSON.parse(text));
  const makeRing = async (): Promise<string> => {
    const sole = await secrets.read(soleKeyName);
    const now = clock.now();
    const first = sole === undefined ? await makeSigningKey(now, now) : signingKeyOf(JSON.parse(sole), now, now);
    return JSON.stringify({ keys: [first] } satisfies SigningKeys);
  };
  let text = await secrets.readOrCreate(ringName, makeRing);
  let ring = ringOf(text);
  let readAt = clock.now();
  const imported = new Map<string, Promise<CryptoKey>>();
  const verified = new VerifiedTokens();

  const readAgain = async (): Promise<void> => {
    readAt = clock.now();
    const current = await secrets.readOrCreate(ringName, makeRing);
    if (current === text) return;
    ring = ringOf(current);
    text = current;
  };
  const fresh = async (): Promise<SigningKeys> => {
    if (clock.now() >= readAt + readAgainMs) await readAgain();
    return ring;
  };
  const importOnce = (name: string, jwk: JWK): Promise<CryptoKey> => {
    const known = imported.get(name) ?? (importJWK(jwk, algorithm) as Promise<CryptoKey>);
    imported.set(name, known);
    return known;
  };
  /** When it cannot be read, what was read last goes on to count, as it would until the next look. */
  const lookNowAndThen = async (): Promise<void> => {
    const age = clock.now() - readAt;
    if (age < readAgainMs) return;
    const read = readAgain().catch(() => undefined);
    // On a node with work the next request goes by what was read; only after a silence one has to wait for it.
    if (age >= waitAgainMs) await read;
  };
  const published = (kid: string): SigningKey | undefined =>
    publishedKeys(ring, clock.now()).find((key) => key.kid === kid);
  /** A visitor's token has x5t only; both are the same thumbprint. */
  const keyFor = async ({ x5t, kid = x5t }: JWTHeaderParameters): Promise<CryptoKey> => {
    if (kid === undefined) throw new Error('The token names no key');
    if (published(kid) === undefined && clock.now() >= readAt + missAgainMs) await readAgain();
    const key = published(kid);
    if (key === undefined) throw new Error('The token names a key that is not published');
    return importOnce(`public ${kid}`, publicJwk(key));
  };

  return {
    published: async () => ({ keys: publishedKeys(await fresh(), clock.now()).map(publicJwk) }),
    ring: async () => {
      await readAgain();
      return ring;
    },
    change: async (change) => {
      for (;;) {
        await readAgain();
        const changed = change(ring);
        if (changed === undefined || changed === ring) return changed;
        const next = JSON.stringify(changed);
        if (!(await secrets.replace(ringName, text, next))) continue;
        [ring, text] = [changed, next];
        return ring;
      }
    },
    sign: async (claims, withKid) => {
      const { kid, privateJwk } = signingKeyAt(await fresh(), clock.now());
      return new SignJWT(claims)
        .setProtectedHeader({ typ: 'JWT', alg: algorithm, x5t: kid, ...(withKid ? { kid } : {}) })
        .sign(await importOnce(`private ${kid}`, rsaKey.parse(privateJwk)));
    },
    verify: async (token, { clockToleranceSeconds, ...options }) => {
      const key = verified.keyOf(token, `${options.issuer} ${options.audience} ${clockToleranceSeconds}`);
      await lookNowAndThen();
      const now = clock.now() / 1000;
      const known = verified.claimsOf(key, now, clockToleranceSeconds, (kid) => published(kid) !== undefined);
      if (known !== undefined) return known;
      try {
        const settings = { algorithms: [algorithm], clockTolerance: clockToleranceSeconds, requiredClaims: ['exp'] };
        const { payload, protectedHeader } = await jwtVerify(token, keyFor, {
          ...settings,
          ...options,
          currentDate: new Date(clock.now()),
        });
        if (payload.exp === undefined || payload.exp > now + longestLifetimeSeconds + clockLeadSeconds)
          throw new Error('The token would live longer than any of this server');
        const { x5t, kid = x5t } = protectedHeader;
        if (kid !== undefined) verified.remember(key, { claims: payload, kid });
        return payload;
      } catch (error) {
        throw new TokenInvalidError(error);
      }
    },
  };
}

function publicJwk({ kid, privateJwk }: SigningKey): JWK {
  const { kty, n, e } = rsaKey.parse(privateJwk);
  return { kty, n, e, use: 'sig', alg: algorithm, kid, x5t: kid };
}
