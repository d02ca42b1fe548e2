/** inviteUserToMeeting: calling a person into a meeting by its uri; the seed's form of addParticipant (service-api 8, call-flow D2). */
import { limits } from '@repo/ucwa-protocol/limits';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { href } from '../hal/href.ts';
import { invitationResource } from '../hal/invitation.ts';
import { readInput } from '../input.ts';
import { conversationById } from '../model/conversation.ts';
import { ownedInvitation } from '../model/invitation.ts';
import { cancelParticipant, inviteUserToMeeting } from '../model/participantInvitation.ts';
import { permissions } from '../model/registration.ts';
import { done, param, requirePermission, serviceCaller, serviceFamily, servicePath, started } from './callers.ts';
import { callbackInputs, callbackOf, given, operationId, sipUri } from './inputs.ts';

export const inviteUserInput = z.object({
  operationId,
  to: sipUri,
  onlineMeetingUri: z.string().min(1),
  localUserUri: sipUri.optional(),
  localUserDisplayName: z.string().max(limits.displayName).optional(),
  ...callbackInputs,
});

export function registerUserMeetingInvitations(app: FastifyInstance, deps: Deps): void {
  const { communication, options } = serviceFamily(deps);

  app.post(`${servicePath}/communication/userMeetingInvitations`, options, async (request, reply) => {
    const caller = serviceCaller(request);
    requirePermission(caller, permissions.joinAndManageMeetings);
    const { callbackUrl, callbackContext, ...input } = given(readInput(request, inviteUserInput));
    const callback = await callbackOf(deps, request, { callbackUrl, callbackContext });
    const { id } = await deps.act(request, (world) => inviteUserToMeeting(world, caller, { ...input, ...callback }));
    return started(reply, href.userMeetingInvitation(caller.face, id));
  });

  app.get(`${communication}/userMeetingInvitations/:invitationId`, options, async (request) => {
    const { owner, face } = serviceCaller(request);
    return deps.store.read((snapshot) => {
      const invitation = ownedInvitation(snapshot, owner, 'userMeetingInvitation', param(request, 'invitationId'));
      return invitationResource(snapshot, face, conversationById(snapshot, invitation.conversationId), invitation);
    });
  });

  app.post(`${communication}/userMeetingInvitations/:invitationId/cancel`, options, async (request, reply) => {
    const { owner } = serviceCaller(request);
    await deps.act(request, (world) => {
      cancelParticipant(world, owner, 'userMeetingInvitation', param(request, 'invitationId'));
      return null;
    });
    return done(reply);
  });
}
