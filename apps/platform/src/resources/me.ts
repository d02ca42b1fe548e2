/** me, makeMeAvailable, reportMyActivity, presence, note and location (reference/ucwa-api.md 3). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { parseDuration } from '../duration.ts';
import { locationResource, meResource, noteResource, presenceResource } from '../hal/ucwaApplication.ts';
import { readInput } from '../input.ts';
import { noteActivity } from '../model/activity.ts';
import { availabilities, type UcwaApplication } from '../model/documents.ts';
import { makeMeAvailable, requireAvailable, say, setPresence } from '../model/presence.ts';
import { RefusalError } from '../model/refusal.ts';
import type { World } from '../model/world.ts';
import { done, registerUcwa, ucwaCaller } from './callers.ts';
import { given } from './inputs.ts';

/** From the query an array comes as one text, joined by commas, or as several. */
const list = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value),
    z.array(item),
  );
const availability = z.enum(availabilities);
const longestTimeoutMs = 24 * 3_600_000;

export const makeMeAvailableInput = z.object({
  supportedModalities: list(z.string()).optional(),
  supportedMessageFormats: list(z.enum(['Plain', 'Html'])).optional(),
  signInAs: availability.optional(),
  inactiveTimeout: z
    .string()
    .transform((text) => parseDuration(text) ?? Number.NaN)
    .pipe(z.number().min(60_000).max(longestTimeoutMs))
    .optional(),
});
export const presenceInput = z.object({ availability: availability.optional() });
export const noteInput = z.object({ message: z.string().max(500).optional(), type: z.string().max(50).optional() });
export const locationInput = z.object({ location: z.string().max(250).optional() });

export function registerMe(app: FastifyInstance, deps: Deps): void {
  registerUcwa(app, deps, 'GET', '/:id/me', async (request) =>
    meResource((await ucwaCaller(deps, request)).application),
  );

  registerUcwa(app, deps, 'POST', '/:id/me/makeMeAvailable', async (request, reply) => {
    const input = readInput(request, makeMeAvailableInput);
    return change(deps, request, reply, (world, application) => {
      const { supportedModalities = [], signInAs, supportedMessageFormats, inactiveTimeout } = input;
      if (supportedModalities.some((modality) => modality.toLowerCase() !== 'messaging'))
        throw new RefusalError(403, undefined, 'only Messaging is supported');
      makeMeAvailable(
        world,
        application,
        given({ signInAs, messageFormats: supportedMessageFormats, inactiveTimeoutMs: inactiveTimeout }),
      );
    });
  });

  registerUcwa(app, deps, 'POST', '/:id/me/reportMyActivity', async (request, reply) =>
    change(deps, request, reply, (world, application) => {
      requireAvailable(application);
      noteActivity(world, application);
    }),
  );

  for (const [name, resource] of [
    ['presence', presenceResource],
    ['note', noteResource],
    ['location', locationResource],
  ] as const) {
    registerUcwa(app, deps, 'GET', `/:id/me/${name}`, async (request) => {
      const { application } = await ucwaCaller(deps, request);
      requireAvailable(application);
      return resource(application);
    });
  }

  registerUcwa(app, deps, 'POST', '/:id/me/presence', async (request, reply) => {
    const input = readInput(request, presenceInput);
    return change(deps, request, reply, (world, application) => setPresence(world, application, input.availability));
  });

  registerUcwa(app, deps, 'POST', '/:id/me/note', async (request, reply) => {
    const { message, type = 'Personal' } = readInput(request, noteInput);
    return change(deps, request, reply, (world, application) =>
      say(world, application, 'note', message ? { note: { message, type } } : {}),
    );
  });

  registerUcwa(app, deps, 'POST', '/:id/me/location', async (request, reply) => {
    const { location } = readInput(request, locationInput);
    return change(deps, request, reply, (world, application) =>
      say(world, application, 'location', location ? { location } : {}),
    );
  });
}

/** One commit that changes the caller's application. */
async function change(
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  decide: (world: World, application: UcwaApplication) => void,
): Promise<FastifyReply> {
  const { application } = await ucwaCaller(deps, request);
  await deps.act(request, (world) => {
    decide(world, world.get('ucwaApplication', application.id) ?? application);
    return null;
  });
  return done(reply);
}
