/** What a widget asks for when the visitor opens it: a token, and where to go with it. */
import { randomUUID } from 'node:crypto';
import type { Database } from '@repo/db/client';
import { findHelpdeskByKey, listHelpdesks } from '@repo/db/helpdesks';
import { storableText } from '@repo/flows/helpdesk/storableText';
import { toWireDate } from '@repo/ucwa-protocol/wireDate';
import type { Deps } from './deps.ts';
import type { Discovery } from './discoverPlatform.ts';
import { RefusalError } from './errors.ts';
import { issueAnonToken } from './issueAnonToken.ts';

export interface HelpdeskTokenRequest {
  /** The body as it came. */
  readonly body: string;
  /** The page's origin; programs that are no browser send none. */
  readonly origin: string | undefined;
}

export interface HelpdeskToken {
  readonly token: string;
  /** `/Date(ms)/`. */
  readonly expiryTime: string;
  readonly discoverUrl: string;
  readonly helpdeskUri: string;
  readonly displayName: string;
}

/** Seconds after which a page may ask again when the platform could not be reached. */
const retryAfter = 5;

/**
 * Makes the function behind the token route. It throws {@link RefusalError}: 400 for a body that is no request, 404 for
 * an unknown key, 403 for a page that may not show this helpdesk, 503 while the platform cannot be reached.
 */
export function createHelpdeskToken(deps: Pick<Deps, 'db' | 'service' | 'log'>, discover: Discovery) {
  return async ({ body, origin }: HelpdeskTokenRequest): Promise<HelpdeskToken> => {
    const publicKey = readKey(body);
    const helpdesk = await findHelpdeskByKey(deps.db, publicKey);
    if (!helpdesk) throw new RefusalError(404, 'no helpdesk has this key', { parameters: { helpdesk: 'unknown' } });
    if (origin !== undefined && !listsOrigin(helpdesk.allowedOrigins, origin)) {
      throw new RefusalError(403, 'this page may not show this helpdesk', { subcode: 'NotAllowed' });
    }
    try {
      const { token, expiresAtMs, discoverHref } = await issueAnonToken(deps, await discover(helpdesk.uri), {
        applicationSessionId: randomUUID(),
        origin,
        allowedOrigins: helpdesk.allowedOrigins,
      });
      return {
        token,
        expiryTime: toWireDate(expiresAtMs),
        discoverUrl: discoverHref,
        helpdeskUri: helpdesk.uri,
        displayName: helpdesk.displayName,
      };
    } catch (cause) {
      deps.log.warn({ helpdesk: helpdesk.uri, why: reasonOf(cause) }, 'no token for a visitor');
      throw new RefusalError(503, 'the chat service cannot be reached at the moment', { retryAfter, cause });
    }
  };
}

/** Whether any helpdesk may be shown on pages of this origin: then scripts there may read the errors, too. */
export async function isAllowedOrigin(db: Database, origin: string): Promise<boolean> {
  return (await listHelpdesks(db)).some((helpdesk) => listsOrigin(helpdesk.allowedOrigins, origin));
}

/** Scheme, host and port, exactly; only letter case and the default port do not count (reference/auth.md 4). */
function listsOrigin(allowed: readonly string[], origin: string): boolean {
  const wanted = normalOrigin(origin);
  return wanted !== undefined && allowed.some((one) => normalOrigin(one) === wanted);
}

function normalOrigin(text: string): string | undefined {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null';
  return origin === 'null' ? undefined : origin;
}

function readKey(body: string): string {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch (cause) {
    throw new RefusalError(400, 'the body is no JSON', { subcode: 'DeserializationFailure', cause });
  }
  const key = typeof request === 'object' && request !== null && 'helpdesk' in request ? request.helpdesk : undefined;
  if (typeof key === 'string' && key !== '' && key.length <= 100) return storableText(key);
  throw new RefusalError(400, 'helpdesk is missing or no text', {
    subcode: 'ParameterValidationFailure',
    parameters: { helpdesk: key === undefined ? 'missing' : 'invalid' },
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
}
