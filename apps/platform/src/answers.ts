/** What every answer has: the id headers, the media type, and one body for every refusal (reference/service-api.md 0, errors.md 1). */
import { randomInt } from 'node:crypto';
import { type ErrorStatus, errorCodes } from '@repo/ucwa-protocol/errorCodes';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UnauthorizedError } from './auth/bearer.ts';
import type { Draining } from './draining.ts';
import { diagnostics, errorBody, isRefusal, RequestRefusedError } from './errors.ts';
import { registerMethodNotAllowed } from './methodNotAllowed.ts';

export const jsonType = 'application/json; charset=utf-8';

declare module 'fastify' {
  interface FastifyRequest {
    /** X-MS-Correlation-Id of the answer and of every log line. */
    correlationId: string;
  }
}

/** A decimal number, as the SDK expects it (client-expectations S4). */
export const newCorrelationId = (): string => String(randomInt(1, 2 ** 32));

export function registerAnswers(
  app: FastifyInstance,
  serverFqdn: string,
  draining: Pick<Draining, 'isDraining'>,
): void {
  app.decorateRequest('correlationId', '');
  // Hooks with a callback: a promise for each of them is felt on routes that are asked thousands of times a second.
  app.addHook('onRequest', (request, reply, done) => {
    request.correlationId = newCorrelationId();
    // An empty one is none (client-expectations U12); the framework takes it for a media type that it does not know.
    if (request.raw.headers['content-type'] === '') delete request.raw.headers['content-type'];
    reply.header('X-MS-Correlation-Id', request.correlationId).header('X-MS-Server-Fqdn', serverFqdn);
    const requestId = request.headers['client-request-id'];
    if (typeof requestId === 'string' && /^[\x20-\x7e]{1,200}$/.test(requestId))
      reply.header('client-request-id', requestId);
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    // A connection that stays open after its last answer would keep the server from ending.
    if (draining.isDraining) reply.header('Connection', 'close');
    if (reply.statusCode === 204) reply.removeHeader('content-type');
    done(null, payload);
  });
  app.decorateRequest('afterAnswer', undefined);
  app.addHook('onResponse', (request, _reply, done) => {
    for (const run of request.afterAnswer ?? []) run();
    done();
  });
  app.setErrorHandler(writeError);
  registerMethodNotAllowed(app);
}

function writeError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof UnauthorizedError) {
    return reply
      .code(401)
      .headers(error.headers)
      .type('text/html; charset=utf-8')
      .send('<html><body><h1>401 Unauthorized</h1></body></html>');
  }
  const refusal = asRefusal(error);
  if (refusal instanceof RequestRefusedError) reply.headers(refusal.headers);
  // Old clients show its reason to their owner once (client-expectations U17).
  if (refusal.status === 403 && reply.getHeader('X-Ms-diagnostics') === undefined)
    reply.header('X-Ms-diagnostics', diagnostics(request.hostname, refusal.message));
  const { correlationId } = request;
  // An answer that callers are told to expect needs no stack; what is behind it may be worth a word.
  if (refusal instanceof RequestRefusedError && refusal.status === 503)
    request.log.warn({ correlationId, reason: reasonOf(refusal) }, 'request refused for now');
  else if (refusal.status >= 500) request.log.error({ err: error, correlationId }, 'request failed');
  return reply.code(refusal.status).type(jsonType).send(errorBody(refusal, request.correlationId));
}

const reasonOf = ({ cause, message }: Error): string => (cause instanceof Error ? cause.message : message);

/** Refusals as they are, the framework's in our words; of anything else nothing but the status gets out. */
function asRefusal(error: FastifyError | Error): RequestRefusedError | (Error & { status: number; code: string }) {
  if (isRefusal(error)) return error as Error & { status: number; code: string };
  const status = (error as FastifyError).statusCode;
  if (status !== undefined && status >= 400 && status < 500 && status in errorCodes) {
    return new RequestRefusedError(
      status as ErrorStatus,
      status === 400 ? { subcode: 'DeserializationFailure' } : {},
      error,
    );
  }
  return new RequestRefusedError(status === 503 ? 503 : 500, {}, error);
}
