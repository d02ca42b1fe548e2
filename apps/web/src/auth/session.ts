/** Who is signed in, for pages and procedures. The only place that joins next-auth with the service application. */
import { findPersonByEmail } from '@repo/db/people';
import { systemClock } from '@repo/ucwa-client/clock';
import type { NextAuthOptions } from 'next-auth';
import { getServerSession } from 'next-auth';
import { getServiceApp } from '../serviceApp/wiring.ts';
import { createAuthOptions } from './authOptions.ts';
import { currentPerson } from './currentPerson.ts';
import { createSignInAttempts } from './signInAttempts.ts';
import type { FindPerson, SignedInPerson } from './verifySignIn.ts';

/** Only the sign-in route counts here, so it does not matter that Next may load this file more than once. */
const attempts = createSignInAttempts({ clock: systemClock });

const findPerson: FindPerson = (email) => findPersonByEmail(getServiceApp().db, email);

/** next-auth's options of this installation. @throws RefusalError 503 before the service application runs */
export function authOptions(): NextAuthOptions {
  const { webUrl, authSecret } = getServiceApp();
  return createAuthOptions({
    findPerson,
    attempts,
    secret: authSecret,
    secureCookies: webUrl.startsWith('https:'),
  });
}

/**
 * The person behind the request's cookie, if there still is one with that role. Asked here and not in next-auth's
 * callbacks: those take a database that is away for a bad cookie, and would sign everybody out.
 * @throws Error when the database cannot be asked
 */
export async function signedInPerson(): Promise<SignedInPerson | undefined> {
  return currentPerson(findPerson, (await getServerSession(authOptions()))?.person);
}
