/** messagingInvitations on both faces: start, add messaging, and the answers to an incoming one (service-api 6, ucwa-api 5). */

import { limits } from '@repo/ucwa-protocol/limits';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Deps, servicePrincipal } from '../deps.ts';
import { href } from '../hal/href.ts';
import { invitationResource } from '../hal/invitation.ts';
import { queryValue, readInput } from '../input.ts';
import { conversationById } from '../model/conversation.ts';
import { ownedInvitation } from '../model/invitation.ts';
import { addMessaging } from '../model/messaging.ts';
import { acceptAndBridge, acceptMessaging, declineMessaging, startMessaging } from '../model/messagingInvitation.ts';
import { RefusalError } from '../model/refusal.ts';
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
import {
  callbackInputs,
  callbackOf,
  contentInputs,
  contentOf,
  given,
  invitationInputs,
  operationId,
  sipUri,
} from './inputs.ts';

export const startMessagingInput = z.object({
  operationId,
  to: sipUri,
  ...invitationInputs,
  ...contentInputs,
  ...callbackInputs,
  localUserDisplayName: z.string().max(limits.displayName).optional(),
  localUserUri: sipUri.optional(),
});
export const addMessagingInput = z.object({ operationId, ...contentInputs });
const addUcwaSchema = z.object({ operationId: operationId.optional(), ...contentInputs });
export const acceptAndBridgeInput = z.object({
  onlineMeetingUri: z.string().min(1),
  impersonatedDisplayName: z.string().max(limits.displayName).optional(),
  localUserDisplayName: z.string().max(limits.displayName).optional(),
});

export function registerMessagingInvitations(app: FastifyInstance, deps: Deps): void {
  const service = serviceFamily(deps);

  app.post(`${servicePath}/communication/messagingInvitations`, service.options, async (request, reply) =>
    start(deps, request, reply, serviceCaller(request)),
  );

  // With `conversationId` (service) or `conversation` (UCWA) it is the addMessaging link of that conversation.
  for (const { communication, options, callerOf } of allFamilies(deps)) {
    app.post(`${communication}/messagingInvitations`, options, async (request, reply) => {
      const caller = await callerOf(request);
      const conversationId = queryValue(
        request,
        caller.face.kind === 'service' ? 'conversationId' : 'conversation',
      )?.toLowerCase();
      return conversationId === undefined
        ? start(deps, request, reply, caller)
        : add(deps, request, reply, caller, conversationId);
    });

    app.get(`${communication}/messagingInvitations/:invitationId`, options, async (request) => {
      const { owner, face } = await callerOf(request);
      return deps.store.read((snapshot) => {
        const invitation = ownedInvitation(snapshot, owner, 'messagingInvitation', param(request, 'invitationId'));
        return invitationResource(snapshot, face, conversationById(snapshot, invitation.conversationId), invitation);
      });
    });

    app.post(`${communication}/messagingInvitations/:invitationId/decline`, options, async (request, reply) => {
      const { owner } = await callerOf(request);
      await deps.act(request, (world) => {
        declineMessaging(world, owner, param(request, 'invitationId'));
        return null;
      });
      return done(reply);
    });
  }

  const bridgePath = `${service.communication}/messagingInvitations/:invitationId/acceptAndBridge`;
  app.post(bridgePath, service.options, async (request, reply) => {
    const caller = serviceCaller(request);
    requirePermission(caller, permissions.instantMessages);
    const input = readInput(request, acceptAndBridgeInput);
    const name = input.impersonatedDisplayName ?? input.localUserDisplayName;
    await deps.act(request, (world) => {
      acceptAndBridge(world, caller, param(request, 'invitationId'), {
        onlineMeetingUri: input.onlineMeetingUri,
        ...(name === undefined ? {} : { impersonatedDisplayName: name }),
      });
      return null;
    });
    return reply.code(200).send();
  });

  for (const { communication, options, callerOf } of ucwaFamilies(deps)) {
    app.post(`${communication}/messagingInvitations/:invitationId/accept`, options, async (request, reply) => {
      const { owner } = await callerOf(request);
      await deps.act(request, (world) => {
        acceptMessaging(world, owner, param(request, 'invitationId'));
        return null;
      });
      return done(reply);
    });
  }
}

async function start(deps: Deps, request: FastifyRequest, reply: FastifyReply, caller: RequestCaller) {
  requirePermission(caller, permissions.instantMessages);
  const input = given(readInput(request, startMessagingInput));
  const isService = caller.face.kind === 'service';
  const wantsIdentity = input.localUserUri !== undefined || input.localUserDisplayName !== undefined;
  // Only startMessagingWithIdentity speaks in another name (reference/service-api.md 5).
  if (isService && wantsIdentity && !servicePrincipal(request).client.privileged) {
    throw new RefusalError(403, 'NotAllowed', 'the application may not speak in the name of somebody else');
  }
  const local = {
    uri: (isService ? input.localUserUri : undefined) ?? caller.local.uri,
    name: (isService ? input.localUserDisplayName : undefined) ?? caller.local.name,
  };
  const { subject, threadId, importance } = input;
  const callback = isService ? await callbackOf(deps, request, input) : {};
  const { id } = await deps.act(request, (world) =>
    startMessaging(
      world,
      { ...caller, local },
      {
        operationId: input.operationId,
        to: input.to,
        ...given({ subject, threadId, importance }),
        ...contentOf(input),
        ...callback,
      },
    ),
  );
  return started(reply, href.messagingInvitation(caller.face, id));
}

async function add(
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: RequestCaller,
  conversationId: string,
) {
  requirePermission(caller, permissions.instantMessages);
  const { operationId, ...content } = readInput(
    request,
    caller.face.kind === 'service' ? addMessagingInput : addUcwaSchema,
  );
  const input = { ...given({ operationId }), ...contentOf(content) };
  const { id } = await deps.act(request, (world) => addMessaging(world, caller.owner, conversationId, input));
  return started(reply, href.messagingInvitation(caller.face, id));
}
