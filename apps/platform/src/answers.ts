/** What every answer has: the id headers, the media type, and one body for every refusal (reference/service-api.md 0, errors.md 1). */
import { randomInt } from 'node:crypto';
import { type ErrorStatus, errorCodes } from '@repo/ucwa-protocol/errorCodes';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UnauthorizedError } from './auth/bearer.ts';
import { errorBody, isRefusal, RequestRefusedError } from './errors.ts';
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

export function registerAnswers(app: FastifyInstance, serverFqdn: string): void {
  app.decorateRequest('correlationId', '');
  app.addHook('onRequest', async (request, reply) => {
    request.correlationId = newCorrelationId();
    reply.header('X-MS-Correlation-Id', request.correlationId).header('X-MS-Server-Fqdn', serverFqdn);
    const requestId = request.headers['client-request-id'];
    if (typeof requestId === 'string' && /^[\x20-\x7e]{1,200}$/.test(requestId))
      reply.header('client-request-id', requestId);
  });
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onSend', async (_request, reply, payload) => {
    // A connection that stays open after its last answer would keep the server from ending.
    if (isClosing) reply.header('Connection', 'close');
    if (reply.statusCode === 204) reply.removeHeader('content-type');
    return payload;
  });
  app.decorateRequest('afterAnswer', undefined);
  app.addHook('onResponse', async (request) => {
    for (const run of request.afterAnswer ?? []) run();
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
  if (refusal.status >= 500) request.log.error({ err: error, correlationId: request.correlationId }, 'request failed');
  return reply.code(refusal.status).type(jsonType).send(errorBody(refusal, request.correlationId));
}

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
