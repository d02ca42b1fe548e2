/** Tokens of people: issued to the SA for somebody of its tenant (RFC 8693), checked on `/ucwa/oauth/v1`. */

import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Deps } from '../deps.ts';
import { RequestRefusedError } from '../errors.ts';
import { personKey } from '../model/registration.ts';
import { requireServedVersion } from '../resourceVersions.ts';
import { bearerToken, challenge } from './bearer.ts';
import { allowOriginIfListed, originsOfAllTenants, requireOrigin } from './cors.ts';
import { type Keys, TokenInvalidError } from './keys.ts';
import { findTenantById, type IssuedToken, isOfThisIssuer, tokenIssuer } from './serviceToken.ts';

const lifetimeSeconds = 8 * 3600;
const clockToleranceSeconds = 300;
/** The scopes that a desk needs (reference/auth.md 7). */
const scopes = 'Conversations.Initiate Conversations.Receive Meetings.ReadWrite User.ReadWrite';

export interface AgentIdentity {
  readonly tenantId: string;
  readonly uri: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface AgentTokens {
  issue(person: { tenantId: string; uri: string; clientId: string }): Promise<IssuedToken>;
  /** @throws TokenInvalidError when it is no valid token of a person */
  verify(token: string): Promise<AgentIdentity>;
}

export function createAgentTokens(keys: Keys, clock: Clock, publicUrl: string): AgentTokens {
  return {
    issue: async ({ tenantId, uri, clientId }) => {
      const now = Math.floor(clock.now() / 1000);
      const claims = {
        iss: tokenIssuer(publicUrl, tenantId),
        aud: publicUrl,
        sub: uri,
        upn: uri,
        tid: tenantId,
        scp: scopes,
        azp: clientId,
        iat: now,
        nbf: now,
        exp: now + lifetimeSeconds,
      };
      return { token: await keys.sign(claims, true), expiresInSeconds: lifetimeSeconds };
    },
    verify: async (token) => {
      const claims = await keys.verify(token, { audience: publicUrl, clockToleranceSeconds });
      const { upn, tid, scp, exp } = claims;
      const isPersons = typeof upn === 'string' && typeof scp === 'string' && typeof tid === 'string';
      if (!isPersons || !isOfThisIssuer(claims, publicUrl)) throw new TokenInvalidError('not a token of a person');
      return { tenantId: tid, uri: normalizeSipUri(upn), expiresAt: (exp ?? 0) * 1000 };
    },
  };
}

/** preHandler of `/ucwa/oauth/v1`: sets `request.principal` and lets the origins of the tenant read the answer. */
export function authenticatePerson(deps: Deps): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    const identity = await identityOrChallenge(deps, request);
    const tenant = await findTenantById(deps, identity.tenantId);
    if (tenant === undefined) throw new RequestRefusedError(403, { message: 'The tenant is not known' });
    const { allowedOrigins: allowed, xframeOrigins: framed = [] } = tenant;
    requireOrigin(request, deps.publicUrl, { allowed, framed });
    const person = await deps.store.read((snapshot) => snapshot.get('person', personKey(identity.uri)));
    if (person === undefined || person.tenantId !== tenant.id) {
      throw new RequestRefusedError(403, { message: 'The person is not registered in this tenant' });
    }
    request.principal = { kind: 'person', ...identity, person };
    requireServedVersion(request, reply);
  };
}

async function identityOrChallenge(deps: Deps, request: FastifyRequest): Promise<AgentIdentity> {
  const token = bearerToken(request);
  try {
    if (token === undefined) throw new TokenInvalidError('there is none');
    return await deps.tokens.agent.verify(token);
  } catch (error) {
    allowOriginIfListed(request, await originsOfAllTenants(deps.store));
    throw challenge(deps.publicUrl, error);
  }
}
