import type { Clock } from '@repo/ucwa-client/clock';
import { isGone, UcwaError } from '@repo/ucwa-client/errors';
import type { Send, TokenSource } from '@repo/ucwa-client/request';
import { decodeJwt } from 'jose';
import type { PlatformSettings } from './deps.ts';
import { PlatformTokenError } from './errors.ts';

export interface PlatformToken {
  /** The application's own token, kept until a minute before it expires. */
  readonly source: TokenSource;
  /** The id of the tenant this application serves, as the platform writes it in tokens. */
  tenantId(): Promise<string | undefined>;
}

/** A token is renewed this long before its end, so that none expires on its way. */
const marginMs = 60_000;

/**
 * Asks the platform for application tokens (OAuth client credentials, reference/auth.md 2.1).
 * @throws {PlatformTokenError} from the source, when the platform gives none
 */
export function createPlatformToken(deps: {
  readonly platform: PlatformSettings;
  readonly sendAnonymous: Send;
  readonly clock: Clock;
}): PlatformToken {
  let kept: { readonly token: string; readonly renewAt: number } | undefined;
  let pending: Promise<string> | undefined;

  async function fetchToken(): Promise<string> {
    const { clientId, clientSecret, platformUrl } = deps.platform;
    const { token, expiresAt } = await requestToken(deps, {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      resource: platformUrl,
    });
    kept = { token, renewAt: expiresAt.getTime() - marginMs };
    return token;
  }

  const source = async (refresh?: boolean): Promise<string> => {
    if (kept && !refresh && deps.clock.now() < kept.renewAt) return kept.token;
    pending ??= fetchToken().finally(() => {
      pending = undefined;
    });
    return pending;
  };

  return {
    source,
    tenantId: async () => {
      try {
        const { tid } = decodeJwt(await source());
        return typeof tid === 'string' ? tid : undefined;
      } catch (error) {
        // A platform may give tokens that only it can read.
        if (error instanceof PlatformTokenError) throw error;
        return undefined;
      }
    },
  };
}

/**
 * One request to the platform's token route.
 * @throws {PlatformTokenError}
 */
export async function requestToken(
  deps: { readonly platform: PlatformSettings; readonly sendAnonymous: Send; readonly clock: Clock },
  form: Readonly<Record<string, string>>,
): Promise<{ readonly token: string; readonly expiresAt: Date }> {
  const { platformUrl, tenantDomain } = deps.platform;
  const askedAt = deps.clock.now();
  try {
    const { resource } = await deps.sendAnonymous({
      method: 'POST',
      href: `${platformUrl}/oauth2/${encodeURIComponent(tenantDomain)}/token`,
      contentType: 'application/x-www-form-urlencoded',
      text: new URLSearchParams(form).toString(),
    });
    const token = resource?.access_token;
    const seconds = Number(resource?.expires_in);
    if (typeof token !== 'string' || !Number.isFinite(seconds)) throw new TypeError('no access_token or expires_in');
    return { token, expiresAt: new Date(askedAt + seconds * 1000) };
  } catch (cause) {
    const why = cause instanceof UcwaError ? cause.code : isGone(cause) ? 'gone' : 'no answer';
    throw new PlatformTokenError(`the platform gave no token (${why})`, { cause });
  }
}
