/** communication on both faces (reference/service-api.md 5, reference/ucwa-api.md 4). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { authenticateService } from '../auth/serviceToken.ts';
import { type Deps, servicePrincipal } from '../deps.ts';
import { sendVersioned, unquoted } from '../etag.ts';
import { communicationResource } from '../hal/application.ts';
import { communicationEtag, passThroughMember, ucwaCommunicationResource } from '../hal/ucwaApplication.ts';
import { bodyMember, readInput } from '../input.ts';
import { changeCommunication } from '../model/presence.ts';
import { RefusalError, refuseParameter } from '../model/refusal.ts';
import { done, registerUcwa, serviceCaller, servicePath, ucwaCaller } from './callers.ts';

export const communicationInput = z.object({
  supportedMessageFormats: z
    .array(z.enum(['Plain', 'Html']))
    .min(1)
    .optional(),
  supportedModalities: z.array(z.string()).optional(),
});

export function registerCommunication(app: FastifyInstance, deps: Deps): void {
  app.get(`${servicePath}/communication`, { preHandler: authenticateService(deps) }, async (request) =>
    communicationResource(serviceCaller(request).face, servicePrincipal(request).client.privileged),
  );

  registerUcwa(app, deps, 'GET', '/:id/communication', async (request, reply) => {
    const { application } = await ucwaCaller(deps, request);
    return sendVersioned(request, reply, ucwaCommunicationResource(application));
  });

  // The whole resource comes back; what can be changed of it are the formats that this client reads.
  registerUcwa(app, deps, 'PUT', '/:id/communication', async (request, reply) => {
    const { application } = await ucwaCaller(deps, request);
    const etag = unquoted(request.headers['if-match']);
    if (etag === undefined) throw new RefusalError(428);
    const { supportedMessageFormats: messageFormats, supportedModalities = [] } = readInput(
      request,
      communicationInput,
    );
    await deps.act(request, (world) => {
      const current = world.get('ucwaApplication', application.id) ?? application;
      if (etag !== communicationEtag(current) && etag !== '*') throw new RefusalError(412);
      const name = passThroughMember(application.id);
      if (bodyMember(request, name) === undefined) refuseParameter(name, 'missing');
      if (supportedModalities.some((modality) => modality.toLowerCase() !== 'messaging'))
        throw new RefusalError(403, undefined, 'only Messaging is supported');
      changeCommunication(world, current, messageFormats ?? current.messageFormats);
      return null;
    });
    return done(reply);
  });
}
