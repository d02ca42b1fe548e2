/** Visitors and people sign in, each with the rights of a token. */
import { makeMeAvailable } from '../../model/presence.ts';
import type { AnonymousPrincipal, PersonPrincipal } from '../../model/principal.ts';
import { createApplication } from '../../model/ucwaApplication.ts';
import { type Play, pick } from './chance.ts';
import { endpoints, people } from './scene.ts';

/** Which endpoint each visitor came to. */
const visitors = [0, 0, 1, 2];

export const signIns: Readonly<Record<string, Play>> = {
  signInVisitor: async (story, { a }) => {
    const number = a % visitors.length;
    const endpoint = pick(endpoints, visitors[number] ?? 0);
    if (endpoint === undefined) return;
    const principal: AnonymousPrincipal = {
      kind: 'anonymous',
      tenantId: endpoint.tenantId,
      endpointUri: endpoint.uri,
      applicationSessionId: `visit-${number}`,
      allowedOrigins: [],
      expiresAt: story.scene.now + 8 * 3_600_000,
    };
    await story.act('signInVisitor', (world) =>
      createApplication(world, principal, { anonymousDisplayName: `Visitor Number ${number}` }),
    );
  },
  /** With a token for one meeting, which opens nothing else. */
  signInGuest: async (story, { a, b }) => {
    const meeting = pick(
      story.scene.all('meeting').filter(({ ended }) => !ended),
      a,
    );
    const endpoint = endpoints.find(({ tenantId }) => tenantId === meeting?.tenantId);
    if (meeting === undefined || endpoint === undefined) return;
    const principal: AnonymousPrincipal = {
      kind: 'anonymous',
      tenantId: endpoint.tenantId,
      endpointUri: endpoint.uri,
      applicationSessionId: `guest-${b % 2}`,
      allowedOrigins: [],
      expiresAt: story.scene.now + 8 * 3_600_000,
      meetingUri: meeting.uri,
    };
    await story.act('signInGuest', (world) =>
      createApplication(world, principal, { anonymousDisplayName: `Guest Number ${b % 2}` }),
    );
  },
  signInPerson: async (story, { a, b }) => {
    const person = pick(people, a);
    if (person === undefined) return;
    const principal: PersonPrincipal = {
      kind: 'person',
      tenantId: person.tenantId,
      uri: person.uri,
      person,
      expiresAt: story.scene.now + 8 * 3_600_000,
    };
    const made = await story.act('signInPerson', (world) =>
      createApplication(world, principal, { culture: 'en-us', userAgent: 'desk', endpointId: `tab-${b % 2}` }),
    );
    await story.act('makeMeAvailable', (world) => {
      const application = world.get('ucwaApplication', made?.id ?? '');
      if (application !== undefined)
        makeMeAvailable(world, application, { messageFormats: b % 3 === 0 ? ['Plain'] : ['Plain', 'Html'] });
    });
  },
};
