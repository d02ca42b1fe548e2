/** conversationBridge of the SA's view of a leg (reference/service-api.md 10). */
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { conversationBridgeResource } from '../hal/conversationBridge.ts';
import { bridgedLeg } from '../model/bridgedParticipants.ts';
import { param, serviceCaller, serviceFamily } from './callers.ts';

export function registerConversationBridge(app: FastifyInstance, deps: Deps): void {
  const { communication, options } = serviceFamily(deps);
  app.get(`${communication}/conversations/:conversationId/conversationBridge`, options, async (request) => {
    const { owner, face } = serviceCaller(request);
    const conversationId = param(request, 'conversationId');
    return deps.store.read((snapshot) => {
      const { bridge } = bridgedLeg(snapshot, owner, conversationId);
      return conversationBridgeResource(face, conversationId, bridge);
    });
  });
}
