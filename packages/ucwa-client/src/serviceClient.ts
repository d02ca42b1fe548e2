import type { Resource } from '@repo/ucwa-protocol/hal';
import type { AnonApplicationTokenInput } from '@repo/ucwa-protocol/operations';
import { fromWireDate } from '@repo/ucwa-protocol/wireDate';
import type { Clock } from './clock.ts';
import { ConnectionError, UcwaError } from './errors.ts';
import { follow } from './follow.ts';
import { createSend, type TokenSource } from './request.ts';
import { embedded, linkHref, supports } from './resource.ts';
import { isReached, requestOf, type ServiceCommand } from './serviceCommand.ts';

export interface ServiceClientOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** The platform's `platformservice/discover`. */
  readonly discoverHref: string;
  readonly token: TokenSource;
  /** For every request; that of `createSend` by default. */
  readonly timeoutMs?: number;
}

export interface ServiceApplication {
  /** The application resource of one endpoint, hrefs absolute. */
  readonly resource: Resource;
  readonly capabilities: {
    readonly anonApplicationTokens: boolean;
    readonly adhocMeetings: boolean;
    readonly inviteUserToMeeting: boolean;
  };
}

export interface AnonTokenInput extends Omit<AnonApplicationTokenInput, 'allowedOrigins'> {
  /** Scheme, host and port each. */
  readonly allowedOrigins: readonly string[];
}

export interface AnonToken {
  /** With its prefix `psat=`. */
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** Where the visitor's side begins, absolute; it holds the token. */
  readonly discoverHref: string;
}

export interface CommandAnswer {
  readonly status: number;
  /** Absolute. */
  readonly location?: string;
  /** The refusal that says that there was nothing left to do. */
  readonly refusal?: UcwaError;
}

export type ServiceClient = ReturnType<typeof createServiceClient>;

/**
 * The service application's side (reference/service-api.md). Reads go from discover by links; commands take the
 * absolute hrefs that callbacks brought. Every function throws what `send` and the token source do, and
 * LinkNotAvailableError when a capability is not granted.
 */
export function createServiceClient({ discoverHref, token, ...options }: ServiceClientOptions) {
  const send = createSend({ ...options, baseUrl: discoverHref, token });
  const sendBare = createSend({ ...options, baseUrl: discoverHref });

  return {
    /** Step 1, which needs no token. @returns the absolute address of `applications` */
    async discover(): Promise<string> {
      const { resource = {} } = await sendBare({ method: 'GET', href: discoverHref });
      return linkHref(resource, 'applications');
    },

    /** Step 2a: asks without a token. @returns whether the platform refuses a stranger, as it should (401) */
    async refusesStrangers(applicationsHref: string, endpointId: string): Promise<boolean> {
      try {
        await sendBare({ method: 'GET', href: applicationsHref, query: { endpointId } });
        return false;
      } catch (error) {
        if ((error instanceof UcwaError || error instanceof ConnectionError) && error.status === 401) return true;
        throw error;
      }
    },

    /** Steps 2b and 2c: the capabilities of an endpoint, whose `endpointId` is its SIP uri. */
    async application(applicationsHref: string, endpointId: string): Promise<ServiceApplication> {
      const query = { endpointId };
      const { resource: applications = {} } = await send({ method: 'GET', href: applicationsHref, query });
      const { resource = {} } = await follow(send, applications, 'application', { query });
      return { resource, capabilities: capabilitiesOf(resource) };
    },

    /**
     * Step 3: a token for one visitor. `applicationSessionId` is unique per visitor's session.
     * @throws LinkNotAvailableError without the permission "guest user join services"
     */
    async issueAnonToken(application: ServiceApplication, input: AnonTokenInput): Promise<AnonToken> {
      const body: AnonApplicationTokenInput = { ...input, allowedOrigins: input.allowedOrigins.join(';') };
      const answer = await follow(send, application.resource, 'anonApplicationTokens', { method: 'POST', body });
      return readAnonToken(answer.resource);
    },

    /** Steps 8 to 20. That it is so already is success, with the `refusal` that says so. */
    async command(command: ServiceCommand): Promise<CommandAnswer> {
      try {
        const { status, location } = await send(requestOf(command));
        return { status, ...(location === undefined ? {} : { location }) };
      } catch (error) {
        if (!isReached(command, error)) throw error;
        return { status: error.status, refusal: error };
      }
    },
  };
}

/** A permission shows as a link, or as an embedded resource (reference/service-api.md 2). */
function capabilitiesOf(application: Resource): ServiceApplication['capabilities'] {
  const communication = embedded(application, 'communication') ?? {};
  return {
    anonApplicationTokens: supports(application, 'anonApplicationTokens'),
    adhocMeetings: embedded(application, 'adhocMeetings') !== undefined,
    inviteUserToMeeting: supports(communication, 'inviteUserToMeeting'),
  };
}

function readAnonToken(resource: Resource = {}): AnonToken {
  const { token, expiryTime } = resource;
  const expiresAtMs = typeof expiryTime === 'string' ? fromWireDate(expiryTime) : undefined;
  if (typeof token !== 'string' || expiresAtMs === undefined) {
    throw new ConnectionError('MalformedAnswer', 'anonApplicationToken without token or expiryTime');
  }
  return { token, expiresAtMs, discoverHref: linkHref(resource, 'discover') };
}
