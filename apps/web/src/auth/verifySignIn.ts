/** Decides a sign-in: e-mail and password against the stored argon2id hash. */
import { hash, verify } from '@node-rs/argon2';
import { isRole, type Role } from './roles.ts';

/** What a signed-in person is to the rest of the app. */
export interface SignedInPerson {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly sipUri: string;
  readonly role: Role;
}

export interface StoredPerson {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly sipUri: string;
  readonly role: string;
  readonly passwordHash: string;
}

export type FindPerson = (email: string) => Promise<StoredPerson | undefined>;

/** Longer input would only be a way to keep the machine busy. */
const maxLength = { email: 254, password: 1024 };

let stranger: Promise<string> | undefined;

/** A hash of nobody's password, made with the same parameters as everybody's, so that it costs the same to refuse. */
function hashOfNobody(): Promise<string> {
  stranger ??= hash('nobody has this password');
  return stranger;
}

/**
 * Verifies a sign-in. An unknown e-mail costs the same work as a wrong password, so the time taken tells nothing.
 * @returns the person, or undefined when the e-mail is unknown, the password wrong or the stored role no role.
 */
export async function verifySignIn(
  findPerson: FindPerson,
  credentials: { readonly email?: unknown; readonly password?: unknown } | undefined,
): Promise<SignedInPerson | undefined> {
  const { email, password } = credentials ?? {};
  if (typeof email !== 'string' || typeof password !== 'string') return undefined;
  if (email.length > maxLength.email || password.length > maxLength.password) return undefined;

  const person = await findPerson(email.trim().toLowerCase());
  const matches = await matchesHash(person?.passwordHash ?? (await hashOfNobody()), password);
  if (!person || !matches || !isRole(person.role)) return undefined;
  return { id: person.id, name: person.name, email: person.email, sipUri: person.sipUri, role: person.role };
}

/** A hash that cannot be read lets nobody in. */
async function matchesHash(passwordHash: string, password: string): Promise<boolean> {
  try {
    return await verify(passwordHash, password);
  } catch {
    return false;
  }
}
