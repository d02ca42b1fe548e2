/** For whoever runs this server: alive, able to answer, and how it is doing (docs/operations.md "Health", "Metrics"). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bearerToken, UnauthorizedError } from '../auth/bearer.ts';
import { isSameText } from '../auth/clientSecret.ts';
import type { Deps } from '../deps.ts';
import { RequestRefusedError } from '../errors.ts';

/** A store that takes longer to look something up is not one to send visitors to. */
const patienceMs = 2_000;

export function registerHealth(app: FastifyInstance, deps: Deps): void {
  const { draining, metrics, metricsToken } = deps.operations;
  app.get('/healthz', { logLevel: 'warn' }, async () => ({ status: 'ok' }));
  app.get('/readyz', { logLevel: 'warn' }, async () => {
    if (draining.isDraining) throw notReady('This server is about to stop');
    await inTime(
      deps,
      deps.store.read((snapshot) => snapshot.timersDue(0, 1)),
      'The store does not answer',
    );
    await inTime(deps, deps.operations.checkCommits(), 'The store refuses commits');
    return { status: 'ready' };
  });
  app.get('/metrics', { logLevel: 'warn' }, async (request, reply) => {
    requireReader(request, [deps.operatorToken, ...(metricsToken === undefined ? [] : [metricsToken])]);
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}

async function inTime(deps: Deps, look: Promise<unknown>, otherwise: string): Promise<void> {
  let timer: unknown;
  const late = new Promise<never>((_, reject) => {
    timer = deps.clock.setTimeout(() => reject(new Error(otherwise)), patienceMs);
  });
  try {
    await Promise.race([look, late]);
  } catch {
    throw notReady(otherwise);
  } finally {
    deps.clock.clearTimeout(timer);
  }
}

function notReady(message: string): RequestRefusedError {
  return new RequestRefusedError(503, { message, headers: { 'Retry-After': '2' } });
}

/** Somebody on this machine, unless a proxy has brought him here, or the holder of a token. */
function requireReader(request: FastifyRequest, tokens: readonly string[]): void {
  const { headers, socket } = request;
  const isForwarded = headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined;
  if (!isForwarded && /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '')) return;
  const given = bearerToken(request);
  if (given === undefined || !tokens.some((token) => isSameText(given, token)))
    throw new UnauthorizedError({ 'WWW-Authenticate': 'Bearer realm="metrics"' });
}
