/** Reading a representation: links, embedded resources, hrefs. Both rel prefixes and none are the same word. */
import type { Link, Resource } from '@repo/ucwa-protocol/hal';
import { wordOf } from '@repo/ucwa-protocol/rels';
import { LinkNotAvailableError } from './errors.ts';

function allUnder<T>(members: Readonly<Record<string, T | readonly T[] | undefined>> | undefined, rel: string): T[] {
  const word = wordOf(rel);
  const found: T[] = [];
  for (const key in members) {
    const value = members[key];
    if (value && wordOf(key) === word) found.push(...([value].flat() as T[]));
  }
  return found;
}

/** All links of a relation: none, one, or the members of a plural one (reference/ucwa-api.md 0). */
export function links(resource: Resource, rel: string): Link[] {
  return allUnder<Link>(resource._links, rel).filter((link) => typeof link?.href === 'string');
}

/** True while the last representation offers the capability. */
export function supports(resource: Resource, rel: string): boolean {
  return links(resource, rel).length > 0;
}

/**
 * The href of a link.
 * @throws LinkNotAvailableError when the representation does not have it.
 */
export function linkHref(resource: Resource, rel: string): string {
  const link = links(resource, rel)[0];
  if (!link) throw new LinkNotAvailableError(rel, resource);
  return link.href;
}

/** All embedded resources of a relation. */
export function embeddedAll(resource: Pick<Resource, '_embedded'>, rel: string): Resource[] {
  return allUnder<Resource>(resource._embedded, rel);
}

/** The (first) embedded resource of a relation. */
export function embedded(resource: Pick<Resource, '_embedded'>, rel: string): Resource | undefined {
  return embeddedAll(resource, rel)[0];
}

/**
 * The absolute form of an href. Absolute ones (also `data:`) and the path of host-relative ones keep their text to the
 * letter, because hrefs are compared as text (reference/client-expectations.md S10); some servers escape `&` twice.
 */
export function resolveHref(base: string, href: string): string {
  const text = href.replaceAll('\\u0026', '&');
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return text;
  return /^\/(?!\/)/.test(text) ? new URL(base).origin + text : new URL(text, base).href;
}

/** A copy of a representation, or of a whole event batch, in which every href is absolute. */
export function absoluteLinks<T>(value: T, base: string): T;
export function absoluteLinks(value: unknown, base: string): unknown {
  if (Array.isArray(value)) return value.map((item) => absoluteLinks(item, base));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === 'href' && typeof member === 'string' ? resolveHref(base, member) : absoluteLinks(member, base),
    ]),
  );
}
