import type { FindPerson, SignedInPerson } from './verifySignIn.ts';

/**
 * The person of a session as the database knows him now: a session is hours old, and people leave or change their role.
 * @returns undefined when the person is gone or has another role than at the sign-in; signing in again gives the new one
 */
export async function currentPerson(
  findPerson: FindPerson,
  claimed: SignedInPerson | undefined,
): Promise<SignedInPerson | undefined> {
  if (!claimed) return undefined;
  const stored = await findPerson(claimed.email);
  if (stored?.id !== claimed.id || stored.role !== claimed.role) return undefined;
  return { id: stored.id, name: stored.name, email: stored.email, sipUri: stored.sipUri, role: claimed.role };
}
