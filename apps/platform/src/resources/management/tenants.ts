/** Tenants: one customer organisation each, named by its domain. */
import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { normalizeOrigin } from '../../auth/cors.ts';
import type { Deps } from '../../deps.ts';
import { invalidParameters } from '../../errors.ts';
import { readInput } from '../../input.ts';
import type { Tenant } from '../../model/registration.ts';
import { audit } from './audit.ts';
import { completed, isForced, param, refuse, tenantOf } from './inputs.ts';
import { pageOf } from './lists.ts';
import { removeTenant } from './removal.ts';

const origins = z.array(z.string()).optional();
export const tenantInput = z.object({
  displayName: z.string().min(1).max(250).optional(),
  allowedOrigins: origins,
  xframeOrigins: origins,
  anonymousMeetingOrigins: origins,
});
type TenantSettings = Required<Omit<Tenant, 'id' | 'domain'>>;
const defaults = { allowedOrigins: [], xframeOrigins: [], anonymousMeetingOrigins: [] };
const listsOfOrigins = ['allowedOrigins', 'xframeOrigins', 'anonymousMeetingOrigins'] as const;

export function registerManagedTenants(app: FastifyInstance, deps: Deps): void {
  const { store } = deps;

  app.get('/management/tenants', async (request) => {
    const { found, next } = await pageOf(request, store, 'tenant', () => true);
    return { tenants: found.map(tenantAnswer), next };
  });

  app.get('/management/tenants/:domain', async (request) =>
    tenantAnswer(await store.read((snapshot) => tenantOf(snapshot, request))),
  );

  app.put('/management/tenants/:domain', async (request) => {
    const domain = param(request, 'domain');
    if (!/^[a-z0-9.-]+$/.test(domain)) throw invalidParameters({ domain: 'invalid' });
    const input = { ...readInput(request, tenantInput) };
    for (const name of listsOfOrigins) {
      input[name] = input[name]?.map((origin) => normalizeOrigin(origin) ?? refuse(name));
    }
    const { tenant, isChanged } = await store.commit((transaction) => {
      const known = transaction.get('tenant', domain);
      const settings = completed<TenantSettings, 'displayName'>(input, known, defaults, ['displayName']);
      const tenant: Tenant = { ...settings, id: known?.id ?? deps.newId(), domain };
      const isChanged = !isDeepStrictEqual(tenant, known);
      if (isChanged) transaction.put('tenant', domain, tenant);
      return { tenant, isChanged };
    });
    if (isChanged) audit(request, 'tenant.put', { ...tenantAnswer(tenant) });
    return tenantAnswer(tenant);
  });

  app.delete('/management/tenants/:domain', async (request, reply) => {
    const domain = param(request, 'domain');
    const tenant = await store.read((snapshot) => snapshot.get('tenant', domain));
    if (tenant !== undefined) {
      const removed = await removeTenant(deps, tenant, isForced(request));
      audit(request, 'tenant.delete', { domain, ...removed });
    }
    return reply.code(204).send();
  });
}

function tenantAnswer({ id, domain, ...rest }: Tenant) {
  return { tenantId: id, domain, ...defaults, ...rest };
}
