/** Reading hypermedia: links and embedded resources by rel. Hrefs come from answers only. */
import { relPrefix } from './target.ts';

export interface Link {
  readonly href: string;
  readonly title?: string;
  readonly revision?: string;
}

export interface Resource {
  readonly rel?: string;
  readonly _links?: Readonly<Record<string, Link | readonly Link[]>>;
  readonly _embedded?: Readonly<Record<string, Resource | readonly Resource[]>>;
  readonly [member: string]: unknown;
}

/** A word of the service side with the prefix of the server under test: `s('messaging')`. */
export function s(word: string): string {
  return `${relPrefix()}${word}`;
}

/** True while the representation offers the link. */
export function hasLink(resource: Resource, rel: string): boolean {
  return resource._links?.[rel] !== undefined;
}

/** @throws Error that lists the links which are there. */
export function linkOf(resource: Resource, rel: string): Link {
  const found = resource._links?.[rel];
  const link = Array.isArray(found) ? found[0] : (found as Link | undefined);
  if (link === undefined)
    throw new Error(`no link ${rel} on ${resource.rel ?? 'resource'}; links: ${linkNames(resource).join(', ')}`);
  return link;
}

/** Every link of a relation that may be plural. */
export function linksOf(resource: Resource, rel: string): readonly Link[] {
  const found = resource._links?.[rel];
  if (found === undefined) return [];
  return Array.isArray(found) ? found : [found as Link];
}

/** @throws Error that lists the links which are there. */
export function hrefOf(resource: Resource, rel: string): string {
  return linkOf(resource, rel).href;
}

function linkNames(resource: Resource): string[] {
  return Object.keys(resource._links ?? {});
}

/** @throws Error that lists what is embedded. */
export function embeddedOf(resource: Resource, rel: string): Resource {
  const found = resource._embedded?.[rel];
  const one = Array.isArray(found) ? found[0] : (found as Resource | undefined);
  if (one === undefined)
    throw new Error(`nothing embedded as ${rel}; embedded: ${Object.keys(resource._embedded ?? {}).join(', ')}`);
  return one;
}

/** Appends a query parameter to an href, as old clients do. */
export function withQuery(href: string, name: string, value: string): string {
  return `${href}${href.includes('?') ? '&' : '?'}${name}=${value}`;
}

/** The text of a `data:` link: form-style percent encoding, `+` is a space. */
export function dataText(href: string): string {
  const match = /^data:[^,]*,([\s\S]*)$/.exec(href);
  if (!match) throw new Error(`no data link: ${href}`);
  return decodeURIComponent((match[1] ?? '').replace(/\+/g, ' '));
}

/** Milliseconds of a `/Date(ms)/`. @throws Error for any other spelling: a server writes only this one. */
export function wireMs(value: unknown): number {
  const match = /^\/Date\((\d+)\)\/$/.exec(String(value));
  if (!match) throw new Error(`no wire date: ${String(value)}`);
  return Number(match[1]);
}
