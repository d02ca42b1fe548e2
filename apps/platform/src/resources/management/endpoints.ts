/** Endpoints: the addresses of a service application inside a tenant, each with the URL that it is called back at. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { sipDomain } from '@repo/ucwa-protocol/sipUri';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { invalidParameters } from '../../errors.ts';
import { isAllowedCallbackUrl } from '../../events/callbackUrls.ts';
import { readInput } from '../../input.ts';
import { type Endpoint, endpointKey, type ServiceClient, serviceClientKey } from '../../model/registration.ts';
import { audit } from './audit.ts';
import { completed, isForced, notFound, ownUri, param, tenantOf } from './inputs.ts';
import { documentsOf, pageOf } from './lists.ts';
import { removeEndpoint } from './removal.ts';

export const endpointInput = z.object({
  clientId: z.string().min(1).max(250).optional(),
  displayName: z.string().min(1).max(250).optional(),
  callbackUrl: z.url().optional(),
  audience: z.string().min(1).optional(),
});
type Settings = Pick<Endpoint, 'clientId' | 'displayName' | 'callbackUrl' | 'audience'>;
const base = '/management/tenants/:domain/endpoints';

export function registerManagedEndpoints(app: FastifyInstance, deps: Deps): void {
  const { store } = deps;

  app.get(base, async (request) => {
    const { domain } = await store.read((snapshot) => tenantOf(snapshot, request));
    const { found, next } = await pageOf(request, store, 'endpoint', (uri) => sipDomain(uri) === domain);
    return { endpoints: found, next };
  });

  app.get(`${base}/:sipUri`, async (request) =>
    store.read((snapshot) => {
      const endpoint = snapshot.get('endpoint', endpointKey(param(request, 'sipUri')));
      return endpoint?.tenantId === tenantOf(snapshot, request).id ? endpoint : notFound('endpoint');
    }),
  );

  app.put(`${base}/:sipUri`, async (request) => {
    const input = readInput(request, endpointInput);
    const uri = endpointKey(ownUri(request));
    const taken = await takenApplicationIds(deps, uri, input.clientId);
    const { endpoint, isChanged } = await store.commit((transaction) => {
      const tenant = tenantOf(transaction, request);
      const known = transaction.get('endpoint', uri);
      const settings = completed<Settings, 'clientId' | 'displayName' | 'callbackUrl'>(input, known, {}, [
        'clientId',
        'displayName',
        'callbackUrl',
      ]);
      const client = transaction.get('serviceClient', serviceClientKey(tenant.id, settings.clientId));
      if (client === undefined) throw invalidParameters({ clientId: 'unknown' });
      if (!isAllowedCallbackUrl(client, settings.callbackUrl))
        throw invalidParameters({ callbackUrl: 'not on a registered host' });
      const applicationId =
        known?.clientId === client.clientId ? known.applicationId : newApplicationId(taken, client, uri);
      const endpoint: Endpoint = {
        ...settings,
        uri,
        tenantId: tenant.id,
        clientId: client.clientId,
        applicationId,
      };
      const isChanged = !isDeepStrictEqual(endpoint, known);
      if (isChanged) transaction.put('endpoint', uri, endpoint);
      return { endpoint, isChanged };
    });
    if (isChanged)
      audit(request, 'endpoint.put', {
        domain: param(request, 'domain'),
        ...endpoint,
        callbackUrl: told(endpoint.callbackUrl),
      });
    return endpoint;
  });

  app.delete(`${base}/:sipUri`, async (request, reply) => {
    const uri = endpointKey(ownUri(request));
    const endpoint = await store.read((snapshot) => {
      tenantOf(snapshot, request);
      return snapshot.get('endpoint', uri);
    });
    if (endpoint !== undefined) {
      const removed = await removeEndpoint(deps, endpoint, isForced(request));
      audit(request, 'endpoint.delete', { domain: param(request, 'domain'), uri, ...removed });
    }
    return reply.code(204).send();
  });
}

/** What the log may say of a callback URL: its query is often a secret. */
function told(callbackUrl: string): string {
  const { origin, pathname } = new URL(callbackUrl);
  return `${origin}${pathname}`;
}

/** Of all endpoints when this one needs an id; read before the commit, which would be a long one. */
async function takenApplicationIds(
  { store }: Deps,
  uri: string,
  clientId: string | undefined,
): Promise<ReadonlySet<string>> {
  const taken = new Set<string>();
  const known = await store.read((snapshot) => snapshot.get('endpoint', uri));
  if (known !== undefined && (clientId ?? known.clientId) === known.clientId) return taken;
  for await (const { document } of documentsOf(store, 'endpoint')) taken.add(document.applicationId);
  return taken;
}

/** Ten digits that no other endpoint has. */
function newApplicationId(taken: ReadonlySet<string>, { tenantId, clientId }: ServiceClient, uri: string): string {
  for (let round = 0; ; round += 1) {
    const digest = createHash('sha256').update(`${tenantId} ${clientId} ${uri} ${round}`).digest();
    const candidate = String(1_000_000_000 + (digest.readUIntBE(0, 6) % 9_000_000_000));
    if (!taken.has(candidate)) return candidate;
  }
}
