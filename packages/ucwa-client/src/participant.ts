import type { WireEvent } from '@repo/ucwa-protocol/events';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { embedded, links } from './resource.ts';

export interface ReadParticipant {
  readonly href: string;
  readonly name?: string;
  /** SIP uri; absent in events that carry a link only (typing, roster views). */
  readonly uri?: string;
}

/**
 * Reads a participant event or a participant resource (reference/service-api.md 14).
 * @returns undefined when it has no address.
 */
export function readParticipant(source: WireEvent | Resource): ReadParticipant | undefined {
  const event = 'link' in source ? (source as WireEvent) : undefined;
  const resource = event ? embedded(event, event.link.rel) : (source as Resource);
  const href = event?.link.href ?? (resource && links(resource, 'self')[0]?.href);
  if (href === undefined) return undefined;
  const name = resource?.name || event?.link.title;
  const uri = resource?.uri;
  return {
    href,
    ...(typeof name === 'string' && name !== '' ? { name } : {}),
    ...(typeof uri === 'string' ? { uri } : {}),
  };
}
