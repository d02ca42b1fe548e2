/**
 * Addresses under the UCWA roots that do not exist: whoever has no token gets its challenge, as everywhere, and a page of an allowed
 * origin can read the 404 or 405 (reference/auth.md 4).
 */
import type { FastifyInstance } from 'fastify';
import { authenticatePerson } from '../auth/agentToken.ts';
import { authenticateAnonymous } from '../auth/anonToken.ts';
import type { Deps } from '../deps.ts';

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'];

export function registerUnknownUcwa(app: FastifyInstance, deps: Deps): void {
  for (const [url, preHandler] of [
    ['/ucwa/psanon/*', authenticateAnonymous(deps)],
    ['/ucwa/oauth/*', authenticatePerson(deps)],
  ] as const) {
    app.route({
      method: methods,
      url,
      preHandler,
      config: { isRefused: true },
      handler: (_request, reply) => reply.callNotFound(),
    });
  }
}
