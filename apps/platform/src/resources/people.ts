/** People as agents see them: the `contact` links of participants resolve, contact lists are empty (reference/ucwa-api.md 2, 8). */
import type { Resource } from '@repo/ucwa-protocol/hal';
import { bareRels } from '@repo/ucwa-protocol/rels';
import { sipDomain } from '@repo/ucwa-protocol/sipUri';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { UcwaFace } from '../hal/face.ts';
import { href } from '../hal/href.ts';
import { myContactsResource, onlineMeetingsResource, peopleResource } from '../hal/ucwaApplication.ts';
import { readInput } from '../input.ts';
import { presenceOf } from '../model/availability.ts';
import { organizerName, organizerOf } from '../model/onlineMeeting.ts';
import { availableApplications } from '../model/presence.ts';
import { RefusalError } from '../model/refusal.ts';
import type { Endpoint, Person } from '../model/registration.ts';
import type { Snapshot } from '../store/store.ts';
import { param, registerUcwa, type UcwaCaller, ucwaCaller } from './callers.ts';

export const searchInput = z.object({
  query: z.string().min(1).max(250),
  limit: z.coerce.number().int().min(1).optional(),
});
const mostFound = 50;

export function registerPeople(app: FastifyInstance, deps: Deps): void {
  registerUcwa(app, deps, 'GET', '/:id/people', async (request) => peopleResource((await agent(deps, request)).face));
  registerUcwa(app, deps, 'GET', '/:id/people/contacts', async (request) =>
    myContactsResource((await agent(deps, request)).face),
  );
  registerUcwa(app, deps, 'GET', '/:id/onlineMeetings', async (request) =>
    onlineMeetingsResource((await agent(deps, request)).face),
  );

  registerUcwa(app, deps, 'GET', '/:id/people/search', async (request) => {
    const { face, tenantId } = await agent(deps, request);
    const { query, limit = mostFound } = readInput(request, searchInput);
    const found = await deps.store.read((snapshot) => search(snapshot, tenantId, query.toLowerCase()));
    const shown = found.slice(0, Math.min(limit, mostFound));
    return {
      moreResultsAvailable: found.length > shown.length,
      _links: { self: { href: `${href.search(face)}?query=${encodeURIComponent(query)}` } },
      _embedded: { [bareRels.contact]: shown.map((one) => contactResource(face, one)) },
      rel: bareRels.search,
    };
  });

  registerUcwa(app, deps, 'GET', '/:id/people/:uri', async (request) => {
    const caller = await agent(deps, request);
    return contactResource(caller.face, await deps.store.read((snapshot) => known(snapshot, caller, request)));
  });

  registerUcwa(app, deps, 'GET', '/:id/people/:uri/presence', async (request) => {
    const caller = await agent(deps, request);
    return deps.store.read((snapshot) => {
      const { uri } = known(snapshot, caller, request);
      // A service application takes calls at any time.
      const isEndpoint = snapshot.get('endpoint', uri) !== undefined;
      const presence = presenceOf(isEndpoint ? [{ availability: 'Online' }] : availableApplications(snapshot, uri));
      return {
        ...presence,
        _links: { self: { href: href.contactPresence(caller.face, uri) } },
        rel: bareRels.contactPresence,
      };
    });
  });
}

function contactResource(face: UcwaFace, { uri, displayName }: Person | Endpoint): Resource {
  return {
    uri,
    name: displayName,
    sourceNetwork: 'SameEnterprise',
    _links: {
      self: { href: href.contact(face, uri) },
      [bareRels.contactPresence]: { href: href.contactPresence(face, uri) },
    },
    rel: bareRels.contact,
  };
}

/** Somebody of the caller's tenant. @throws RefusalError 404 */
function known(snapshot: Snapshot, { tenantId }: UcwaCaller, request: FastifyRequest): Person | Endpoint {
  const uri = `sip:${param(request, 'uri').toLowerCase()}`;
  const found = snapshot.get('person', uri) ?? snapshot.get('endpoint', uri) ?? organizer(snapshot, uri);
  if (found === undefined || found.tenantId !== tenantId) throw new RefusalError(404, undefined, 'no such contact');
  return found;
}

/** The account under which a tenant's meetings are, so that the link of a meeting to it leads somewhere. */
function organizer(snapshot: Snapshot, uri: string): Person | undefined {
  const tenant = snapshot.get('tenant', sipDomain(uri));
  if (tenant === undefined || uri !== organizerOf(tenant.domain)) return undefined;
  return { uri, tenantId: tenant.id, displayName: organizerName };
}

/** @param query in lower case; a part of the name or of the uri */
function search(snapshot: Snapshot, tenantId: string, query: string): Person[] {
  return snapshot
    .ids('person')
    .map((id) => snapshot.get('person', id))
    .filter((person) => person !== undefined)
    .filter((person) => person.tenantId === tenantId)
    .filter(({ uri, displayName }) => uri.includes(query) || displayName.toLowerCase().includes(query))
    .sort((a, b) => a.displayName.localeCompare(b.displayName));
}

async function agent(deps: Deps, request: FastifyRequest): Promise<UcwaCaller> {
  const caller = await ucwaCaller(deps, request);
  if (caller.face.audience === 'anonymous') throw new RefusalError(403, 'AnonymousNotAllowed');
  return caller;
}
