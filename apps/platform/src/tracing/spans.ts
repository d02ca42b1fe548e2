/**
 * Spans of requests, commits and callbacks (W3C Trace Context in both directions). They carry names, states and ids: no address with
 * a query, no body, nothing that somebody said.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { idsOf } from '../log.ts';
import { operationOf } from '../operationName.ts';
import type { Tracing, TracingSettings } from './tracing.ts';

export function createOtlpTracing({ endpoint, serviceName }: TracingSettings): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('platform');
  /** The span in which the code that runs has been started. */
  const current = new AsyncLocalStorage<Context>();

  async function within<T>(name: string, kind: SpanKind, run: (span: Span) => Promise<T>): Promise<T> {
    const span = tracer.startSpan(name, { kind }, current.getStore() ?? ROOT_CONTEXT);
    try {
      return await run(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    register: (app) =>
      registerRequestSpans(app, { current, start: (name, from) => startServerSpan(tracer, name, from) }),
    store: (store) => ({
      read: (look) => store.read(look),
      close: () => store.close(),
      commit: (decide) =>
        current.getStore() === undefined
          ? store.commit(decide)
          : within('commit', SpanKind.INTERNAL, () => store.commit(decide)),
    }),
    post: (post) => (url, options) =>
      within('callback', SpanKind.CLIENT, async (span) => {
        span.setAttributes({ 'http.request.method': 'POST', 'server.address': new URL(url).host });
        const headers = { ...options.headers, traceparent: traceparentOf(span) };
        const answer = await post(url, { ...options, headers });
        span.setAttribute('http.response.status_code', answer.status);
        return answer;
      }),
    stop: () => provider.shutdown(),
  };
}

type Tracer = ReturnType<NodeTracerProvider['getTracer']>;

function startServerSpan(tracer: Tracer, name: string, traceparent: string | undefined): Span {
  return tracer.startSpan(name, { kind: SpanKind.SERVER }, parentOf(traceparent));
}

interface RequestSpans {
  readonly current: AsyncLocalStorage<Context>;
  start(name: string, traceparent: string | undefined): Span;
}

function registerRequestSpans(app: FastifyInstance, { current, start }: RequestSpans): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  const contextOf = (span: Span): Context => trace.setSpan(ROOT_CONTEXT, span);
  app.addHook('onRequest', (request, _reply, done) => {
    const { face, rel } = operationOf(request);
    const { traceparent } = request.headers;
    const span = start(`${request.method} ${face} ${rel}`, typeof traceparent === 'string' ? traceparent : undefined);
    spans.set(request, span);
    current.run(contextOf(span), done);
  });
  // Reading a body, and writing an answer, leave the asynchronous context of the request.
  for (const phase of ['preHandler', 'onResponse'] as const) {
    app.addHook(phase, (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      const span = spans.get(request);
      if (span === undefined) return done();
      if (phase === 'onResponse') endServerSpan(span, request, reply);
      current.run(contextOf(span), done);
    });
  }
}

function endServerSpan(span: Span, request: FastifyRequest, reply: FastifyReply): void {
  const { face, rel } = operationOf(request);
  const attributes: Attributes = {
    'http.request.method': request.method,
    'http.response.status_code': reply.statusCode,
    'platform.face': face,
    'platform.rel': rel,
    'platform.correlation_id': request.correlationId,
  };
  for (const [name, id] of Object.entries(idsOf(request))) attributes[`platform.${name}`] = id;
  span.setAttributes(attributes);
  if (reply.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

function parentOf(traceparent: string | undefined): Context {
  const [, traceId, spanId, flags] = /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags ?? '0', 16) & 1, isRemote: true };
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
