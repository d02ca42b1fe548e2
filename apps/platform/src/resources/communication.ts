/** communication on both faces (reference/service-api.md 5, reference/ucwa-api.md 4). */
import type { FastifyInstance } from 'fastify';
import { authenticateService } from '../auth/serviceToken.ts';
import { type Deps, servicePrincipal } from '../deps.ts';
import { sendVersioned, unquoted } from '../etag.ts';
import { communicationResource } from '../hal/application.ts';
import { communicationEtag, passThroughMember, ucwaCommunicationResource } from '../hal/ucwaApplication.ts';
import { bodyMember } from '../input.ts';
import { RefusalError, refuseParameter } from '../model/refusal.ts';
import { done, registerUcwa, serviceCaller, servicePath, ucwaCaller } from './callers.ts';

export function registerCommunication(app: FastifyInstance, deps: Deps): void {
  app.get(`${servicePath}/communication`, { preHandler: authenticateService(deps) }, async (request) =>
    communicationResource(serviceCaller(request).face, servicePrincipal(request).client.privileged),
  );

  registerUcwa(app, deps, 'GET', '/:id/communication', async (request, reply) => {
    const { application } = await ucwaCaller(deps, request);
    return sendVersioned(request, reply, ucwaCommunicationResource(application));
  });

  // Nothing of it is kept: the formats are agreed in makeMeAvailable. The rules of a PUT hold all the same.
  registerUcwa(app, deps, 'PUT', '/:id/communication', async (request, reply) => {
    const { application } = await ucwaCaller(deps, request);
    const etag = unquoted(request.headers['if-match']);
    if (etag === undefined) throw new RefusalError(428);
    if (etag !== communicationEtag) throw new RefusalError(412);
    const name = passThroughMember(application.id);
    if (bodyMember(request, name) === undefined) refuseParameter(name, 'missing');
    return done(reply);
  });
}
