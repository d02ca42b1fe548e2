import { ConnectionError } from '@repo/ucwa-client/errors';
import { linkHref } from '@repo/ucwa-client/resource';
import type { AnonApplicationTokenInput } from '@repo/ucwa-protocol/operations';
import { rels } from '@repo/ucwa-protocol/rels';
import { fromWireDate } from '@repo/ucwa-protocol/wireDate';
import type { Deps } from './deps.ts';
import type { Platform } from './discoverPlatform.ts';

export interface AnonToken {
  /** With its prefix `psat=`. */
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** Where the visitor's side begins, absolute. */
  readonly discoverHref: string;
}

/**
 * Step 3: a token for one visitor (reference/service-api.md 3).
 * @throws LinkNotAvailableError without the permission "guest user join services"; ConnectionError, UcwaError
 */
export async function issueAnonToken(
  { send }: Pick<Deps, 'send'>,
  platform: Platform,
  input: AnonApplicationTokenInput,
): Promise<AnonToken> {
  const href = linkHref(platform.application, rels.anonApplicationTokens);
  const { resource = {} } = await send({ method: 'POST', href, body: input });
  const { token, expiryTime } = resource;
  const expiresAtMs = typeof expiryTime === 'string' ? fromWireDate(expiryTime) : undefined;
  if (typeof token !== 'string' || expiresAtMs === undefined) {
    throw new ConnectionError('MalformedAnswer', 'anonApplicationToken without token or expiryTime');
  }
  return { token, expiresAtMs, discoverHref: linkHref(resource, rels.discover) };
}
