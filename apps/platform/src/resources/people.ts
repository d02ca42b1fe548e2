/** People as agents see them: the `contact` links of participants resolve, contact lists are empty (reference/ucwa-api.md 2, 8). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Deps } from '../deps.ts';
import { href } from '../hal/href.ts';
import { myContactsResource, onlineMeetingsResource, peopleResource } from '../hal/ucwaApplication.ts';
import { RefusalError } from '../model/refusal.ts';
import { param, registerUcwa, type UcwaCaller, ucwaCaller } from './callers.ts';

export function registerPeople(app: FastifyInstance, deps: Deps): void {
  registerUcwa(app, deps, 'GET', '/:id/people', async (request) => peopleResource((await agent(deps, request)).face));
  registerUcwa(app, deps, 'GET', '/:id/people/contacts', async (request) =>
    myContactsResource((await agent(deps, request)).face),
  );
  registerUcwa(app, deps, 'GET', '/:id/onlineMeetings', async (request) =>
    onlineMeetingsResource((await agent(deps, request)).face),
  );
  registerUcwa(app, deps, 'GET', '/:id/people/:uri', async (request) => {
    const { face, tenantId } = await agent(deps, request);
    const uri = `sip:${param(request, 'uri').toLowerCase()}`;
    const known = await deps.store.read((snapshot) => snapshot.get('person', uri) ?? snapshot.get('endpoint', uri));
    if (known === undefined || known.tenantId !== tenantId) throw new RefusalError(404, undefined, 'no such contact');
    return { uri, name: known.displayName, _links: { self: { href: href.contact(face, uri) } }, rel: 'contact' };
  });
}

async function agent(deps: Deps, request: FastifyRequest): Promise<UcwaCaller> {
  const caller = await ucwaCaller(deps, request);
  if (caller.face.audience === 'anonymous') throw new RefusalError(403, 'AnonymousNotAllowed');
  return caller;
}
