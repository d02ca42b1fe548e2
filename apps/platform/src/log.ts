/** One line a request, with ids and without contents: no query (tokens travel in it), no headers, no body. */
import { type FastifyInstance, type FastifyRequest, type FastifyServerOptions, LogController } from 'fastify';

/** Options for the framework; its own two lines a request are replaced by `registerRequestLog`. */
export function requestLogOptions(
  logger: FastifyServerOptions['logger'],
): Pick<FastifyServerOptions, 'logger' | 'logController'> {
  return { logger: logger ?? false, logController: new LogController({ disableRequestLogging: true }) };
}

export function registerRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        path: request.url.split('?')[0],
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        correlationId: request.correlationId,
        ...callerOf(request),
      },
      'request',
    );
  });
}

function callerOf(request: FastifyRequest): Record<string, string> {
  const { principal } = request;
  if (principal === undefined) return {};
  return { caller: principal.kind, tenantId: principal.tenantId };
}
