/** Counts every request that rings somebody, after its token has been checked and before anything is stored. */
import type { FastifyInstance, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify';
import type { AddressOf } from './clientAddress.ts';
import { queryValue } from './input.ts';
import { callerKey } from './model/principal.ts';
import type { RateLimits } from './rateLimits.ts';

const invitations =
  /\/(messagingInvitations|onlineMeetingInvitations|participantInvitations|userMeetingInvitations)(\/(startAdhocMeeting|joinOnlineMeeting|joinAdhocMeeting))?$/i;

/** Must be called before the routes are registered: it listens to their registration. */
export function registerInvitationLimits(app: FastifyInstance, rates: RateLimits, addressOf: AddressOf): void {
  const count: preHandlerAsyncHookHandler = async (request: FastifyRequest) => {
    const { principal } = request;
    if (principal === undefined) return;
    // An agent who adds messaging to a conversation that he is in rings nobody, once for every chat.
    if (principal.kind === 'person' && queryValue(request, 'conversation') !== undefined) return;
    const kind = principal.kind === 'service' ? 'service' : 'person';
    await rates.countInvitation(kind, callerKey(principal), addressOf(request));
  };
  app.addHook('onRoute', (route) => {
    if (![route.method].flat().includes('POST') || !invitations.test(route.url)) return;
    route.preHandler = [...[route.preHandler ?? []].flat(), count];
  });
}
