/**
 * Tokens from the platform's OAuth route, for the service application itself and for agents (reference/auth.md 2, 7).
 */
import type { Clock } from './clock.ts';
import { ConnectionError } from './errors.ts';
import type { Send, TokenSource } from './request.ts';

export interface OAuthToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

interface TokenRequestOptions {
  /** Without a token: these requests get one. */
  readonly send: Send;
  readonly clock: Clock;
  /** `.../oauth2/<tenant>/token` */
  readonly tokenUrl: string;
}

export interface ServiceTokenOptions extends TokenRequestOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly resource?: string | undefined;
}

/**
 * A token of the service application by client credentials, one request each time; see `cachedToken`.
 * @throws UcwaError with OAuth's error as `code` (`invalid_client`), ConnectionError
 */
export async function fetchServiceToken(options: ServiceTokenOptions): Promise<OAuthToken> {
  const { clientId, clientSecret, resource } = options;
  return requestToken(options, {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    ...(resource === undefined ? {} : { resource }),
  });
}

export interface AgentTokenOptions extends TokenRequestOptions {
  /** The service application's own token. */
  readonly subjectToken: string;
  /** SIP uri of the agent, a person of the same tenant. */
  readonly requestedSubject: string;
}

/**
 * A user token for an agent by token exchange (RFC 8693), asked for by the service application.
 * @throws UcwaError with OAuth's error as `code`, ConnectionError
 */
export async function exchangeAgentToken(options: AgentTokenOptions): Promise<OAuthToken> {
  return requestToken(options, {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: options.subjectToken,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    requested_subject: options.requestedSubject,
  });
}

async function requestToken(options: TokenRequestOptions, form: Record<string, string>): Promise<OAuthToken> {
  const { send, clock, tokenUrl } = options;
  const askedAt = clock.now();
  const { resource } = await send({
    method: 'POST',
    href: tokenUrl,
    text: new URLSearchParams(form).toString(),
    contentType: 'application/x-www-form-urlencoded',
  });
  // On-premises issuers write the number as a string.
  const { access_token: token, expires_in: expiresIn } = resource ?? {};
  const seconds = Number(expiresIn);
  if (typeof token !== 'string' || !(seconds > 0)) {
    throw new ConnectionError('MalformedAnswer', 'the token answer has no access_token or expires_in');
  }
  return { token, expiresAtMs: askedAt + seconds * 1000 };
}

export interface CachedTokenOptions {
  readonly clock: Clock;
  fetchToken(): Promise<OAuthToken>;
  /** How long before its expiry a token is no longer used; five minutes, but never more than a tenth of its life. */
  readonly marginMs?: number;
}

/** A token source that keeps a token until shortly before its expiry, and asks once for many callers. */
export function cachedToken({ clock, fetchToken, marginMs = 300_000 }: CachedTokenOptions): TokenSource {
  let kept: { readonly token: string; readonly useUntilMs: number } | undefined;
  let pending: Promise<string> | undefined;

  async function renew(): Promise<string> {
    try {
      const now = clock.now();
      const { token, expiresAtMs } = await fetchToken();
      kept = { token, useUntilMs: expiresAtMs - Math.min(marginMs, (expiresAtMs - now) / 10) };
      return token;
    } finally {
      pending = undefined;
    }
  }

  return (refresh = false) => {
    if (kept && !refresh && clock.now() < kept.useUntilMs) return kept.token;
    pending ??= renew();
    return pending;
  };
}
