import { redirect } from 'next/navigation';
import { homeOf } from '../auth/roles.ts';
import { signedInPerson } from '../auth/session.ts';

/** Leads everybody to where his work is. */
export default async function Home() {
  const person = await signedInPerson();
  redirect(person ? homeOf(person.role) : '/signin');
}
