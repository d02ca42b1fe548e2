/** Who is signed in, for pages and procedures. The only place that joins next-auth with the service application. */
import { findPersonByEmail } from '@repo/db/people';
import type { NextAuthOptions } from 'next-auth';
import { getServerSession } from 'next-auth';
import { getServiceApp } from '../serviceApp/wiring.ts';
import { createAuthOptions } from './authOptions.ts';
import type { SignedInPerson } from './verifySignIn.ts';

/** next-auth's options of this installation. @throws RefusalError 503 before the service application runs */
export function authOptions(): NextAuthOptions {
  const { db, webUrl, authSecret } = getServiceApp();
  return createAuthOptions({
    findPerson: (email) => findPersonByEmail(db, email),
    secret: authSecret,
    secureCookies: webUrl.startsWith('https:'),
  });
}

/** The person behind the request's cookie, if there is one. */
export async function signedInPerson(): Promise<SignedInPerson | undefined> {
  return (await getServerSession(authOptions()))?.person;
}
