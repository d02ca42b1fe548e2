/** The rules of next-auth here: sign in by e-mail and password, a signed cookie as session, no other way in. */
import type { NextAuthOptions } from 'next-auth';
import credentialsProvider from 'next-auth/providers/credentials';
import { authorizeSignIn } from './authorizeSignIn.ts';
import { isRole } from './roles.ts';
import type { SignInAttempts } from './signInAttempts.ts';
import type { FindPerson, SignedInPerson } from './verifySignIn.ts';

declare module 'next-auth' {
  interface User {
    person?: SignedInPerson;
  }
  interface Session {
    person?: SignedInPerson;
  }
}

declare module 'next-auth/jwt' {
  interface JWT {
    person?: SignedInPerson;
  }
}

export interface AuthSettings {
  readonly findPerson: FindPerson;
  /** Has to outlive the options, which are made for each request. */
  readonly attempts: SignInAttempts;
  readonly secret: string;
  /** Whether the pages are served over https; then the cookies go over nothing else. */
  readonly secureCookies: boolean;
}

const sessionSeconds = 12 * 60 * 60;

/** Builds next-auth's options from the settings of this installation. */
export function createAuthOptions({ findPerson, attempts, secret, secureCookies }: AuthSettings): NextAuthOptions {
  const prefix = secureCookies ? '__Secure-' : '';
  return {
    secret,
    useSecureCookies: secureCookies,
    session: { strategy: 'jwt', maxAge: sessionSeconds },
    pages: { signIn: '/signin', error: '/signin' },
    cookies: {
      sessionToken: {
        name: `${prefix}bridgedesk.session`,
        options: { httpOnly: true, sameSite: 'lax', path: '/', secure: secureCookies },
      },
    },
    providers: [
      credentialsProvider({
        credentials: { email: { type: 'email' }, password: { type: 'password' } },
        authorize: async (credentials, { headers }) => {
          const person = await authorizeSignIn({ findPerson, attempts }, { credentials, headers });
          return person ? { id: person.id, person } : null;
        },
      }),
    ],
    callbacks: {
      jwt: ({ token, user }) => {
        if (!user?.person) return token;
        return { sub: user.person.id, person: user.person };
      },
      session: ({ session, token }) => ({
        expires: session.expires,
        ...(token.person !== undefined && isRole(token.person.role) ? { person: token.person } : {}),
      }),
    },
  };
}
