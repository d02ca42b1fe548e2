import { redirect } from 'next/navigation';
import { homeOf, mayOpen, type PageHref } from './roles.ts';
import { signedInPerson } from './session.ts';
import type { SignedInPerson } from './verifySignIn.ts';

/** Lets a page be shown to the roles of its table row only; everybody else is led to where he belongs. */
export async function guardPage(href: PageHref): Promise<SignedInPerson> {
  const person = await signedInPerson();
  if (!person) redirect(`/signin?to=${encodeURIComponent(href)}`);
  if (!mayOpen(person.role, href)) redirect(homeOf(person.role));
  return person;
}
