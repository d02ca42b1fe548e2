/** Who is asking, once the token has been checked (reference/auth.md 1). */
import type { Endpoint, Person, ServiceClient } from './registration.ts';

/** An SA acting for one of its endpoints. */
export interface ServicePrincipal {
  readonly kind: 'service';
  readonly tenantId: string;
  readonly clientId: string;
  readonly client: ServiceClient;
  readonly endpoint: Endpoint;
}

/** A visitor: one session of one endpoint (reference/auth.md 3). */
export interface AnonymousPrincipal {
  readonly kind: 'anonymous';
  readonly tenantId: string;
  /** Claim `aeu`: the only address that this visitor may call. */
  readonly endpointUri: string;
  /** Claim `asi`: the visitor's session. */
  readonly applicationSessionId: string;
  /** Claim `confid`, in the meeting variant. */
  readonly meetingUri?: string;
  readonly allowedOrigins: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** An agent or a supervisor. */
export interface PersonPrincipal {
  readonly kind: 'person';
  readonly tenantId: string;
  readonly uri: string;
  readonly person: Person;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export type Principal = ServicePrincipal | AnonymousPrincipal | PersonPrincipal;

/** One text per caller; equal texts mean the same caller with any of its tokens. */
export function callerKey(principal: Principal): string {
  switch (principal.kind) {
    case 'service':
      return `service:${principal.tenantId}:${principal.clientId}:${principal.endpoint.uri}`;
    case 'anonymous':
      return `anonymous:${principal.endpointUri}:${principal.applicationSessionId}`;
    case 'person':
      return `person:${principal.uri}`;
  }
}
