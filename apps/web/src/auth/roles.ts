/** Who may open which page. What each role may ask of the server is decided in trpc/permissions.ts. */
import type { Role } from '@repo/db/people';

export type { Role };

/** Written out again, because the browser reads this file and cannot load packages/db; the type ties the two lists. */
export const roles = ['admin', 'supervisor', 'agent'] as const satisfies readonly Role[];

export function isRole(value: unknown): value is Role {
  return roles.some((role) => role === value);
}

export interface PageEntry {
  readonly href: string;
  readonly label: string;
  readonly roles: readonly Role[];
}

/** The pages of the navigation, in its order. */
export const pages = [
  { href: '/desk', label: 'Desk', roles: ['agent', 'supervisor'] },
  { href: '/admin/sessions', label: 'Sessions', roles: ['admin', 'supervisor'] },
  { href: '/admin/people', label: 'People', roles: ['admin'] },
  { href: '/admin/helpdesks', label: 'Helpdesks', roles: ['admin', 'supervisor'] },
] as const satisfies readonly PageEntry[];

export type PageHref = (typeof pages)[number]['href'];

/** The pages that a role sees in the navigation. */
export function pagesOf(role: Role): readonly PageEntry[] {
  return (pages as readonly PageEntry[]).filter((page) => page.roles.includes(role));
}

/** Whether a role may open a page. A page that is not in the table is closed to everybody. */
export function mayOpen(role: Role, href: string): boolean {
  return pagesOf(role).some((page) => page.href === href);
}

/** The page that `/` leads to. */
export function homeOf(role: Role): PageHref {
  return role === 'agent' ? '/desk' : '/admin/sessions';
}
