/** The visitor's token: `psat=` and a JWT (reference/auth.md 3). */

import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Deps } from '../deps.ts';
import { RequestRefusedError } from '../errors.ts';
import type { AnonymousPrincipal } from '../model/principal.ts';
import { endpointKey, serviceClientKey } from '../model/registration.ts';
import type { Look } from '../model/world.ts';
import { requireServedVersion } from '../resourceVersions.ts';
import type { Snapshot } from '../store/store.ts';
import { anonymousChallenge, bearerToken } from './bearer.ts';
import { requireOrigin } from './cors.ts';
import { type Keys, TokenInvalidError } from './keys.ts';

const prefix = 'psat=';
const lifetimeSeconds = 8 * 3600;
const clockToleranceSeconds = 0;

export interface AnonymousGrant {
  readonly tenantId: string;
  readonly endpointUri: string;
  readonly applicationSessionId: string;
  readonly allowedOrigins: readonly string[];
  /** Meeting variant. */
  readonly meetingUri?: string;
  /** The pool account that serves the request. */
  readonly routingUri: string;
  /** Shorter than the eight hours of a token that an SA asks for. */
  readonly lifetimeSeconds?: number;
  /** Makes two tokens of one session different. */
  readonly tokenId: string;
}

export interface AnonymousTokens {
  /** @returns the token with its prefix and its end in milliseconds */
  issue(grant: AnonymousGrant): Promise<{ readonly token: string; readonly expiresAt: number }>;
  /** @throws TokenInvalidError */
  verify(token: string): Promise<AnonymousPrincipal>;
}

export function createAnonymousTokens(keys: Keys, clock: Clock, publicUrl: string): AnonymousTokens {
  const audience = `${publicUrl}/ucwa/psanon`;
  return {
    issue: async (grant) => {
      const now = Math.floor(clock.now() / 1000);
      const exp = now + (grant.lifetimeSeconds ?? lifetimeSeconds);
      const claims = {
        nbf: now,
        exp,
        ruu: grant.routingUri,
        asi: grant.applicationSessionId,
        aeu: grant.endpointUri,
        ao: grant.allowedOrigins.join(';'),
        ...(grant.meetingUri === undefined
          ? {}
          : { confid: grant.meetingUri, ucwaext: `${publicUrl}/ucwa/psanon/v1/applications` }),
        iss: publicUrl,
        aud: audience,
        tid: grant.tenantId,
        jti: grant.tokenId,
      };
      return { token: `${prefix}${await keys.sign(claims, false)}`, expiresAt: exp * 1000 };
    },
    verify: async (token) => {
      if (!token.toLowerCase().startsWith(prefix)) throw new TokenInvalidError('the prefix is missing');
      const options = { issuer: publicUrl, audience, clockToleranceSeconds };
      return principalOf(await keys.verify(token.slice(prefix.length), options));
    },
  };
}

function principalOf(claims: Readonly<Record<string, unknown>>): AnonymousPrincipal {
  const { tid, aeu, asi, ao, confid, exp } = claims;
  if (typeof tid !== 'string' || typeof aeu !== 'string' || typeof asi !== 'string' || typeof ao !== 'string') {
    throw new TokenInvalidError('a claim is missing');
  }
  return {
    kind: 'anonymous',
    tenantId: tid,
    endpointUri: normalizeSipUri(aeu),
    applicationSessionId: asi,
    allowedOrigins: ao.split(';'),
    expiresAt: Number(exp) * 1000,
    ...(typeof confid === 'string' ? { meetingUri: confid } : {}),
  };
}

/** The token as it stands in a discover href: the `=` is escaped twice (reference/auth.md 3.1). */
export function escapeForContext(token: string): string {
  return token.replace(/^psat=/, 'psat%253d');
}

/**
 * Undoes the escapes of a context parameter that the query parser has decoded once: at most twice more.
 * @returns undefined when no `psat=` appears
 */
export function decodeContext(value: string): string | undefined {
  let text = value;
  for (let round = 0; round <= 2; round += 1) {
    if (text.toLowerCase().startsWith(prefix)) return text;
    try {
      text = decodeURIComponent(text);
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** preHandler of `/ucwa/psanon`: sets `request.principal` and lets the token's origins read the answer. */
export function authenticateAnonymous(deps: Deps): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    request.principal = await admitVisitor(deps, request, bearerToken(request));
    requireServedVersion(request, reply);
  };
}

/**
 * Checks a visitor's token, the origin that it names and the registration behind it, in this order (reference/auth.md 3.2).
 * @throws UnauthorizedError, RequestRefusedError 403
 */
export async function admitVisitor(
  deps: Pick<Deps, 'tokens' | 'store' | 'publicUrl'>,
  request: FastifyRequest,
  token: string | undefined,
): Promise<AnonymousPrincipal> {
  const principal = await verifyOrChallenge(deps, request, token);
  requireOrigin(request, deps.publicUrl, ruleOf(principal.allowedOrigins));
  const registered = await deps.store.read((snapshot) => {
    if (isMadeByKey(snapshot, principal)) return mayJoinByKey(snapshot, principal.tenantId);
    const endpoint = snapshot.get('endpoint', endpointKey(principal.endpointUri));
    if (endpoint === undefined || endpoint.tenantId !== principal.tenantId) return false;
    return snapshot.get('serviceClient', serviceClientKey(endpoint.tenantId, endpoint.clientId)) !== undefined;
  });
  if (!registered) throw new RequestRefusedError(403, { message: 'The endpoint of this token is not registered' });
  return principal;
}

/** A page that may send for itself may send through the frame, if it gets that far. */
const ruleOf = (origins: readonly string[]) => ({ allowed: origins, framed: origins });

/** A token for a meeting's key names the meeting's organizer, an account of the service, where others name an endpoint. */
function isMadeByKey(look: Look, { meetingUri, endpointUri }: AnonymousPrincipal): boolean {
  return meetingUri !== undefined && look.get('meeting', meetingUri)?.organizerUri === endpointUri;
}

function mayJoinByKey(snapshot: Snapshot, tenantId: string): boolean {
  const tenants = snapshot.ids('tenant').map((domain) => snapshot.get('tenant', domain));
  return (tenants.find((tenant) => tenant?.id === tenantId)?.anonymousMeetingOrigins ?? []).length > 0;
}

async function verifyOrChallenge(
  deps: Pick<Deps, 'tokens' | 'publicUrl'>,
  request: FastifyRequest,
  token: string | undefined,
): Promise<AnonymousPrincipal> {
  try {
    if (token === undefined) throw new TokenInvalidError('there is none');
    return await deps.tokens.anonymous.verify(token);
  } catch (error) {
    const ao = error instanceof TokenInvalidError ? error.expiredClaims?.ao : undefined;
    if (typeof ao === 'string') requireOrigin(request, deps.publicUrl, ruleOf(ao.split(';')));
    // The answer says nothing but "get a new token"; without these headers the page's script could not learn even that.
    else request.allowedOrigin = request.headers.origin;
    throw anonymousChallenge(request, error);
  }
}
