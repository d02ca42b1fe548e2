/** bridgedParticipants: whom the visitor may hear, and under which name (reference/service-api.md 10). */
import { limits } from '@repo/ucwa-protocol/limits';
import { messageFilterStates } from '@repo/ucwa-protocol/states';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { bridgedParticipantResource, bridgedParticipantsResource } from '../hal/conversationBridge.ts';
import { href } from '../hal/href.ts';
import { readInput } from '../input.ts';
import {
  addBridgedParticipant,
  bridgedLeg,
  bridgedParticipant,
  changeBridgedParticipant,
  removeBridgedParticipant,
} from '../model/bridgedParticipants.ts';
import { done, param, serviceCaller, serviceFamily, started } from './callers.ts';
import { given, sipUri } from './inputs.ts';

export const bridgedParticipantInput = z.object({
  displayName: z.string().min(1).max(limits.displayName),
  participantUri: sipUri,
  messageFilterState: z.enum(messageFilterStates).optional(),
});
export const bridgedParticipantChange = bridgedParticipantInput.extend({ participantUri: sipUri.optional() });

export function registerBridgedParticipants(app: FastifyInstance, deps: Deps): void {
  const { communication, options } = serviceFamily(deps);
  const collection = `${communication}/conversations/:conversationId/conversationBridge/bridgedParticipants`;
  const one = `${collection}/:uri`;

  app.get(collection, options, async (request) => {
    const { owner, face } = serviceCaller(request);
    const conversationId = param(request, 'conversationId');
    return deps.store.read((snapshot) =>
      bridgedParticipantsResource(face, conversationId, bridgedLeg(snapshot, owner, conversationId).bridge),
    );
  });

  app.post(collection, options, async (request, reply) => {
    const { owner, face } = serviceCaller(request);
    const conversationId = param(request, 'conversationId');
    const input = given(readInput(request, bridgedParticipantInput));
    const { uri } = await deps.act(request, (world) => addBridgedParticipant(world, owner, conversationId, input));
    return started(reply, href.bridgedParticipant(face, conversationId, uri));
  });

  app.get(one, options, async (request) => {
    const { owner, face } = serviceCaller(request);
    const conversationId = param(request, 'conversationId');
    return deps.store.read((snapshot) => {
      const { bridge } = bridgedLeg(snapshot, owner, conversationId);
      return bridgedParticipantResource(face, conversationId, bridgedParticipant(bridge, param(request, 'uri')));
    });
  });

  app.put(one, options, async (request, reply) => {
    const { owner } = serviceCaller(request);
    const input = given(readInput(request, bridgedParticipantChange));
    await deps.act(request, (world) => {
      changeBridgedParticipant(world, owner, param(request, 'conversationId'), param(request, 'uri'), input);
      return null;
    });
    return done(reply);
  });

  app.delete(one, options, async (request, reply) => {
    const { owner } = serviceCaller(request);
    await deps.act(request, (world) => {
      removeBridgedParticipant(world, owner, param(request, 'conversationId'), param(request, 'uri'));
      return null;
    });
    return done(reply);
  });
}
