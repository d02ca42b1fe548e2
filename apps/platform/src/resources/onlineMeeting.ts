/** onlineMeeting of a meeting leg, and its end for all (reference/service-api.md 11, reference/ucwa-api.md 9). */
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { onlineMeetingResource } from '../hal/conversation.ts';
import { conferencedConversation, terminateOnlineMeeting } from '../model/onlineMeeting.ts';
import { permissions } from '../model/registration.ts';
import { allFamilies, done, param, requirePermission, serviceCaller, serviceFamily } from './callers.ts';

export function registerOnlineMeeting(app: FastifyInstance, deps: Deps): void {
  for (const { communication, options, callerOf } of allFamilies(deps)) {
    app.get(`${communication}/conversations/:conversationId/onlineMeeting`, options, async (request) => {
      const { owner, face } = await callerOf(request);
      return deps.store.read((snapshot) => {
        const conversation = conferencedConversation(snapshot, owner, param(request, 'conversationId'));
        return onlineMeetingResource(snapshot, face, conversation);
      });
    });
  }

  const service = serviceFamily(deps);
  const path = `${service.communication}/conversations/:conversationId/onlineMeeting/terminateOnlineMeeting`;
  app.post(path, service.options, async (request, reply) => {
    const caller = serviceCaller(request);
    requirePermission(caller, permissions.joinAndManageMeetings);
    await deps.act(request, (world) => {
      terminateOnlineMeeting(world, caller.owner, param(request, 'conversationId'));
      return null;
    });
    return done(reply);
  });
}
