/** Service applications that a tenant has consented to (reference/auth.md 8). */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { relPrefixes } from '@repo/ucwa-protocol/rels';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { hashSecret, matchingSecret } from '../../auth/clientSecret.ts';
import type { Deps } from '../../deps.ts';
import { isCidr } from '../../events/callbackAddresses.ts';
import { isCallbackHost } from '../../events/callbackUrls.ts';
import { readInput } from '../../input.ts';
import { type Permission, permissions, type ServiceClient, serviceClientKey } from '../../model/registration.ts';
import { audit } from './audit.ts';
import { applicationOf, completed, isForced, param, tenantOf } from './inputs.ts';
import { pageOf } from './lists.ts';
import { removeApplication } from './removal.ts';
import { withOnlySecret } from './secrets.ts';

export const applicationInput = z.object({
  displayName: z.string().min(1).max(250).optional(),
  audience: z.string().min(1).optional(),
  relPrefix: z.enum(relPrefixes).optional(),
  permissions: z.array(z.enum(Object.values(permissions) as [Permission, ...Permission[]])).optional(),
  privileged: z.boolean().optional(),
  callbackHosts: z.array(z.string().refine(isCallbackHost)).optional(),
  callbackCidrs: z.array(z.string().refine(isCidr)).optional(),
  actForUsers: z.boolean().optional(),
  clientSecret: z.string().min(16).optional(),
});
type Settings = Required<Omit<ServiceClient, 'clientId' | 'tenantId' | 'secretHashes' | 'secretDates'>>;
const defaults = {
  relPrefix: 'ms:rtc:saas:',
  permissions: Object.values(permissions),
  privileged: false,
  callbackHosts: [],
  callbackCidrs: [],
  actForUsers: false,
} as const;

export function registerManagedApplications(app: FastifyInstance, deps: Deps): void {
  const { store, clock } = deps;

  app.get('/management/tenants/:domain/applications', async (request) => {
    const { id } = await store.read((snapshot) => tenantOf(snapshot, request));
    const prefix = serviceClientKey(id, '');
    const { found, next } = await pageOf(request, store, 'serviceClient', (key) => key.startsWith(prefix));
    return { applications: found.map(applicationAnswer), next };
  });

  app.get('/management/tenants/:domain/applications/:clientId', async (request) =>
    applicationAnswer(await store.read((snapshot) => applicationOf(snapshot, request))),
  );

  app.put('/management/tenants/:domain/applications/:clientId', async (request) => {
    const { clientSecret: given, ...input } = readInput(request, applicationInput);
    const clientId = param(request, 'clientId');
    const tenant = await store.read((snapshot) => tenantOf(snapshot, request));
    const key = serviceClientKey(tenant.id, clientId);
    const before = await store.read((snapshot) => snapshot.get('serviceClient', key));
    const made = given === undefined && before === undefined ? randomBytes(32).toString('base64url') : undefined;
    const secret = given ?? made;
    const known = secret === undefined ? undefined : await matchingSecret(secret, before?.secretHashes ?? []);
    const hash = secret === undefined ? undefined : (known ?? (await hashSecret(secret)));
    const { client, isChanged } = await store.commit((transaction) => {
      const stored = transaction.get('serviceClient', key);
      const settings = completed<Settings, 'displayName' | 'audience'>(input, stored, defaults, [
        'displayName',
        'audience',
      ]);
      const secrets = withOnlySecret(stored, hash, clock.now());
      const client: ServiceClient = { ...settings, ...secrets, clientId, tenantId: tenant.id };
      const isChanged = !isDeepStrictEqual(client, stored);
      if (isChanged) transaction.put('serviceClient', key, client);
      return { client, isChanged };
    });
    if (isChanged) audit(request, 'application.put', { domain: tenant.domain, ...applicationAnswer(client) });
    // A secret that was made here is shown once; it is kept as a digest only.
    return { ...applicationAnswer(client), ...(made === undefined ? {} : { clientSecret: made }) };
  });

  app.delete('/management/tenants/:domain/applications/:clientId', async (request, reply) => {
    const tenant = await store.read((snapshot) => tenantOf(snapshot, request));
    const key = serviceClientKey(tenant.id, param(request, 'clientId'));
    const client = await store.read((snapshot) => snapshot.get('serviceClient', key));
    if (client !== undefined) {
      const removed = await removeApplication(deps, client, isForced(request));
      audit(request, 'application.delete', { domain: tenant.domain, clientId: client.clientId, ...removed });
    }
    return reply.code(204).send();
  });
}

function applicationAnswer({ secretHashes: _hashes, secretDates: _dates, ...rest }: ServiceClient) {
  return { callbackCidrs: [], ...rest };
}
