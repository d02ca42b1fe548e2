/** Small builders that keep the representations readable. */
import type { Link, Links } from '@repo/ucwa-protocol/hal';
import type { Rel } from '@repo/ucwa-protocol/rels';
import { type Face, rel } from './face.ts';

/** A link with the reader's spelling of the word. */
export const link = (face: Face, word: Rel, href: string, title?: string): Record<string, Link> => ({
  [rel(face, word)]: title === undefined ? { href } : { href, title },
});

/** Present only when the capability is there: an absent link means not available now. */
export const linkWhen = (condition: boolean, links: () => Links): Links => (condition ? links() : {});

/** Members whose value is missing are left out. */
export function members(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
