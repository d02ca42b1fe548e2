import { ConnectionError } from '@repo/ucwa-client/errors';
import type { Send } from '@repo/ucwa-client/request';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { limits } from '@repo/ucwa-protocol/limits';
import type { AnonApplicationInput } from '@repo/ucwa-protocol/operations';

export interface Visitor {
  readonly name: string;
  /** Language tag, for example `en-GB`. */
  readonly locale: string;
}

/**
 * Signs the visitor in (reference/call-flow.md step 5). Asking again with the same token finds the same application.
 * @returns the UCWA application, every link absolute
 */
export async function createSession(send: Send, anonApplicationsHref: string, visitor: Visitor): Promise<Resource> {
  const body: AnonApplicationInput = {
    anonymousDisplayName: visitor.name.slice(0, limits.anonymousDisplayName),
    userAgent: 'Bridgedesk widget/1',
    culture: visitor.locale.slice(0, limits.culture).toLowerCase() || 'en-us',
  };
  const { resource } = await send({ method: 'POST', href: anonApplicationsHref, body });
  if (!resource) throw new ConnectionError('MalformedAnswer', 'No application in the answer.');
  return resource;
}
