import { hash, verify } from '@node-rs/argon2';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type FindPerson, type StoredPerson, verifySignIn } from './verifySignIn.ts';

vi.mock(import('@node-rs/argon2'), async (original) => {
  const argon2 = await original();
  return { ...argon2, verify: vi.fn(argon2.verify) };
});

/** Kind and parameters of a hash, without its salt: what decides how much work a verification is. */
const costOf = (passwordHash: string): string => passwordHash.split('$').slice(0, 4).join('$');

let ann: StoredPerson;

beforeAll(async () => {
  ann = {
    id: 'p1',
    name: 'Ann',
    email: 'ann@contoso.com',
    sipUri: 'sip:ann@contoso.com',
    role: 'agent',
    passwordHash: await hash('correct horse'),
  };
});

const findAnn: FindPerson = async (email) => (email === ann.email ? ann : undefined);

describe('verifySignIn', () => {
  it('lets a person with the right password in, whatever the case of the e-mail', async () => {
    expect(await verifySignIn(findAnn, { email: ' Ann@Contoso.com ', password: 'correct horse' })).toEqual({
      id: 'p1',
      name: 'Ann',
      email: 'ann@contoso.com',
      sipUri: 'sip:ann@contoso.com',
      role: 'agent',
    });
  });

  it('gives nothing of the stored hash away', async () => {
    const person = await verifySignIn(findAnn, { email: ann.email, password: 'correct horse' });
    expect(JSON.stringify(person)).not.toContain('argon2');
  });

  it.each([
    ['a wrong password', { email: 'ann@contoso.com', password: 'wrong horse' }],
    ['an unknown e-mail', { email: 'bob@contoso.com', password: 'correct horse' }],
    ['an empty password', { email: 'ann@contoso.com', password: '' }],
    ['no password', { email: 'ann@contoso.com' }],
    ['something else than text', { email: { contains: '@' }, password: ['correct horse'] }],
    ['a password without end', { email: 'ann@contoso.com', password: 'x'.repeat(2000) }],
    ['nothing', undefined],
  ])('refuses %s', async (_what, credentials) => {
    expect(await verifySignIn(findAnn, credentials)).toBeUndefined();
  });

  it('refuses a person whose stored role is no role, and one whose hash cannot be read', async () => {
    const login = { email: ann.email, password: 'correct horse' };
    expect(await verifySignIn(async () => ({ ...ann, role: 'root' }), login)).toBeUndefined();
    expect(await verifySignIn(async () => ({ ...ann, passwordHash: 'plain' }), login)).toBeUndefined();
  });

  it('does the work of a verification for an unknown e-mail too', async () => {
    vi.mocked(verify).mockClear();
    await verifySignIn(async () => undefined, { email: 'bob@contoso.com', password: 'wrong horse' });
    const [[stored] = []] = vi.mocked(verify).mock.calls;
    expect(verify).toHaveBeenCalledTimes(1);
    expect(costOf(String(stored))).toBe(costOf(ann.passwordHash));
    expect(costOf(ann.passwordHash)).toMatch(/^\$argon2id\$.*m=\d+,t=\d+,p=\d+$/);
  });
});
