/**
 * The end of a server, seen from outside: `/readyz` says 503, what has begun is finished, and everything new is answered 503 with
 * Retry-After on a connection that then closes, so that the next attempt reaches another node, or the next start.
 */
import type { FastifyInstance } from 'fastify';
import { RequestRefusedError } from './errors.ts';

/** Seconds after which somebody else is there. */
const retryAfter = '2';

export interface Draining {
  readonly isDraining: boolean;
  begin(): void;
}

export function createDraining(): Draining {
  let isDraining = false;
  return {
    get isDraining() {
      return isDraining;
    },
    begin: () => {
      isDraining = true;
    },
  };
}

export function registerDraining(app: FastifyInstance, draining: Draining): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (!draining.isDraining) return done();
    if (request.method === 'OPTIONS' || /^\/(healthz|readyz|metrics)(?=[/?]|$)/i.test(request.url)) return done();
    // The refusal tells nothing, and a page has to be able to read when to come back.
    request.allowedOrigin = request.headers.origin;
    const headers = { 'Retry-After': retryAfter };
    done(new RequestRefusedError(503, { message: 'This server is about to stop; try again', headers }));
  });
  app.addHook('preClose', async () => draining.begin());
}
