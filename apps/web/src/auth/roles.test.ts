import { describe, expect, it } from 'vitest';
import { homeOf, isRole, mayOpen, pagesOf, roles } from './roles.ts';

describe('pages by role', () => {
  it.each([
    ['agent', ['/desk']],
    ['supervisor', ['/desk', '/admin/sessions', '/admin/helpdesks']],
    ['admin', ['/admin/sessions', '/admin/people', '/admin/helpdesks']],
  ] as const)('%s', (role, expected) => {
    expect(pagesOf(role).map(({ href }) => href)).toEqual(expected);
  });

  it('leads everybody to a page that he may open', () => {
    for (const role of roles) expect(mayOpen(role, homeOf(role))).toBe(true);
  });

  it('closes a page that is not in the table', () => {
    for (const role of roles) expect(mayOpen(role, '/admin/secrets')).toBe(false);
  });

  it('knows its roles', () => {
    expect(isRole('agent')).toBe(true);
    expect(isRole('root')).toBe(false);
    expect(isRole(undefined)).toBe(false);
  });
});
