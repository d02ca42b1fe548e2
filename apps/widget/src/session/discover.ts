import { ConnectionError } from '@repo/ucwa-client/errors';
import type { Send } from '@repo/ucwa-client/request';
import { linkHref } from '@repo/ucwa-client/resource';

/**
 * Finds where anonymous visitors sign in (reference/call-flow.md step 4).
 * @param discoverHref the address that came with the token
 * @returns the absolute address of `anonApplications`
 */
export async function discover(send: Send, discoverHref: string): Promise<string> {
  const { resource } = await send({ method: 'GET', href: discoverHref });
  if (!resource) throw new ConnectionError('MalformedAnswer', 'Discover answered without a resource.');
  return linkHref(resource, 'anonApplications');
}
