/**
 * Tokens whose signature was checked before: the same text is sent with every request, and the check is the dearest part of one.
 * Only the claims and the key that has signed them are remembered; whether that key still counts, and who is registered, is asked anew.
 */
import { hash } from 'node:crypto';
import type { JWTPayload } from 'jose';

/** Beyond this the ones that were used longest ago are checked again. */
const maxTokens = 20_000;

export interface VerifiedToken {
  readonly claims: JWTPayload;
  /** Of the key that has signed it. */
  readonly kid: string;
}

export class VerifiedTokens {
  readonly #tokens = new Map<string, VerifiedToken>();

  /** @param purpose everything that the check depends on besides the token. @returns a key that does not give the token away */
  keyOf(token: string, purpose: string): string {
    return hash('sha256', `${purpose}\n${token}`, 'base64');
  }

  /**
   * @param now in seconds
   * @param isPublished whether the tokens of a key are still believed
   * @returns undefined when the token has to be checked
   */
  claimsOf(
    key: string,
    now: number,
    toleranceSeconds: number,
    isPublished: (kid: string) => boolean,
  ): JWTPayload | undefined {
    const token = this.#tokens.get(key);
    if (token === undefined) return undefined;
    this.#tokens.delete(key);
    const { exp = 0, nbf = 0 } = token.claims;
    if (exp + toleranceSeconds <= now || nbf - toleranceSeconds > now || !isPublished(token.kid)) return undefined;
    this.#tokens.set(key, token);
    return token.claims;
  }

  remember(key: string, token: VerifiedToken): void {
    this.#tokens.set(key, token);
    for (const [oldest] of this.#tokens) {
      if (this.#tokens.size <= maxTokens) break;
      this.#tokens.delete(oldest);
    }
  }
}
