/**
 * Tokens whose signature was checked before: the same text is sent with every request, and the check is the dearest part of one.
 * Only the signature and the claims are remembered, for as long as this process has this key; who is registered is asked anew.
 */
import { hash } from 'node:crypto';
import type { JWTPayload } from 'jose';

/** Beyond this the ones that were used longest ago are checked again. */
const maxTokens = 20_000;

export class VerifiedTokens {
  readonly #claims = new Map<string, JWTPayload>();

  /** @param purpose everything that the check depends on besides the token. @returns a key that does not give the token away */
  keyOf(token: string, purpose: string): string {
    return hash('sha256', `${purpose}\n${token}`, 'base64');
  }

  /** @param now in seconds. @returns undefined when the token has to be checked */
  claimsOf(key: string, now: number, toleranceSeconds: number): JWTPayload | undefined {
    const claims = this.#claims.get(key);
    if (claims === undefined) return undefined;
    this.#claims.delete(key);
    const { exp = 0, nbf = 0 } = claims;
    if (exp + toleranceSeconds <= now || nbf - toleranceSeconds > now) return undefined;
    this.#claims.set(key, claims);
    return claims;
  }

  remember(key: string, claims: JWTPayload): void {
    this.#claims.set(key, claims);
    for (const [oldest] of this.#claims) {
      if (this.#claims.size <= maxTokens) break;
      this.#claims.delete(oldest);
    }
  }
}
