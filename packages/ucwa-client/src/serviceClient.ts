import type { Resource } from '@repo/ucwa-protocol/hal';
import { fromWireDate } from '@repo/ucwa-protocol/wireDate';
import { resourceOf } from './applicationEvents.ts';
import type { Clock } from './clock.ts';
import { ConnectionError } from './errors.ts';
import { follow } from './follow.ts';
import { untilGone } from './messaging.ts';
import { type Answer, createSend, type TokenSource } from './request.ts';
import { linkHref } from './resource.ts';

export interface ServiceClientOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** The platform's `platformservice/discover`. */
  readonly discoverHref: string;
  /** SIP uri of the application endpoint; goes along with every request. */
  readonly endpointId: string;
  readonly token: TokenSource;
}

export interface AnonToken {
  /** `psat=...` */
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiryTimeMs: number;
  /** For the visitor; it holds the token. */
  readonly discoverHref: string;
}

export type ServiceClient = ReturnType<typeof createServiceClient>;

/**
 * The service application's side (reference/service-api.md). Reads go from discover by links; commands take the
 * absolute hrefs that callbacks brought. Every function throws what `send` does, and LinkNotAvailableError when a
 * capability is not granted.
 */
export function createServiceClient({ fetch, clock, discoverHref, endpointId, token }: ServiceClientOptions) {
  const send = createSend({ fetch, clock, baseUrl: discoverHref, token });
  const query = { endpointId };

  const discover = (): Promise<Resource> => resourceOf(send, send({ method: 'GET', href: discoverHref }));

  const applications = async (): Promise<Resource> =>
    resourceOf(send, follow(send, await discover(), 'applications', { query }));

  /** The capabilities of the endpoint. Cheap; read it again before each use (client-expectations.md S26b). */
  const application = async (): Promise<Resource> =>
    resourceOf(send, follow(send, await applications(), 'application', { query }));

  return {
    discover,
    applications,
    application,

    /** `applicationSessionId` is unique per visitor's session; origins are scheme, host and port. */
    async issueAnonToken(input: {
      readonly applicationSessionId: string;
      readonly allowedOrigins: readonly string[];
    }): Promise<AnonToken> {
      const body = { ...input, allowedOrigins: input.allowedOrigins.join(';') };
      const at = await application();
      const issued = await resourceOf(send, follow(send, at, 'anonApplicationTokens', { method: 'POST', query, body }));
      const { token: anonToken, expiryTime } = issued;
      const expiryTimeMs = typeof expiryTime === 'string' ? fromWireDate(expiryTime) : undefined;
      if (typeof anonToken !== 'string' || expiryTimeMs === undefined) {
        throw new ConnectionError('MalformedAnswer', 'anonApplicationToken without token or expiryTime');
      }
      return { token: anonToken, expiryTimeMs, discoverHref: linkHref(issued, 'discover') };
    },

    get: (href: string): Promise<Resource> => resourceOf(send, send({ method: 'GET', href, query })),

    /** A command; without `body` nothing is sent, not even a Content-Type. */
    post: (href: string, body?: unknown): Promise<Answer> => send({ method: 'POST', href, query, body }),

    put: (href: string, body: unknown): Promise<Answer> => send({ method: 'PUT', href, query, body }),

    /** Gone already is success. */
    delete: (href: string): Promise<void> => untilGone(send({ method: 'DELETE', href, query })),

    /** Sends plain text to a `sendMessage` href; the answer's `location` is the message's href. */
    sendText: (href: string, text: string, operationId: string): Promise<Answer> =>
      send({ method: 'POST', href, text, query: { ...query, operationId } }),
  };
}
