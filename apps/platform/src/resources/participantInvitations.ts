/** addParticipant: calling a person into the meeting of a conversation (reference/service-api.md 8, reference/ucwa-api.md 9). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { href } from '../hal/href.ts';
import { invitationResource } from '../hal/invitation.ts';
import { queryValue, readInput } from '../input.ts';
import { conversationById } from '../model/conversation.ts';
import { ownedInvitation } from '../model/invitation.ts';
import { addParticipant, cancelParticipant } from '../model/participantInvitation.ts';
import { RefusalError, refuseParameter } from '../model/refusal.ts';
import { permissions } from '../model/registration.ts';
import { allFamilies, done, param, requirePermission, started } from './callers.ts';
import { operationId, sipUri } from './inputs.ts';

export const addParticipantInput = z.object({ operationId, to: sipUri });

export function registerParticipantInvitations(app: FastifyInstance, deps: Deps): void {
  for (const { communication, options, callerOf } of allFamilies(deps)) {
    app.post(`${communication}/participantInvitations`, options, async (request, reply) => {
      const caller = await callerOf(request);
      requirePermission(caller, permissions.joinAndManageMeetings);
      const { face } = caller;
      if (face.kind === 'ucwa' && face.audience === 'anonymous') throw new RefusalError(403, 'NotAllowed');
      const name = face.kind === 'service' ? 'conversationId' : 'conversation';
      const conversationId = queryValue(request, name)?.toLowerCase() ?? refuseParameter(name, 'missing');
      const input = readInput(request, addParticipantInput);
      const { id } = await deps.act(request, (world) => addParticipant(world, caller, conversationId, input));
      return started(reply, href.participantInvitation(face, id));
    });

    app.get(`${communication}/participantInvitations/:invitationId`, options, async (request) => {
      const { owner, face } = await callerOf(request);
      return deps.store.read((snapshot) => {
        const invitation = ownedInvitation(snapshot, owner, 'participantInvitation', param(request, 'invitationId'));
        return invitationResource(snapshot, face, conversationById(snapshot, invitation.conversationId), invitation);
      });
    });

    app.post(`${communication}/participantInvitations/:invitationId/cancel`, options, async (request, reply) => {
      const { owner } = await callerOf(request);
      await deps.act(request, (world) => {
        cancelParticipant(world, owner, 'participantInvitation', param(request, 'invitationId'));
        return null;
      });
      return done(reply);
    });
  }
}
