/** How callbacks to a tenant's applications went, and batches that were given up: looked at and delivered again. No message text. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { RequestRefusedError } from '../../errors.ts';
import { readInput } from '../../input.ts';
import {
  type DeliveryAttempt,
  type DeliveryRecord,
  deliveryOutcomes,
  type GivenUpBatch,
  givenUpKey,
} from '../../model/deliveries.ts';
import { endpointKey, type Tenant } from '../../model/registration.ts';
import { audit } from './audit.ts';
import { isoDate, notFound, param, tenantOf } from './inputs.ts';
import { documentsOf } from './lists.ts';

export const callbacksFilter = z.object({
  endpoint: z.string().optional(),
  outcome: z.enum([...deliveryOutcomes, 'givenUp']).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
type Filter = z.output<typeof callbacksFilter>;
const base = '/management/tenants/:domain/callbacks';

export function registerManagedCallbacks(app: FastifyInstance, deps: Deps): void {
  const { store, deliveryLog } = deps;

  app.get(base, async (request) => {
    const tenant = await store.read((snapshot) => tenantOf(snapshot, request));
    const filter = readInput(request, callbacksFilter);
    await deliveryLog.write();
    return {
      attempts: filter.outcome === 'givenUp' ? [] : await latestAttempts(deps, tenant, filter),
      givenUp: filter.outcome === undefined || filter.outcome === 'givenUp' ? await givenUp(deps, tenant, filter) : [],
    };
  });

  app.get(`${base}/:conversationId`, async (request) => {
    await deliveryLog.write();
    const id = param(request, 'conversationId');
    const { tenant, record } = await store.read((snapshot) => ({
      tenant: tenantOf(snapshot, request),
      record: snapshot.get('deliveryRecord', id),
    }));
    const kept = (await givenUp(deps, tenant, { limit: 1000 })).filter(({ conversationId }) => conversationId === id);
    const isOwn = record?.tenantId === tenant.id;
    if (!isOwn && kept.length === 0) notFound('conversation that was called back');
    return { attempts: isOwn ? attemptsOf(id, record).reverse() : [], givenUp: kept };
  });

  app.post(`${base}/:conversationId/:ack/replay`, async (request) => {
    const batch = await ownBatch(deps, request);
    const result = await deps.replayCallback(batch);
    if (result === undefined) notFound('endpoint');
    const { conversationId, ack } = batch;
    audit(request, 'callback.replay', { domain: param(request, 'domain'), conversationId, ack, ...result });
    return { conversationId, ack, ...result };
  });
}

/** @throws RequestRefusedError 404, 409 for one whose time is over */
async function ownBatch({ store, clock }: Deps, request: FastifyRequest): Promise<GivenUpBatch> {
  const key = givenUpKey(param(request, 'conversationId'), Number(param(request, 'ack')));
  const batch = await store.read((snapshot) => {
    const { id } = tenantOf(snapshot, request);
    const found = snapshot.get('givenUpBatch', key);
    return found?.tenantId === id ? found : notFound('batch that was given up');
  });
  if (batch.keptUntil <= clock.now()) throw new RequestRefusedError(404, { message: 'The batch is no longer kept' });
  return batch;
}

/** Of all conversations, the latest first. */
async function latestAttempts({ store }: Deps, tenant: Tenant, { endpoint, outcome, limit }: Filter) {
  const attempts: ReturnType<typeof attemptAnswer>[] = [];
  for await (const { id, document } of documentsOf(store, 'deliveryRecord')) {
    if (document.tenantId !== tenant.id || !isAt(document.endpointUri, endpoint)) continue;
    attempts.push(...attemptsOf(id, document).filter((one) => outcome === undefined || one.outcome === outcome));
  }
  return attempts.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1)).slice(0, limit);
}

async function givenUp({ store }: Deps, tenant: Tenant, { endpoint, limit }: Pick<Filter, 'endpoint' | 'limit'>) {
  const batches: ReturnType<typeof batchAnswer>[] = [];
  for await (const { document } of documentsOf(store, 'givenUpBatch')) {
    if (document.tenantId === tenant.id && isAt(document.target.endpointUri, endpoint))
      batches.push(batchAnswer(document));
  }
  return batches.sort((a, b) => (a.failedAt < b.failedAt ? 1 : -1)).slice(0, limit);
}

const isAt = (uri: string, wanted: string | undefined): boolean =>
  wanted === undefined || endpointKey(wanted) === endpointKey(uri);

const attemptsOf = (conversationId: string, { endpointUri, attempts }: DeliveryRecord) =>
  attempts.map((attempt) => attemptAnswer(conversationId, endpointUri, attempt));

function attemptAnswer(conversationId: string, endpoint: string, { startedAt, ...rest }: DeliveryAttempt) {
  return { conversationId, endpoint, startedAt: isoDate(startedAt), ...rest };
}

function batchAnswer({ conversationId, ack, target, events, failedAt, keptUntil }: GivenUpBatch) {
  const endpoint = target.endpointUri;
  return {
    conversationId,
    endpoint,
    ack,
    events: events.length,
    failedAt: isoDate(failedAt),
    keptUntil: isoDate(keptUntil),
  };
}
