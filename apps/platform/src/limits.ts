/** Sizes and numbers that this server chooses; the wire's own are in @repo/ucwa-protocol/limits. Settings of the same names are in env.ts. */
export interface Limits {
  /** Bytes of any request body: 413 (reference/service-api.md 13). */
  readonly bodyBytes: number;
  /** Events that wait for a UCWA application; one that lets more pile up is ended (reference/events.md 3). */
  readonly queuedEvents: number;
  /** Events that wait for an SA in one conversation; with more the conversation is given up. */
  readonly queuedCallbackEvents: number;
  /** Invitations a minute with one token of a visitor or an agent: 429. */
  readonly invitationsPerToken: number;
  /** Invitations a minute of visitors and agents at one address: 429. */
  readonly invitationsPerAddress: number;
  /** Invitations a minute of one service application: 429. */
  readonly serviceInvitations: number;
  /** Requests a minute that write with one token of a visitor or an agent, on this node: 429. */
  readonly writesPerToken: number;
  /** GETs that wait for events at the same time, on this node: 503. */
  readonly parkedRequests: number;
  /** Refused token requests a minute at one address: 429. */
  readonly tokenFailuresPerAddress: number;
  /** Refused token requests a minute with one client_id at one address: 429. */
  readonly tokenFailuresPerClient: number;
  /** Requests of one caller in batches that are under way: 429 (reference/ucwa-api.md 10). */
  readonly batchRequests: number;
}

export const defaultLimits: Limits = {
  bodyBytes: 64 * 1024,
  queuedEvents: 1_000,
  queuedCallbackEvents: 10_000,
  invitationsPerToken: 20,
  invitationsPerAddress: 120,
  serviceInvitations: 60_000,
  writesPerToken: 1_200,
  parkedRequests: 50_000,
  tokenFailuresPerAddress: 60,
  tokenFailuresPerClient: 10,
  batchRequests: 100,
};
