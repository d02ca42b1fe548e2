/** `applications` and `application` of a service application: its capabilities (reference/service-api.md 2). */
import type { Resource } from '@repo/ucwa-protocol/hal';
import { bareRels } from '@repo/ucwa-protocol/rels';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { authenticateService } from '../auth/serviceToken.ts';
import { type Deps, servicePrincipal } from '../deps.ts';
import { applicationResource, myOnlineMeetingsResource, serviceFaceOf } from '../hal/application.ts';
import { rel, type ServiceFace } from '../hal/face.ts';
import { href } from '../hal/href.ts';

export function registerApplications(app: FastifyInstance, deps: Deps): void {
  const options = { preHandler: authenticateService(deps) };

  app.get('/platformservice/v1/applications', options, async (request): Promise<Resource> => {
    const face = faceOf(request);
    return listing(face, href.serviceApplications(), rel(face, 'applications'));
  });

  app.get(
    '/platformservice/v1/myApplications',
    options,
    async (request): Promise<Resource> => listing(faceOf(request), href.myApplications(), bareRels.myApplications),
  );

  app.get(
    '/platformservice/v1/applications/:applicationId',
    options,
    async (request): Promise<Resource> =>
      applicationResource(faceOf(request), servicePrincipal(request).client.privileged),
  );

  app.get(
    '/platformservice/v1/applications/:applicationId/myOnlineMeetings',
    options,
    async (request): Promise<Resource> => myOnlineMeetingsResource(faceOf(request)),
  );
}

/** One application per endpoint, so each list has one entry. */
function listing(face: ServiceFace, self: string, name: string): Resource {
  return { _links: { self: { href: self }, [rel(face, 'application')]: { href: href.application(face) } }, rel: name };
}

function faceOf(request: FastifyRequest): ServiceFace {
  const { client, endpoint } = servicePrincipal(request);
  return serviceFaceOf(client, endpoint);
}
