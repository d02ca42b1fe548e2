/** me, makeMeAvailable, reportMyActivity and presence (reference/ucwa-api.md 3). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { meResource, presenceResource } from '../hal/ucwaApplication.ts';
import { readInput } from '../input.ts';
import { makeMeAvailable, requireAvailable, setPresence } from '../model/presence.ts';
import { RefusalError } from '../model/refusal.ts';
import { done, registerUcwa, ucwaCaller } from './callers.ts';

const availabilities = ['Online', 'Busy', 'DoNotDisturb', 'BeRightBack', 'Away', 'Offwork'] as const;
const availableSchema = z.object({
  supportedModalities: z.array(z.string()).optional(),
  supportedMessageFormats: z.array(z.enum(['Plain', 'Html'])).optional(),
  signInAs: z.enum(availabilities).optional(),
});
const presenceSchema = z.object({ availability: z.enum(availabilities).optional() });

export function registerMe(app: FastifyInstance, deps: Deps): void {
  registerUcwa(app, deps, 'GET', '/:id/me', async (request) =>
    meResource((await ucwaCaller(deps, request)).application),
  );

  registerUcwa(app, deps, 'POST', '/:id/me/makeMeAvailable', async (request, reply) => {
    const { application } = await ucwaCaller(deps, request);
    const input = readInput(request, availableSchema);
    if (input.supportedModalities?.some((modality) => modality.toLowerCase() !== 'messaging')) {
      throw new RefusalError(403, undefined, 'only Messaging is supported');
    }
    await deps.act(request, (world) => {
      const current = world.get('ucwaApplication', application.id) ?? application;
      makeMeAvailable(world, current, {
        ...(input.signInAs === undefined ? {} : { signInAs: input.signInAs }),
        ...(input.supportedMessageFormats === undefined ? {} : { messageFormats: input.supportedMessageFormats }),
      });
      return null;
    });
    return done(reply);
  });

  registerUcwa(app, deps, 'POST', '/:id/me/reportMyActivity', async (request, reply) => {
    requireAvailable((await ucwaCaller(deps, request)).application);
    return done(reply);
  });

  registerUcwa(app, deps, 'GET', '/:id/me/presence', async (request) => {
    const { application } = await ucwaCaller(deps, request);
    requireAvailable(application);
    return presenceResource(application);
  });

  registerUcwa(app, deps, 'POST', '/:id/me/presence', async (request, reply) => {
    const { application } = await ucwaCaller(deps, request);
    const { availability } = readInput(request, presenceSchema);
    await deps.act(request, (world) => {
      setPresence(world, world.get('ucwaApplication', application.id) ?? application, availability);
      return null;
    });
    return done(reply);
  });
}
