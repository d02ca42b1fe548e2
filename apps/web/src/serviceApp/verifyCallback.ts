import type { Clock } from '@repo/ucwa-client/clock';
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose';
import { RefusalError } from './errors.ts';

/** Throws {@link RefusalError}: 401 for a header that does not prove the platform's hand, 503 when that cannot be told now. */
export type VerifyCallback = (authorization: string | undefined) => Promise<void>;

export interface VerifyCallbackOptions {
  readonly platformUrl: string;
  readonly audience: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** The tenant this application serves; undefined when it cannot be known. */
  readonly tenantId: () => Promise<string | undefined>;
}

/** The service itself, in every tenant (reference/auth.md 2.3). */
const platformAppId = '00000004-0000-0ff1-ce00-000000000000';
const skewSeconds = 60;

/**
 * Checks the bearer token of callbacks (reference/auth.md 6): RS256 by a key that the platform publishes, for this
 * application's audience, of the platform itself, in our tenant. The keys are kept and fetched again for an unknown one.
 */
export function createVerifyCallback(options: VerifyCallbackOptions): VerifyCallback {
  const { platformUrl, audience, clock } = options;
  const keys = createRemoteJWKSet(new URL(`${platformUrl}/oauth2/keys`), {
    [customFetch]: options.fetch,
    cooldownDuration: 5_000,
    timeoutDuration: 5_000,
  });
  return async (authorization) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw new RefusalError(401, 'a bearer token is required');
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['RS256'],
        audience,
        clockTolerance: skewSeconds,
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'iss', 'tid', 'appid'],
      });
      const tenantId = (await options.tenantId()) ?? payload.tid;
      if (payload.tid !== tenantId || payload.iss !== `${platformUrl}/oauth2/${tenantId}`) {
        throw new RefusalError(401, 'the token was issued by somebody else');
      }
      if (payload.appid !== platformAppId) throw new RefusalError(401, 'the token is not of the platform');
    } catch (cause) {
      if (cause instanceof RefusalError) throw cause;
      if (cause instanceof errors.JOSEError && !(cause instanceof errors.JWKSTimeout)) {
        throw new RefusalError(401, `the token is not valid (${cause.code})`, { cause });
      }
      throw new RefusalError(503, 'the keys of the platform cannot be had', { retryAfter: 1, cause });
    }
  };
}
