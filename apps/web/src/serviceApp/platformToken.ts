import type { Clock } from '@repo/ucwa-client/clock';
import { UcwaError } from '@repo/ucwa-client/errors';
import { cachedToken, exchangeAgentToken, fetchServiceToken, type OAuthToken } from '@repo/ucwa-client/oauthToken';
import type { Send, TokenSource } from '@repo/ucwa-client/request';
import { decodeJwt } from 'jose';
import type { PlatformSettings } from './deps.ts';
import { PlatformTokenError } from './errors.ts';

export interface PlatformToken {
  /** The application's own token, kept until a minute before it expires. */
  readonly source: TokenSource;
  /** The id of the tenant this application serves, as the platform writes it in tokens. */
  tenantId(): Promise<string | undefined>;
  /** The application's token exchanged for one with which a person of the tenant speaks (reference/auth.md 7). */
  exchange(sipUri: string): Promise<OAuthToken>;
}

/** A token is renewed this long before its end, so that none expires on its way. */
const marginMs = 60_000;

/**
 * Asks the platform for tokens of this application (OAuth client credentials, reference/auth.md 2.1).
 * Every function throws {@link PlatformTokenError} when the platform gives none.
 */
export function createPlatformToken(deps: {
  readonly platform: PlatformSettings;
  readonly sendAnonymous: Send;
  readonly clock: Clock;
}): PlatformToken {
  const { clock, sendAnonymous: send } = deps;
  const { clientId, clientSecret, platformUrl, tenantDomain } = deps.platform;
  const tokenUrl = `${platformUrl}/oauth2/${encodeURIComponent(tenantDomain)}/token`;
  const route = { send, clock, tokenUrl };

  const source = cachedToken({
    clock,
    marginMs,
    fetchToken: () => given(fetchServiceToken({ ...route, clientId, clientSecret, resource: platformUrl })),
  });

  return {
    source,
    tenantId: async () => {
      const token = await source();
      try {
        const { tid } = decodeJwt(token);
        return typeof tid === 'string' ? tid : undefined;
      } catch {
        // A platform may give tokens that only it can read.
        return undefined;
      }
    },
    exchange: async (requestedSubject) => {
      const subjectToken = await source();
      return given(exchangeAgentToken({ ...route, subjectToken, requestedSubject }));
    },
  };
}

async function given(request: Promise<OAuthToken>): Promise<OAuthToken> {
  try {
    return await request;
  } catch (cause) {
    const why = cause instanceof UcwaError ? cause.code : 'no answer';
    throw new PlatformTokenError(`the platform gave no token (${why})`, { cause });
  }
}
