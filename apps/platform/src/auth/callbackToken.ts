/** The token with which this server calls an SA back (reference/auth.md 6). */
import type { Clock } from '../clock.ts';
import { serviceId } from './bearer.ts';
import type { Keys } from './keys.ts';
import { tokenIssuer } from './serviceToken.ts';

const lifetimeMs = 3_900_000;
/** A token is replaced while it is still good for long enough to arrive. */
const renewBeforeMs = 300_000;

export interface CallbackTokens {
  /** @param fresh after a refusal, do not use the kept one */
  tokenFor(recipient: { readonly tenantId: string; readonly audience: string }, fresh: boolean): Promise<string>;
}

export function createCallbackTokens(keys: Keys, clock: Clock, publicUrl: string): CallbackTokens {
  const kept = new Map<string, { token: string; expiresAt: number }>();
  return {
    tokenFor: async ({ tenantId, audience }, fresh) => {
      const key = `${tenantId} ${audience}`;
      const last = kept.get(key);
      if (!fresh && last !== undefined && last.expiresAt - renewBeforeMs > clock.now()) return last.token;
      const issuedAt = Math.floor(clock.now() / 1000);
      const issuer = tokenIssuer(publicUrl, tenantId);
      const claims = {
        aud: audience,
        iss: issuer,
        idp: issuer,
        tid: tenantId,
        appid: serviceId,
        appidacr: '2',
        oid: serviceId,
        sub: serviceId,
        iat: issuedAt,
        nbf: issuedAt,
        exp: issuedAt + lifetimeMs / 1000,
        ver: '1.0',
      };
      const token = await keys.sign(claims, true);
      kept.set(key, { token, expiresAt: (issuedAt + lifetimeMs / 1000) * 1000 });
      return token;
    },
  };
}
