/** What an operator registers before anybody can talk (reference/auth.md 8). */

import type { RelPrefix } from '@repo/ucwa-protocol/rels';
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';

/** The four permissions that chat needs (reference/auth.md 8). */
export const permissions = {
  joinAndManageMeetings: 'JoinAndManageMeetings',
  createAdhocMeetings: 'CreateAdhocMeetings',
  instantMessages: 'InstantMessages',
  guestJoin: 'GuestJoin',
} as const;
export type Permission = (typeof permissions)[keyof typeof permissions];

/** One customer organisation, named by its domain. Key: the domain in lower case. */
export interface Tenant {
  readonly id: string;
  readonly domain: string;
  readonly displayName: string;
  /** Origins of the agents' pages (reference/auth.md 4). */
  readonly allowedOrigins: readonly string[];
  /** Origins whose pages may use the hidden frame; missing = none. */
  readonly xframeOrigins?: readonly string[];
  /** Origins whose pages may join a meeting with nothing but its key (reference/auth.md 7); missing = nobody may. */
  readonly anonymousMeetingOrigins?: readonly string[];
}

/** A service application that a tenant has consented to. Key: `serviceClientKey`. */
export interface ServiceClient {
  readonly clientId: string;
  readonly tenantId: string;
  readonly displayName: string;
  /** App ID URI: the audience of the callback tokens. */
  readonly audience: string;
  readonly relPrefix: RelPrefix;
  readonly permissions: readonly Permission[];
  /** Offers startMessagingWithIdentity instead of startMessaging (reference/service-api.md 5). */
  readonly privileged: boolean;
  /** `host[:port]` entries that a callback URL may name; everything else is denied. */
  readonly callbackHosts: readonly string[];
  /** Blocks of addresses that a callback may go to besides public ones; missing = none. */
  readonly callbackCidrs?: readonly string[];
  /** May ask for tokens of the tenant's people (RFC 8693). */
  readonly actForUsers: boolean;
  readonly secretHashes: readonly string[];
  /** When each was made, by the name of the secret, in milliseconds since 1970; missing = not known. */
  readonly secretDates?: Readonly<Record<string, number>>;
}

/** The address of a service application inside a tenant. Key: the normalized sip uri. */
export interface Endpoint {
  readonly uri: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** Ten digits, one per (application, endpoint); part of every service path. */
  readonly applicationId: string;
  readonly displayName: string;
  readonly callbackUrl: string;
  /** Overrides the audience of the application for callbacks of this endpoint. */
  readonly audience?: string;
}

/** Somebody who signs in: an agent or a supervisor. Key: the normalized sip uri. */
export interface Person {
  readonly uri: string;
  readonly tenantId: string;
  readonly displayName: string;
}

export const serviceClientKey = (tenantId: string, clientId: string): string => `${tenantId}:${clientId.toLowerCase()}`;
export const endpointKey = (uri: string): string => normalizeSipUri(uri);
export const personKey = (uri: string): string => normalizeSipUri(uri);
