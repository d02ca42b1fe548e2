/** What operators set up: tenants, applications, endpoints, people (reference/auth.md 8). Every PUT may be repeated. */
import { createHash, randomBytes } from 'node:crypto';
import { relPrefixes } from '@repo/ucwa-protocol/rels';
import { isSipUri, sipDomain } from '@repo/ucwa-protocol/sipUri';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { hashSecret, isSecret } from '../auth/clientSecret.ts';
import { normalizeOrigin } from '../auth/cors.ts';
import { authenticateOperator } from '../auth/operator.ts';
import type { Deps } from '../deps.ts';
import { invalidParameters, RequestRefusedError } from '../errors.ts';
import { isAllowedCallbackUrl } from '../events/callbackUrls.ts';
import { readInput } from '../input.ts';
import {
  type Endpoint,
  endpointKey,
  type Permission,
  permissions,
  personKey,
  type ServiceClient,
  serviceClientKey,
  type Tenant,
} from '../model/registration.ts';
import type { Snapshot } from '../store/store.ts';

const name = z.string().min(1).max(250);
const tenantInput = z.object({ displayName: name, allowedOrigins: z.array(z.string()).default([]) });
const applicationInput = z.object({
  displayName: name,
  audience: z.string().min(1),
  relPrefix: z.enum(relPrefixes).default('ms:rtc:saas:'),
  permissions: z
    .array(z.enum(Object.values(permissions) as [Permission, ...Permission[]]))
    .default(Object.values(permissions)),
  privileged: z.boolean().default(false),
  callbackHosts: z.array(z.string().min(1)).default([]),
  actForUsers: z.boolean().default(false),
  clientSecret: z.string().min(16).optional(),
});
const endpointInput = z.object({
  clientId: name,
  displayName: name,
  callbackUrl: z.url(),
  audience: z.string().min(1).optional(),
});
const personInput = z.object({ displayName: name });

export function registerManagement(app: FastifyInstance, deps: Deps): void {
  const options = { preHandler: authenticateOperator(deps.operatorToken) };
  const { store } = deps;

  app.put('/management/tenants/:domain', options, async (request) => {
    const domain = param(request, 'domain');
    const { displayName, allowedOrigins } = readInput(request, tenantInput);
    if (!/^[a-z0-9.-]+$/.test(domain)) throw invalidParameters({ domain: 'invalid' });
    const origins = allowedOrigins.map((origin) => normalizeOrigin(origin) ?? refuse('allowedOrigins'));
    return store.commit((transaction): TenantAnswer => {
      const id = transaction.get('tenant', domain)?.id ?? deps.newId();
      const tenant: Tenant = { id, domain, displayName, allowedOrigins: origins };
      transaction.put('tenant', domain, tenant);
      return tenantAnswer(tenant);
    });
  });
  app.get('/management/tenants/:domain', options, async (request) =>
    tenantAnswer(await store.read((snapshot) => tenantOf(snapshot, request))),
  );

  app.put('/management/tenants/:domain/applications/:clientId', options, async (request) => {
    const input = readInput(request, applicationInput);
    const tenant = await store.read((snapshot) => tenantOf(snapshot, request));
    const key = serviceClientKey(tenant.id, param(request, 'clientId'));
    const known = await store.read((snapshot) => snapshot.get('serviceClient', key));
    const { clientSecret = known === undefined ? randomBytes(32).toString('base64url') : undefined, ...rest } = input;
    const isKnown =
      clientSecret === undefined || (known !== undefined && (await isSecret(clientSecret, known.secretHashes)));
    const secretHashes = isKnown && known !== undefined ? known.secretHashes : [await hashSecret(clientSecret ?? '')];
    const client: ServiceClient = { clientId: param(request, 'clientId'), tenantId: tenant.id, ...rest, secretHashes };
    await store.commit((transaction) => transaction.put('serviceClient', key, client));
    // A secret that was made here is shown once; it is kept as a digest only.
    return {
      ...clientAnswer(client),
      ...(input.clientSecret === undefined && known === undefined ? { clientSecret } : {}),
    };
  });
  app.get('/management/tenants/:domain/applications/:clientId', options, async (request) =>
    store.read((snapshot) => {
      const key = serviceClientKey(tenantOf(snapshot, request).id, param(request, 'clientId'));
      return clientAnswer(snapshot.get('serviceClient', key) ?? notFound('application'));
    }),
  );

  app.put('/management/tenants/:domain/endpoints/:sipUri', options, async (request) => {
    const input = readInput(request, endpointInput);
    const uri = endpointKey(ownUri(request));
    return store.commit((transaction): Endpoint => {
      const tenant = tenantOf(transaction, request);
      const client = transaction.get('serviceClient', serviceClientKey(tenant.id, input.clientId));
      if (client === undefined) throw invalidParameters({ clientId: 'unknown' });
      if (!isAllowedCallbackUrl(client, input.callbackUrl))
        throw invalidParameters({ callbackUrl: 'not on a registered host' });
      const known = transaction.get('endpoint', uri);
      const applicationId =
        known?.clientId === client.clientId ? known.applicationId : newApplicationId(transaction, client, uri);
      const { displayName, callbackUrl, audience } = input;
      const endpoint: Endpoint = {
        uri,
        tenantId: tenant.id,
        clientId: client.clientId,
        applicationId,
        displayName,
        callbackUrl,
        ...(audience === undefined ? {} : { audience }),
      };
      transaction.put('endpoint', uri, endpoint);
      return endpoint;
    });
  });
  app.get('/management/tenants/:domain/endpoints/:sipUri', options, async (request) =>
    store.read((snapshot) => {
      const endpoint = snapshot.get('endpoint', endpointKey(param(request, 'sipUri')));
      return endpoint?.tenantId === tenantOf(snapshot, request).id ? endpoint : notFound('endpoint');
    }),
  );

  app.put('/management/tenants/:domain/people/:sipUri', options, async (request) => {
    const { displayName } = readInput(request, personInput);
    const uri = personKey(ownUri(request));
    return store.commit((transaction) => {
      const person = { uri, tenantId: tenantOf(transaction, request).id, displayName };
      transaction.put('person', uri, person);
      return person;
    });
  });
  app.get('/management/tenants/:domain/people/:sipUri', options, async (request) =>
    store.read((snapshot) => {
      const person = snapshot.get('person', personKey(param(request, 'sipUri')));
      return person?.tenantId === tenantOf(snapshot, request).id ? person : notFound('person');
    }),
  );
}

function param(request: FastifyRequest, key: 'domain' | 'clientId' | 'sipUri'): string {
  const value = (request.params as Record<string, string>)[key] ?? '';
  return key === 'domain' ? value.toLowerCase() : value;
}

/** A sip uri of the tenant's own domain. */
function ownUri(request: FastifyRequest): string {
  const uri = param(request, 'sipUri');
  if (!isSipUri(uri) || sipDomain(uri) !== param(request, 'domain'))
    throw invalidParameters({ sipUri: 'not a SIP URI of this tenant' });
  return uri;
}

function tenantOf(snapshot: Pick<Snapshot, 'get'>, request: FastifyRequest): Tenant {
  return snapshot.get('tenant', param(request, 'domain')) ?? notFound('tenant');
}

/** Ten digits that no other endpoint has. */
function newApplicationId(snapshot: Pick<Snapshot, 'get' | 'ids'>, client: ServiceClient, uri: string): string {
  const taken = new Set(snapshot.ids('endpoint').map((id) => snapshot.get('endpoint', id)?.applicationId));
  for (let round = 0; ; round += 1) {
    const digest = createHash('sha256').update(`${client.tenantId} ${client.clientId} ${uri} ${round}`).digest();
    const candidate = String(1_000_000_000 + (digest.readUIntBE(0, 6) % 9_000_000_000));
    if (!taken.has(candidate)) return candidate;
  }
}

interface TenantAnswer extends Omit<Tenant, 'id'> {
  readonly tenantId: string;
}

function tenantAnswer({ id, ...rest }: Tenant): TenantAnswer {
  return { tenantId: id, ...rest };
}

function clientAnswer({ secretHashes: _hidden, ...rest }: ServiceClient): Omit<ServiceClient, 'secretHashes'> {
  return rest;
}

function refuse(parameter: string): never {
  throw invalidParameters({ [parameter]: 'invalid' });
}

function notFound(what: string): never {
  throw new RequestRefusedError(404, { message: `There is no such ${what}` });
}
