/** Traces, when a collector is configured. What costs something is loaded only then. */
import type { FastifyInstance } from 'fastify';
import type { Post } from '../events/keepAlivePost.ts';
import type { Store } from '../store/store.ts';

export interface Tracing {
  /** A server span for every request. To be called before any other hook is added. */
  register(app: FastifyInstance): void;
  /** The same store with a span for every commit of a request. */
  store(store: Store): Store;
  /** The same way to post, with a span and a `traceparent` for every callback. */
  post(post: Post): Post;
  /** Resolves when every span has been sent, or could not be. */
  stop(): Promise<void>;
}

export interface TracingSettings {
  /** Address of an OTLP collector over HTTP, without `/v1/traces`. */
  readonly endpoint: string;
  readonly serviceName: string;
}

export async function startTracing(settings: TracingSettings): Promise<Tracing> {
  const { createOtlpTracing } = await import('./spans.ts');
  return createOtlpTracing(settings);
}
