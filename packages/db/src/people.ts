import type { Queries } from './client.ts';
import { newId } from './ids.ts';

export const roles = ['admin', 'supervisor', 'agent'] as const;
export type Role = (typeof roles)[number];

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly sipUri: string;
  readonly role: Role;
  readonly passwordHash: string;
  /** Visitors at once. */
  readonly capacity: number;
}

type Row = Omit<Person, 'role'> & { readonly role: string };

/** The person with this e-mail address, in any case. */
export async function findPersonByEmail({ prisma }: Queries, email: string): Promise<Person | undefined> {
  const row = await prisma.person.findUnique({ where: { email: email.trim().toLowerCase() } });
  return row ? toPerson(row) : undefined;
}

/** Everybody, by name. */
export async function listPeople({ prisma }: Queries): Promise<Person[]> {
  return (await prisma.person.findMany({ orderBy: { name: 'asc' } })).map(toPerson);
}

/** Creates the person, or brings the one with this e-mail address up to date; the id stays. */
export async function savePerson(
  { prisma }: Queries,
  person: Omit<Person, 'id' | 'capacity'> & { readonly capacity?: number; readonly now: Date },
): Promise<Person> {
  const { now, ...given } = person;
  const values = { ...given, email: given.email.trim().toLowerCase(), sipUri: given.sipUri.trim().toLowerCase() };
  const row = await prisma.person.upsert({
    where: { email: values.email },
    update: values,
    create: { ...values, id: newId('person'), createdAt: now },
  });
  return toPerson(row);
}

function toPerson(row: Row): Person {
  const { id, email, name, sipUri, passwordHash, capacity } = row;
  return { id, email, name, sipUri, role: roles.find((role) => role === row.role) ?? 'agent', passwordHash, capacity };
}
