import type { SignInAttempts } from './signInAttempts.ts';
import { SignInDelayError } from './signInDelay.ts';
import { type FindPerson, type SignedInPerson, verifySignIn } from './verifySignIn.ts';

interface SignInRequest {
  readonly credentials: { readonly email?: unknown; readonly password?: unknown } | undefined;
  readonly headers: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Decides a sign-in, unless too many failed before it; then the right password is not looked at either.
 * @returns the person, or undefined when e-mail and password do not belong together
 * @throws SignInDelayError after too many failures
 */
export async function authorizeSignIn(
  { findPerson, attempts }: { readonly findPerson: FindPerson; readonly attempts: SignInAttempts },
  { credentials, headers }: SignInRequest,
): Promise<SignedInPerson | undefined> {
  const { email } = credentials ?? {};
  const attempt = { account: typeof email === 'string' ? email : '', address: addressOf(headers) };
  const waitMs = attempts.begin(attempt);
  if (waitMs > 0) throw new SignInDelayError(waitMs);
  const person = await verifySignIn(findPerson, credentials);
  if (person) attempts.succeeded(attempt);
  return person;
}

/**
 * Where the request came from. The last entry is the one that the proxy before this app wrote, or Next itself; those
 * before it are whatever the browser claims.
 */
function addressOf(headers: SignInRequest['headers']): string | undefined {
  const forwarded = headers?.['x-forwarded-for'];
  return (typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined) || undefined;
}
