/** Tokens of service applications: issue and the checks of reference/auth.md 2.2, in their order. */
import type { FastifyRequest } from 'fastify';
import type { JWTPayload } from 'jose';
import type { Clock } from '../clock.ts';
import type { Deps } from '../deps.ts';
import { RequestRefusedError } from '../errors.ts';
import { queryValue } from '../input.ts';
import { endpointKey, serviceClientKey, type Tenant } from '../model/registration.ts';
import { applicationNotFound, bearerToken, challenge } from './bearer.ts';
import { type Keys, TokenInvalidError } from './keys.ts';

const lifetimeSeconds = 3600;
const clockToleranceSeconds = 300;

export interface IssuedToken {
  readonly token: string;
  readonly expiresInSeconds: number;
}

export interface ServiceIdentity {
  readonly tenantId: string;
  readonly clientId: string;
}

export interface ServiceTokens {
  issue(identity: ServiceIdentity): Promise<IssuedToken>;
  /** @throws TokenInvalidError when it is no valid application token of this server */
  verify(token: string): Promise<ServiceIdentity>;
}

export function createServiceTokens(keys: Keys, clock: Clock, publicUrl: string): ServiceTokens {
  return {
    issue: async ({ tenantId, clientId }) => {
      const now = Math.floor(clock.now() / 1000);
      const claims = {
        iss: tokenIssuer(publicUrl, tenantId),
        aud: publicUrl,
        appid: clientId,
        oid: clientId,
        sub: clientId,
        tid: tenantId,
        iat: now,
        nbf: now,
        exp: now + lifetimeSeconds,
        ver: '1.0',
      };
      return { token: await keys.sign(claims, true), expiresInSeconds: lifetimeSeconds };
    },
    verify: async (token) => {
      const claims = await keys.verify(token, { audience: publicUrl, clockToleranceSeconds });
      const { appid, tid } = claims;
      const isPersons = claims.upn !== undefined || claims.scp !== undefined;
      if (isPersons || !isOfThisIssuer(claims, publicUrl) || typeof appid !== 'string' || typeof tid !== 'string') {
        throw new TokenInvalidError('not an application token');
      }
      return { tenantId: tid, clientId: appid };
    },
  };
}

/** Issuer of everything that a tenant's token route hands out. */
export function tokenIssuer(publicUrl: string, tenantId: string): string {
  return `${publicUrl}/oauth2/${tenantId}`;
}

/** Whether the issuer is the one of the token's own tenant. */
export function isOfThisIssuer(claims: JWTPayload, publicUrl: string): boolean {
  return typeof claims.tid === 'string' && claims.iss === tokenIssuer(publicUrl, claims.tid);
}

/** Tenant by its id; they are few and kept by domain. */
export function findTenantById(deps: Pick<Deps, 'store'>, tenantId: string): Promise<Tenant | undefined> {
  return deps.store.read((snapshot) =>
    snapshot
      .ids('tenant')
      .map((domain) => snapshot.get('tenant', domain))
      .find((tenant) => tenant?.id === tenantId),
  );
}

/** preHandler of every `/platformservice` route except discover: sets `request.principal`. */
export function authenticateService(deps: Deps): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const token = bearerToken(request);
    if (token === undefined) throw challenge(deps.publicUrl);
    const identity = await verifyOrChallenge(deps, token);
    if ((await findTenantById(deps, identity.tenantId)) === undefined) {
      throw new RequestRefusedError(403, { message: 'The tenant is not known' });
    }
    const endpointId = queryValue(request, 'endpointId');
    if (endpointId === undefined) throw applicationNotFound();
    const { endpoint, client } = await deps.store.read((snapshot) => ({
      endpoint: snapshot.get('endpoint', endpointKey(endpointId)),
      client: snapshot.get('serviceClient', serviceClientKey(identity.tenantId, identity.clientId)),
    }));
    const isOwn =
      endpoint?.tenantId === identity.tenantId && endpoint.clientId.toLowerCase() === identity.clientId.toLowerCase();
    if (endpoint === undefined || client === undefined || !isOwn) throw applicationNotFound();
    const { applicationId } = request.params as { applicationId?: string };
    if (applicationId !== undefined && applicationId !== endpoint.applicationId) {
      throw new RequestRefusedError(404, { subcode: 'ApplicationNotFound', message: 'There is no such application' });
    }
    request.principal = { kind: 'service', ...identity, client, endpoint };
  };
}

async function verifyOrChallenge(deps: Deps, token: string): Promise<ServiceIdentity> {
  try {
    return await deps.tokens.service.verify(token);
  } catch (error) {
    throw challenge(deps.publicUrl, error);
  }
}
