/** People of a tenant: agents and supervisors. */
import { isDeepStrictEqual } from 'node:util';
import { sipDomain } from '@repo/ucwa-protocol/sipUri';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { readInput } from '../../input.ts';
import { type Person, personKey } from '../../model/registration.ts';
import { audit } from './audit.ts';
import { completed, isForced, notFound, ownUri, param, tenantOf } from './inputs.ts';
import { pageOf } from './lists.ts';
import { removePerson } from './removal.ts';

export const personInput = z.object({ displayName: z.string().min(1).max(250).optional() });
const base = '/management/tenants/:domain/people';

export function registerManagedPeople(app: FastifyInstance, deps: Deps): void {
  const { store } = deps;

  app.get(base, async (request) => {
    const { domain } = await store.read((snapshot) => tenantOf(snapshot, request));
    const { found, next } = await pageOf(request, store, 'person', (uri) => sipDomain(uri) === domain);
    return { people: found, next };
  });

  app.get(`${base}/:sipUri`, async (request) =>
    store.read((snapshot) => {
      const person = snapshot.get('person', personKey(param(request, 'sipUri')));
      return person?.tenantId === tenantOf(snapshot, request).id ? person : notFound('person');
    }),
  );

  app.put(`${base}/:sipUri`, async (request) => {
    const input = readInput(request, personInput);
    const uri = personKey(ownUri(request));
    const { person, isChanged } = await store.commit((transaction) => {
      const tenant = tenantOf(transaction, request);
      const known = transaction.get('person', uri);
      const settings = completed<Pick<Person, 'displayName'>, 'displayName'>(input, known, {}, ['displayName']);
      const person: Person = { ...settings, uri, tenantId: tenant.id };
      const isChanged = !isDeepStrictEqual(person, known);
      if (isChanged) transaction.put('person', uri, person);
      return { person, isChanged };
    });
    if (isChanged) audit(request, 'person.put', { domain: param(request, 'domain'), ...person });
    return person;
  });

  app.delete(`${base}/:sipUri`, async (request, reply) => {
    const uri = personKey(ownUri(request));
    const person = await store.read((snapshot) => {
      tenantOf(snapshot, request);
      return snapshot.get('person', uri);
    });
    if (person !== undefined) {
      const removed = await removePerson(deps, person, isForced(request));
      audit(request, 'person.delete', { domain: param(request, 'domain'), uri, ...removed });
    }
    return reply.code(204).send();
  });
}
