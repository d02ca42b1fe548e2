/** Joining a meeting, and the agent's answer to being called in (reference/service-api.md 7, reference/ucwa-api.md 9). */
import { limits } from '@repo/ucwa-protocol/limits';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { href } from '../hal/href.ts';
import { invitationResource } from '../hal/invitation.ts';
import { bodyMember, queryValue, readInput } from '../input.ts';
import { refuseGet } from '../methodNotAllowed.ts';
import { conversationById } from '../model/conversation.ts';
import { ownedInvitation } from '../model/invitation.ts';
import {
  acceptMeeting,
  declineMeeting,
  joinOnlineMeeting,
  startAdhocMeeting,
} from '../model/onlineMeetingInvitation.ts';
import { RefusalError, refuseParameter } from '../model/refusal.ts';
import { permissions } from '../model/registration.ts';
import {
  allFamilies,
  done,
  param,
  type RequestCaller,
  requirePermission,
  serviceCaller,
  serviceFamily,
  servicePath,
  started,
  ucwaFamilies,
} from './callers.ts';
import { callbackInputs, callbackOf, given, invitationInputs, operationId } from './inputs.ts';

export const joinMeetingInput = z.object({
  operationId,
  onlineMeetingUri: z.string().min(1).optional(),
  ...invitationInputs,
  ...callbackInputs,
});

export function registerOnlineMeetingInvitations(app: FastifyInstance, deps: Deps): void {
  const service = serviceFamily(deps);

  // joinOnlineMeeting, and joinAdhocMeeting, whose meeting is in `confUrl`.
  app.post(`${servicePath}/communication/onlineMeetingInvitations`, service.options, async (request, reply) => {
    const caller = serviceCaller(request);
    requirePermission(caller, permissions.joinAndManageMeetings);
    return join(deps, request, reply, caller);
  });

  const startPath = `${service.communication}/onlineMeetingInvitations/startAdhocMeeting`;
  app.post(startPath, service.options, async (request, reply) => {
    const caller = serviceCaller(request);
    requirePermission(caller, permissions.createAdhocMeetings);
    return startAdhoc(deps, request, reply, caller);
  });
  refuseGet(app, startPath, ['POST']);

  for (const { communication, options, callerOf } of allFamilies(deps)) {
    app.get(`${communication}/onlineMeetingInvitations/:invitationId`, options, async (request) => {
      const { owner, face } = await callerOf(request);
      return deps.store.read((snapshot) => {
        const invitation = ownedInvitation(snapshot, owner, 'onlineMeetingInvitation', param(request, 'invitationId'));
        return invitationResource(snapshot, face, conversationById(snapshot, invitation.conversationId), invitation);
      });
    });
  }

  for (const { communication, options, callerOf } of ucwaFamilies(deps)) {
    app.post(`${communication}/onlineMeetingInvitations`, options, async (request, reply) => {
      const caller = await callerOf(request);
      if (caller.face.kind === 'ucwa' && caller.face.audience === 'anonymous')
        return joinAsGuest(deps, request, reply, caller);
      // Only who has no name of its own may say one.
      if (bodyMember(request, 'anonymousDisplayName') != null) refuseParameter('anonymousDisplayName', 'not allowed');
      const isNew = (queryValue(request, 'onlineMeetingUri') ?? 'adhoc') === 'adhoc';
      const named = readInput(request, joinMeetingInput).onlineMeetingUri;
      return isNew && (named === undefined || named === 'adhoc')
        ? startAdhoc(deps, request, reply, caller)
        : join(deps, request, reply, caller);
    });

    for (const [action, decide] of [
      ['accept', acceptMeeting],
      ['decline', declineMeeting],
    ] as const) {
      app.post(`${communication}/onlineMeetingInvitations/:invitationId/${action}`, options, async (request, reply) => {
        const { owner } = await callerOf(request);
        await deps.act(request, (world) => {
          decide(world, owner, param(request, 'invitationId'));
          return null;
        });
        return done(reply);
      });
    }
  }
}

async function startAdhoc(deps: Deps, request: FastifyRequest, reply: FastifyReply, caller: RequestCaller) {
  const input = await inputOf(deps, request, caller);
  const { id } = await deps.act(request, (world) => startAdhocMeeting(world, caller, input));
  return started(reply, href.onlineMeetingInvitation(caller.face, id));
}

async function join(deps: Deps, request: FastifyRequest, reply: FastifyReply, caller: RequestCaller) {
  const onlineMeetingUri = queryValue(request, 'confUrl') ?? readInput(request, joinMeetingInput).onlineMeetingUri;
  if (onlineMeetingUri === undefined) {
    throw new RefusalError(400, 'ParameterValidationFailure', undefined, { onlineMeetingUri: 'missing' });
  }
  const input = { ...(await inputOf(deps, request, caller)), onlineMeetingUri };
  const { id } = await deps.act(request, (world) => joinOnlineMeeting(world, caller, input));
  return started(reply, href.onlineMeetingInvitation(caller.face, id));
}

export const guestJoinInput = joinMeetingInput.extend({
  anonymousDisplayName: z.string().trim().max(limits.anonymousDisplayName).optional(),
  onlineMeetingUri: z.string().min(1),
});

/** A visitor with a meeting token comes under the name that it gives here, or gave when it signed in (reference/ucwa-api.md 9). */
async function joinAsGuest(deps: Deps, request: FastifyRequest, reply: FastifyReply, caller: RequestCaller) {
  if (!(await mayJoin(deps, caller))) throw new RefusalError(403);
  const { anonymousDisplayName, onlineMeetingUri } = readInput(request, guestJoinInput);
  const name = anonymousDisplayName || caller.local.name || refuseParameter('anonymousDisplayName', 'missing');
  const input = { ...(await inputOf(deps, request, caller)), onlineMeetingUri };
  const guest = { ...caller, local: { uri: caller.local.uri, name } };
  const { id } = await deps.act(request, (world) => joinOnlineMeeting(world, guest, input));
  return started(reply, href.onlineMeetingInvitation(caller.face, id));
}

/** Whether the token is a meeting's at all: without it not even the inputs are looked at. */
async function mayJoin(deps: Deps, { owner }: RequestCaller): Promise<boolean> {
  if (owner.face !== 'ucwa') return false;
  const application = await deps.store.read((snapshot) => snapshot.get('ucwaApplication', owner.applicationId));
  return application?.meetingUri !== undefined;
}

async function inputOf(deps: Deps, request: FastifyRequest, caller: RequestCaller) {
  const { callbackUrl, callbackContext, onlineMeetingUri: _uri, ...rest } = given(readInput(request, joinMeetingInput));
  return {
    ...rest,
    ...(caller.face.kind === 'service' ? await callbackOf(deps, request, { callbackUrl, callbackContext }) : {}),
  };
}
