/** What runs beside the protocol: limits, counts, traces and the end. Made before everything else, because the rest is built on it. */
import type { FastifyInstance } from 'fastify';
import { type AddressOf, createAddressOf } from './clientAddress.ts';
import { createDraining, type Draining } from './draining.ts';
import type { Post } from './events/keepAlivePost.ts';
import { registerInvitationLimits } from './invitationLimits.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { measuredPost, measuredStore } from './metrics/measured.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { operationOf, registerOperationNames } from './operationName.ts';
import { createRateLimits, type RateLimits, type SharedCounts } from './rateLimits.ts';
import type { Store } from './store/store.ts';
import type { Tracing } from './tracing/tracing.ts';

export interface OperationsOptions {
  readonly limits?: Partial<Limits>;
  /** Blocks of addresses whose X-Forwarded-For counts. */
  readonly trustedProxies?: readonly string[];
  /** Opens /metrics to callers from elsewhere, as the operator token does. */
  readonly metricsToken?: string;
  /** Default: without those of the process. */
  readonly metrics?: Metrics;
  /** Default: none. */
  readonly tracing?: Tracing;
  /** Rates are counted there. */
  readonly redis?: SharedCounts;
  /** Of an engine that can be read while it refuses commits. @throws while it does */
  readonly checkCommits?: () => Promise<void>;
}

export interface Operations {
  readonly limits: Limits;
  readonly rates: RateLimits;
  readonly addressOf: AddressOf;
  readonly metrics: Metrics;
  readonly metricsToken: string | undefined;
  readonly draining: Draining;
  readonly tracing: Tracing | undefined;
  /** @throws while the store refuses commits */
  readonly checkCommits: () => Promise<void>;
}

export function createOperations(options: OperationsOptions): Operations {
  const limits = { ...defaultLimits, ...options.limits };
  const metrics = options.metrics ?? createMetrics();
  const draining = createDraining();
  metrics.gauge('platform_draining', '1 while the server finishes what it has begun', () =>
    Number(draining.isDraining),
  );
  return {
    limits,
    rates: createRateLimits(limits, options.redis),
    addressOf: createAddressOf(options.trustedProxies ?? []),
    metrics,
    metricsToken: options.metricsToken,
    draining,
    tracing: options.tracing,
    checkCommits: options.checkCommits ?? (async () => undefined),
  };
}

/** The store as everything else uses it: measured, and traced when somebody collects traces. */
export function watchedStore(store: Store, { metrics, tracing }: Operations): Store {
  const measured = measuredStore(store, metrics);
  return tracing?.store(measured) ?? measured;
}

export function watchedPost(post: Post, { metrics, tracing }: Operations): Post {
  const measured = measuredPost(post, metrics);
  return tracing?.post(measured) ?? measured;
}

/** The hooks around every route. Must be called before all other hooks and routes. */
export function registerOperations(app: FastifyInstance, operations: Operations): void {
  const { metrics, rates, addressOf } = operations;
  registerOperationNames(app);
  operations.tracing?.register(app);
  app.addHook('onResponse', (request, reply, done) => {
    metrics.request(operationOf(request), request.method, reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
  registerInvitationLimits(app, rates, addressOf);
}
