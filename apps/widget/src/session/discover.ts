import type { AnonymousClient } from '@repo/ucwa-client/anonymousClient';

/**
 * Finds where anonymous visitors sign in (reference/call-flow.md step 4).
 * @returns the absolute address of `anonApplications`
 */
export function discover(client: AnonymousClient): Promise<string> {
  return client.discover();
}
