/** The way in for agents: root -> user -> applications (reference/ucwa-api.md 1). */
import type { Links, Resource } from '@repo/ucwa-protocol/hal';
import { bareRels } from '@repo/ucwa-protocol/rels';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authenticatePerson } from '../auth/agentToken.ts';
import { authenticateAnonymous } from '../auth/anonToken.ts';
import { bearerToken } from '../auth/bearer.ts';
import { allowOriginIfListed, originsOfAllTenants } from '../auth/cors.ts';
import { type Deps, ucwaPrincipal } from '../deps.ts';
import { href } from '../hal/href.ts';
import { linkWhen } from '../hal/links.ts';

const rootPath = '/autodiscover/root';
export const xframePath = '/autodiscover/xframe';
const userPath = '/ucwa/oauth/v1/user';

export function registerUser(app: FastifyInstance, deps: Deps): void {
  app.get(rootPath, async (request): Promise<Resource> => {
    allowOriginIfListed(request, await originsOfAllTenants(deps.store));
    return {
      _links: {
        self: { href: `${deps.publicUrl}${rootPath}` },
        [bareRels.user]: { href: `${deps.publicUrl}${userPath}` },
        ...(await xframeLink(deps)),
      },
      rel: 'root',
    };
  });

  app.get(userPath, { preHandler: authenticateUser(deps) }, async (request): Promise<Resource> => {
    const audience = ucwaPrincipal(request).kind === 'person' ? 'agent' : 'anonymous';
    return {
      _links: {
        self: { href: `${deps.publicUrl}${userPath}` },
        applications: { href: `${deps.publicUrl}${href.ucwaApplications(audience)}` },
        ...(await xframeLink(deps)),
      },
      rel: bareRels.user,
    };
  });
}

/** Guests of a meeting come this way too, with a token for the meeting's key (reference/auth.md 7). */
function authenticateUser(deps: Deps): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const visitor = authenticateAnonymous(deps);
  const person = authenticatePerson(deps);
  return (request, reply) =>
    /^psat=/i.test(bearerToken(request) ?? '') ? visitor(request, reply) : person(request, reply);
}

/** Off unless an administrator has listed origins for it. */
async function xframeLink(deps: Deps): Promise<Links> {
  const origins = await originsOfAllTenants(deps.store, 'xframeOrigins');
  return linkWhen(origins.length > 0, () => ({ [bareRels.xframe]: { href: `${deps.publicUrl}${xframePath}` } }));
}
