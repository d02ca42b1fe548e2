/**
 * The ring of signing keys, pure. A key is published before it signs, so that whoever checks tokens has it by then, and after its
 * successor has taken over it stays published until every token that it signed has ended.
 */

/** A private key with its times, in milliseconds since 1970. */
export interface SigningKey {
  /** SHA-1 thumbprint of the public key: `kid` and `x5t` of its tokens (reference/auth.md 3, 6). */
  readonly kid: string;
  /** As a JSON web key, its secret members included. */
  readonly privateJwk: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  /** From then on it signs, until the next one does. */
  readonly activeFrom: number;
}

/** In the order of `activeFrom`; kept with the other secrets as one text. */
export interface SigningKeys {
  readonly keys: readonly SigningKey[];
}

export type SigningKeyState =
  /** Published, signs from a stated time on. */
  | 'next'
  | 'active'
  /** Published for the tokens that it signed. */
  | 'retiring'
  /** No living token was signed with it. */
  | 'retired';

/** Longest life of a token and what a check is lenient by (8 h and 5 min), and a node that learns of a new key late. */
export const keptAfterMs = 8 * 3_600_000 + 10 * 60_000;
/** A key set may be kept for 5 min by whoever checks tokens, and for half a minute by a node of this server. */
export const shortestLeadMs = 6 * 60_000;
export const defaultLeadMs = 10 * 60_000;

/** @returns undefined for a key that is not in the ring */
export function signingKeyState(ring: SigningKeys, kid: string, now: number): SigningKeyState | undefined {
  const place = ring.keys.findIndex((key) => key.kid === kid);
  const key = ring.keys[place];
  if (key === undefined) return undefined;
  if (key === signingKeyAt(ring, now)) return 'active';
  if (key.activeFrom > now) return 'next';
  const replacedAt = ring.keys[place + 1]?.activeFrom ?? now;
  return now < replacedAt + keptAfterMs ? 'retiring' : 'retired';
}

/** The key that signs now. @throws Error for a ring without keys */
export function signingKeyAt({ keys }: SigningKeys, now: number): SigningKey {
  const key = keys.findLast(({ activeFrom }) => activeFrom <= now) ?? keys[0];
  if (key === undefined) throw new Error('The ring has no key');
  return key;
}

export function publishedKeys(ring: SigningKeys, now: number): SigningKey[] {
  return ring.keys.filter(({ kid }) => signingKeyState(ring, kid, now) !== 'retired');
}

/** When a key goes out of the set; undefined while no successor is known. */
export function publishedUntil(ring: SigningKeys, kid: string): number | undefined {
  const successor = ring.keys[ring.keys.findIndex((key) => key.kid === kid) + 1];
  return successor === undefined ? undefined : successor.activeFrom + keptAfterMs;
}

/**
 * The ring without a key that somebody else has: its tokens prove nothing from then on. When it was the one that signs, the next
 * one does at once, never an earlier one, which whoever copied the ring has too.
 * @param substitute signs when no next key waits
 */
export function withoutKey(ring: SigningKeys, kid: string, substitute: SigningKey, now: number): SigningKeys {
  const keys = ring.keys.filter((key) => key.kid !== kid);
  if (signingKeyState(ring, kid, now) !== 'active') return { keys };
  const next = keys.find(({ activeFrom }) => activeFrom > now);
  if (next === undefined) return { keys: [...keys, substitute] };
  return { keys: keys.map((key) => (key === next ? { ...next, activeFrom: now } : key)) };
}

/** @returns undefined when a next key waits already, or the new one would sign before everybody knows it */
export function withNextKey(ring: SigningKeys, key: SigningKey): SigningKeys | undefined {
  if (ring.keys.some(({ activeFrom }) => activeFrom > key.createdAt)) return undefined;
  if (key.activeFrom < key.createdAt + shortestLeadMs) return undefined;
  return { keys: [...ring.keys, key] };
}
