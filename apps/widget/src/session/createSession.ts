import type { AnonymousClient } from '@repo/ucwa-client/anonymousClient';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { limits } from '@repo/ucwa-protocol/limits';
import { clip } from './clip.ts';

export interface Visitor {
  readonly name: string;
  /** Language tag, for example `en-GB`. */
  readonly locale: string;
}

/**
 * Signs the visitor in (reference/call-flow.md step 5). Asking again with the same token finds the same application.
 * @returns the UCWA application, every link absolute
 */
export function createSession(
  client: AnonymousClient,
  anonApplicationsHref: string,
  visitor: Visitor,
): Promise<Resource> {
  return client.createApplication(anonApplicationsHref, {
    anonymousDisplayName: clip(visitor.name, limits.anonymousDisplayName),
    userAgent: 'Bridgedesk widget/1',
    culture: clip(visitor.locale, limits.culture).toLowerCase() || 'en-us',
  });
}
