/** Signing in to UCWA: visitors under `psanon`, people under `oauth` (reference/ucwa-api.md 2). */
import { limits } from '@repo/ucwa-protocol/limits';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Deps, ucwaPrincipal } from '../deps.ts';
import { etagOf, sendVersioned } from '../etag.ts';
import { ucwaFace } from '../hal/faceOf.ts';
import { href } from '../hal/href.ts';
import { policiesResource, ucwaApplicationResource } from '../hal/ucwaApplication.ts';
import { readInput } from '../input.ts';
import { nextAck, openUcwaChannel, ucwaChannelId } from '../model/channel.ts';
import { createApplication, endApplication, ownedApplication } from '../model/ucwaApplication.ts';
import { done, registerUcwa, ucwaCaller } from './callers.ts';
import { given } from './inputs.ts';

export const ucwaApplicationInput = z.object({
  userAgent: z.string().max(limits.userAgent).optional(),
  culture: z.string().max(limits.culture).optional(),
  endpointId: z.string().min(1).max(limits.endpointId).optional(),
  instanceId: z.string().max(limits.instanceId).optional(),
  type: z.literal('Browser').optional(),
  anonymousDisplayName: z.string().max(limits.anonymousDisplayName).optional(),
});

export function registerUcwaApplications(app: FastifyInstance, deps: Deps): void {
  registerUcwa(app, deps, 'POST', '', async (request, reply) => {
    const principal = ucwaPrincipal(request);
    const input = given(readInput(request, ucwaApplicationInput));
    const { id, created, key } = await deps.act(request, (world) => createApplication(world, principal, input));
    reply.code(created ? 201 : 200);
    return represent(deps, request, reply, id, key);
  });

  registerUcwa(app, deps, 'GET', '/:id', async (request, reply) => {
    const { application } = await ucwaCaller(deps, request);
    return represent(deps, request, reply, application.id);
  });

  registerUcwa(app, deps, 'GET', '/:id/policies', async (request) =>
    policiesResource((await ucwaCaller(deps, request)).application),
  );

  registerUcwa(app, deps, 'DELETE', '/:id', async (request, reply) => {
    const { application } = await ucwaCaller(deps, request);
    await deps.act(request, (world) => {
      endApplication(world, application.id, 'SignedOut');
      return null;
    });
    return done(reply);
  });
}

/** @param key of the caller's tab, when its channel is not the first one */
async function represent(
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  key?: string,
): Promise<FastifyReply> {
  const { application, channel } = await deps.store.read((snapshot) => ({
    application: ownedApplication(snapshot, ucwaPrincipal(request), id),
    channel: snapshot.get('channel', ucwaChannelId(id, key)) ?? openUcwaChannel(),
  }));
  if (request.method === 'POST') reply.header('Location', href.application(ucwaFace(application)));
  const resource = ucwaApplicationResource(
    application,
    nextAck(channel),
    application.instances?.find((instance) => instance.key === key),
  );
  // The address of the next batch is part of the resource, so every acknowledged batch makes a new version.
  return sendVersioned(request, reply, { ...resource, etag: etagOf(resource) });
}
