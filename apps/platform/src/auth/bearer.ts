/** The Authorization header and the 401 that asks for one (reference/auth.md 2.3). */
import type { FastifyRequest } from 'fastify';
import { RequestRefusedError } from '../errors.ts';

/** What the token routes take besides `client_credentials` (reference/auth.md 7, RFC 8693). */
export const grantTypes = {
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  anonymousMeeting: 'urn:microsoft.rtc:anonmeeting',
} as const;

/** Id of the service itself; `appid` of its callback tokens. */
export const serviceId = '00000004-0000-0ff1-ce00-000000000000';

/** @returns the text behind `Bearer `, undefined without one */
export function bearerToken(request: FastifyRequest): string | undefined {
  const match = /^Bearer +(\S+)\s*$/i.exec(request.headers.authorization ?? '');
  return match?.[1];
}

/** A 401; its body is HTML, not the error body (reference/errors.md 1). */
export class UnauthorizedError extends Error {
  override readonly name = 'UnauthorizedError';
  readonly code = 'Unauthorized';
  readonly retryable = false;
  readonly headers: Readonly<Record<string, string | string[]>>;

  constructor(headers: Readonly<Record<string, string | string[]>>, cause?: unknown) {
    super('Unauthorized', { cause });
    this.headers = headers;
  }
}

/** The challenge of the service face and of people: two header lines, in this spelling (client-expectations U14). */
export function challenge(publicUrl: string, cause?: unknown): UnauthorizedError {
  return new UnauthorizedError(
    {
      'WWW-Authenticate': [
        `Bearer trusted_issuers="${serviceId}@*", client_id="${serviceId}", authorization_uri="${publicUrl}/oauth2"`,
        `MsRtcOAuth href="${publicUrl}/oauth2/token",grant_type="${grantTypes.tokenExchange},${grantTypes.anonymousMeeting}"`,
      ],
      'Cache-Control': 'private',
    },
    cause,
  );
}

/** The challenge of a visitor: only a new token from the SA helps (reference/auth.md 3.2). */
export function anonymousChallenge(request: FastifyRequest, cause?: unknown): UnauthorizedError {
  return new UnauthorizedError(
    {
      'WWW-Authenticate': 'Bearer',
      Warning: `120 ${request.hostname} "InvalidToken"`,
      'Cache-Control': 'private',
    },
    cause,
  );
}

export const applicationNotFound = (): RequestRefusedError =>
  new RequestRefusedError(403, {
    subcode: 'ApplicationNotFound',
    message: 'The endpoint is not registered for this application in this tenant',
  });
