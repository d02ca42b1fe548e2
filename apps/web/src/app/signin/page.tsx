import { Center } from '@mantine/core';
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { homeOf, pages } from '../../auth/roles.ts';
import { signedInPerson } from '../../auth/session.ts';
import { SignInForm } from './SignInForm.tsx';

export const metadata: Metadata = { title: 'Sign in' };

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ to?: string | string[] }> }) {
  const person = await signedInPerson();
  if (person) redirect(homeOf(person.role));
  const { to } = await searchParams;
  // Only a page of our own table: never an address that somebody wrote into a link.
  const target = pages.find(({ href }) => href === to)?.href ?? '/';
  return (
    <Center mih="100vh" p="md">
      <SignInForm to={target} />
    </Center>
  );
}
