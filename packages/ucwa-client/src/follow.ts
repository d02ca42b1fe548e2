import type { Resource } from '@repo/ucwa-protocol/hal';
import { ConnectionError } from './errors.ts';
import type { Answer, Send, SendRequest } from './request.ts';
import { linkHref } from './resource.ts';

export type FollowOptions = Omit<SendRequest, 'href' | 'method'> & { readonly method?: SendRequest['method'] };

/**
 * Follows a link of a representation; GET unless the options say otherwise.
 * @throws LinkNotAvailableError when the link is not there, else what `send` throws.
 */
export async function follow(
  send: Send,
  resource: Resource,
  rel: string,
  options: FollowOptions = {},
): Promise<Answer> {
  return send({ method: 'GET', ...options, href: linkHref(resource, rel) });
}

/** The representation an answer carries, fetched from its Location when it carries none. */
export async function resourceOf(send: Send, request: ReturnType<Send>): Promise<Resource> {
  const { resource, location, href } = await request;
  if (resource) return resource;
  const answer = await send({ method: 'GET', href: location ?? href });
  return answer.resource ?? {};
}

/**
 * The representation that an answer has to carry.
 * @throws ConnectionError when it carries none: something on the way has cut it off, and asking again may help.
 */
export function carried({ resource, href }: Answer): Resource {
  if (!resource) throw new ConnectionError('MalformedAnswer', `${href.split('?')[0]}: no resource in the answer`);
  return resource;
}
