/** The way in for agents: root -> user -> applications (reference/ucwa-api.md 1). */
import type { Resource } from '@repo/ucwa-protocol/hal';
import type { FastifyInstance } from 'fastify';
import { authenticatePerson } from '../auth/agentToken.ts';
import { allowOriginIfListed, originsOfAllTenants } from '../auth/cors.ts';
import type { Deps } from '../deps.ts';
import { href } from '../hal/href.ts';

export function registerUser(app: FastifyInstance, deps: Deps): void {
  app.get('/autodiscover/root', async (request): Promise<Resource> => {
    allowOriginIfListed(request, await originsOfAllTenants(deps.store));
    return {
      _links: {
        self: { href: `${deps.publicUrl}/autodiscover/root` },
        user: { href: `${deps.publicUrl}/ucwa/oauth/v1/user` },
      },
      rel: 'root',
    };
  });

  app.get(
    '/ucwa/oauth/v1/user',
    { preHandler: authenticatePerson(deps) },
    async (): Promise<Resource> => ({
      _links: {
        self: { href: `${deps.publicUrl}/ucwa/oauth/v1/user` },
        applications: { href: `${deps.publicUrl}${href.ucwaApplications('agent')}` },
      },
      rel: 'user',
    }),
  );
}
