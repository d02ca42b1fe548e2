/** One line a request, with ids and without contents: no address, since tokens travel in it, no headers, no body. */
import { type FastifyInstance, type FastifyRequest, type FastifyServerOptions, LogController } from 'fastify';
import { bodyMember, queryValue } from './input.ts';
import { operationOf } from './operationName.ts';

/** Options for the framework; its own two lines a request are replaced by `registerRequestLog`. */
export function requestLogOptions(
  logger: FastifyServerOptions['logger'],
): Pick<FastifyServerOptions, 'logger' | 'logController' | 'childLoggerFactory'> {
  return {
    logger: logger ?? false,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger of its own for every request would only add the framework's counter: lines name the correlation id.
    childLoggerFactory: (parent) => parent,
  };
}

export function registerRequestLog(app: FastifyInstance): void {
  if (!isTold(app.log.level)) return;
  app.addHook('onResponse', (request, reply, done) => {
    done();
    // A route may have a higher level than the server.
    if (!isTold(request.log.level)) return;
    const { face, rel } = operationOf(request);
    request.log.info(
      {
        method: request.method,
        face,
        rel,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        correlationId: request.correlationId,
        ...idsOf(request),
      },
      'request',
    );
  });
}

const isTold = (level: string): boolean => level === 'info' || level === 'debug' || level === 'trace';

/** The caller's own ids get out only when they look like one; anything else could be a text or a token. */
const identifier = /^[\w:.+/=@-]{1,64}$/;

/** Ids of what a request is about: who asks, and for which application, conversation and operation. */
export function idsOf(request: FastifyRequest): Record<string, string> {
  const { principal } = request;
  const params = (request.params ?? {}) as Readonly<Record<string, string | undefined>>;
  const ids: Record<string, string | string[] | undefined> = {
    clientRequestId: request.headers['client-request-id'],
    caller: principal?.kind,
    tenantId: principal?.tenantId,
    applicationId: params.applicationId ?? params.id,
    conversationId: params.conversationId,
    operationId: request.method === 'POST' ? operationIdOf(request) : undefined,
  };
  const found: Record<string, string> = {};
  for (const [name, id] of Object.entries(ids)) {
    if (typeof id === 'string' && identifier.test(id)) found[name] = id;
  }
  return found;
}

function operationIdOf(request: FastifyRequest): string | undefined {
  const given =
    bodyMember(request, 'operationId') ?? queryValue(request, 'operationId') ?? queryValue(request, 'operationContext');
  return typeof given === 'string' ? given : undefined;
}
