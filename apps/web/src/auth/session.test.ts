import { findPersonByEmail, type Person } from '@repo/db/people';
import { getServerSession } from 'next-auth';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shareServiceApp } from '../serviceApp/wiring.ts';
import { signedInPerson } from './session.ts';

vi.mock(import('next-auth'), async (original) => ({ ...(await original()), getServerSession: vi.fn() }));
vi.mock(import('@repo/db/people'), async (original) => ({ ...(await original()), findPersonByEmail: vi.fn() }));

const claimed = { id: 'p1', name: 'Ann', email: 'ann@contoso.com', sipUri: 'sip:ann@contoso.com', role: 'admin' };
const stored: Person = { ...claimed, role: 'admin', passwordHash: 'argon2', capacity: 3 };

beforeEach(() => {
  shareServiceApp({ webUrl: 'http://localhost:3000', authSecret: 'x' } as Parameters<typeof shareServiceApp>[0]);
  vi.mocked(getServerSession).mockResolvedValue({ person: claimed });
});
afterEach(() => shareServiceApp(undefined));

describe('the person of a session', () => {
  it('is as the database knows him now, without his password', async () => {
    vi.mocked(findPersonByEmail).mockResolvedValue({ ...stored, name: 'Ann Lee' });
    expect(await signedInPerson()).toEqual({ ...claimed, name: 'Ann Lee' });
  });

  it.each([
    ['was removed', undefined],
    ['has another role now', { ...stored, role: 'agent' } as const],
    ['is somebody else with the same e-mail', { ...stored, id: 'p2' }],
  ])('is nobody when the person %s', async (_what, found) => {
    vi.mocked(findPersonByEmail).mockResolvedValue(found);
    expect(await signedInPerson()).toBeUndefined();
  });

  it('is nobody without a session, and nothing is asked then', async () => {
    vi.mocked(findPersonByEmail).mockClear();
    vi.mocked(getServerSession).mockResolvedValue(null);
    expect(await signedInPerson()).toBeUndefined();
    expect(findPersonByEmail).not.toHaveBeenCalled();
  });

  it('is not taken for signed out while the database is away', async () => {
    vi.mocked(findPersonByEmail).mockRejectedValue(new Error('away'));
    await expect(signedInPerson()).rejects.toThrow('away');
  });
});
