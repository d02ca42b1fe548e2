import type { Resource } from '../hal.ts';

/** Answer of POST anonApplicationTokens (reference/service-api.md 3). */
export interface AnonApplicationToken extends Resource {
  readonly token: string;
  readonly expiryTime: string;
}
