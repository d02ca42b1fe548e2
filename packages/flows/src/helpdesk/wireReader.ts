/** Reading JSON of unknown shape: each function gives undefined or an empty value instead of throwing. */
import { fromDataUri } from '@repo/ucwa-protocol/dataUri';
import { wordOf } from '@repo/ucwa-protocol/rels';
import type { EventLinks, EventReason } from './events.ts';
import { resolveHref } from './hrefs.ts';
import { storableText } from './storableText.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON object: no list, no null. */
export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** The elements of a list; none for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A string that is not empty, storable. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? storableText(value) : undefined;
}

/** The text that a data link carries, storable: the encoding may hide what the link itself does not show. */
export function dataTextOf(href: string | undefined): string | undefined {
  const text = href === undefined ? undefined : fromDataUri(href)?.text;
  return text === undefined ? undefined : storableText(text);
}

/** The member whose key is this word, with either prefix or none. */
export function memberByWord(value: unknown, word: string): unknown {
  const object = objectOf(value);
  const key = object && Object.keys(object).find((candidate) => wordOf(candidate) === word);
  return key === undefined ? undefined : object?.[key];
}

/** A link or resource that may stand alone or in a list: the first one. */
export function firstOf(value: unknown): JsonObject | undefined {
  return objectOf(Array.isArray(value) ? value[0] : value);
}

/** `_links` by word, absolute; links that cannot be resolved are left out. */
export function linksOf(resource: unknown, authority: string | undefined): EventLinks {
  const links: [string, string][] = [];
  for (const [rel, link] of Object.entries(objectOf(objectOf(resource)?._links) ?? {})) {
    const href = textOf(firstOf(link)?.href);
    const absolute = href === undefined ? undefined : resolveHref(authority, href);
    if (absolute !== undefined) links.push([wordOf(rel), absolute]);
  }
  return Object.fromEntries(links);
}

/** The `reason` of an event (reference/errors.md 4). */
export function reasonOf(value: unknown): EventReason | undefined {
  const reason = objectOf(value);
  if (!reason) return undefined;
  return present({ code: textOf(reason.code), subcode: textOf(reason.subcode), message: textOf(reason.message) });
}

/** The members that are there: for spreading, so that an event is the same before and after JSON. */
export function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
