/** Counts every request that writes or rings somebody, after its token has been checked and before anything is stored. */
import type { FastifyInstance, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify';
import type { AddressOf } from './clientAddress.ts';
import { queryValue } from './input.ts';
import { callerKey } from './model/principal.ts';
import type { RateLimits } from './rateLimits.ts';

const invitations =
  /\/(messagingInvitations|onlineMeetingInvitations|participantInvitations|userMeetingInvitations)(\/(startAdhocMeeting|joinOnlineMeeting|joinAdhocMeeting))?$/i;

const writing = ['POST', 'PUT', 'PATCH', 'DELETE'];

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
  const countWrite: preHandlerAsyncHookHandler = async ({ principal }: FastifyRequest) => {
    if (principal !== undefined && principal.kind !== 'service') await rates.countWrite(callerKey(principal));
  };
  app.addHook('onRoute', (route) => {
    const writes = [route.method].flat().some((method) => writing.includes(method));
    if (writes && /^\/ucwa\//i.test(route.url)) route.preHandler = [...[route.preHandler ?? []].flat(), countWrite];
    if (![route.method].flat().includes('POST') || !invitations.test(route.url)) return;
    route.preHandler = [...[route.preHandler ?? []].flat(), count];
  });
}
