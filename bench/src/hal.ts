/** Enough hypermedia to follow links; prefixes of rels are taken off once, when a body is read. */
export interface Resource {
  readonly rel?: string;
  readonly _links?: Readonly<Record<string, { readonly href: string }>>;
  readonly _embedded?: Readonly<Record<string, Resource>>;
  readonly [member: string]: unknown;
}

export interface WireEvent {
  readonly link: { readonly rel: string; readonly href: string };
  readonly type: string;
  readonly status?: string;
  readonly _embedded?: Readonly<Record<string, Resource>>;
}

export interface EventBatch {
  readonly _links?: Readonly<Record<string, { readonly href: string }>>;
  readonly sender?: readonly { readonly rel: string; readonly href: string; readonly events: readonly WireEvent[] }[];
}

/** Parses a body with `ms:rtc:saas:messaging` read as `messaging`. */
export function parse<T>(text: string): T {
  return JSON.parse(text.replaceAll('ms:rtc:saas:', '')) as T;
}

/** Path and query of a link, whatever its origin. @throws Error that names the missing link. */
export function href(resource: Resource | undefined, rel: string): string {
  const link = resource?._links?.[rel];
  if (link === undefined) throw new Error(`no link ${rel} on ${resource?.rel ?? 'nothing'}`);
  return pathOf(link.href);
}

export function pathOf(reference: string): string {
  return reference.replace(/^https?:\/\/[^/]+/, '');
}
