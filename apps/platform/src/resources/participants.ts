/** participants, participant, participantMessaging, eject (reference/service-api.md 14, reference/ucwa-api.md 8). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Deps } from '../deps.ts';
import {
  localParticipantMessagingResource,
  participantMessagingResource,
  participantResource,
  participantsResource,
} from '../hal/participant.ts';
import { queryValue } from '../input.ts';
import { ownedConversation } from '../model/conversation.ts';
import type { ConversationOwner } from '../model/documents.ts';
import { eject } from '../model/onlineMeeting.ts';
import { participantOf } from '../model/participants.ts';
import { RefusalError } from '../model/refusal.ts';
import { permissions } from '../model/registration.ts';
import type { Look } from '../model/world.ts';
import { allFamilies, done, param, requirePermission, serviceCaller, serviceFamily, ucwaFamilies } from './callers.ts';

export function registerParticipants(app: FastifyInstance, deps: Deps): void {
  for (const { communication, options, callerOf } of allFamilies(deps)) {
    const path = `${communication}/conversations/:conversationId/participants`;

    app.get(path, options, async (request) => {
      const { owner, face } = await callerOf(request);
      return deps.store.read((snapshot) => {
        const conversation = ownedConversation(snapshot, owner, param(request, 'conversationId'));
        return participantsResource(snapshot, face, conversation, queryValue(request, 'filter'));
      });
    });

    app.get(`${path}/:participantId`, options, async (request) => {
      const { owner, face } = await callerOf(request);
      return deps.store.read((snapshot) => {
        const { conversation, entry } = find(snapshot, owner, request);
        return participantResource(face, conversation, entry);
      });
    });

    app.get(`${path}/:participantId/messaging`, options, async (request) => {
      const { owner, face } = await callerOf(request);
      return deps.store.read((snapshot) => {
        const { conversation, entry } = find(snapshot, owner, request);
        if (!entry.usesMessaging) throw new RefusalError(404, undefined, 'the participant does not use messaging');
        return participantMessagingResource(face, conversation, entry);
      });
    });
  }

  for (const { communication, options, callerOf } of ucwaFamilies(deps)) {
    const path = `${communication}/conversations/:conversationId/localParticipant/messaging`;
    app.get(path, options, async (request) => {
      const { owner, face } = await callerOf(request);
      return deps.store.read((snapshot) => {
        const conversation = ownedConversation(snapshot, owner, param(request, 'conversationId'));
        if (conversation.messaging !== 'Connected')
          throw new RefusalError(404, undefined, 'messaging is not connected');
        return localParticipantMessagingResource(face, conversation);
      });
    });
  }

  const service = serviceFamily(deps);
  const ejectPath = `${service.communication}/conversations/:conversationId/participants/:participantId/eject`;
  app.post(ejectPath, service.options, async (request, reply) => {
    const caller = serviceCaller(request);
    requirePermission(caller, permissions.joinAndManageMeetings);
    await deps.act(request, (world) => {
      eject(world, caller.owner, param(request, 'conversationId'), param(request, 'participantId'));
      return null;
    });
    return done(reply);
  });
}

/** @throws RefusalError 404 */
function find(look: Look, owner: ConversationOwner, request: FastifyRequest) {
  const conversation = ownedConversation(look, owner, param(request, 'conversationId'));
  const entry = participantOf(look, conversation, param(request, 'participantId'));
  if (entry === undefined) throw new RefusalError(404, undefined, 'no such participant');
  return { conversation, entry };
}
