/** Who is behind a request, in the model's terms, and the two families of addresses that conversations have. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authenticatePerson } from '../auth/agentToken.ts';
import { authenticateAnonymous } from '../auth/anonToken.ts';
import { authenticateService } from '../auth/serviceToken.ts';
import { type Deps, servicePrincipal, ucwaPrincipal } from '../deps.ts';
import { serviceFaceOf } from '../hal/application.ts';
import type { Face, ServiceFace, UcwaFace } from '../hal/face.ts';
import { ucwaFace } from '../hal/faceOf.ts';
import type { UcwaApplication } from '../model/documents.ts';
import type { Caller } from '../model/messagingInvitation.ts';
import { RefusalError } from '../model/refusal.ts';
import type { Permission } from '../model/registration.ts';
import { isUnheard, noteRequest, ownedApplication } from '../model/ucwaApplication.ts';

export interface RequestCaller extends Caller {
  readonly face: Face;
}

export interface ServiceCaller extends RequestCaller {
  readonly face: ServiceFace;
}

export interface UcwaCaller extends RequestCaller {
  readonly face: UcwaFace;
  readonly application: UcwaApplication;
}

/** Only behind authenticateService. */
export function serviceCaller(request: FastifyRequest): ServiceCaller {
  const { client, endpoint, tenantId } = servicePrincipal(request);
  return {
    owner: { face: 'service', tenantId, endpointUri: endpoint.uri },
    tenantId,
    local: { uri: endpoint.uri, name: endpoint.displayName },
    face: serviceFaceOf(client, endpoint),
  };
}

/** Only behind authenticateAnonymous or authenticatePerson. @throws RefusalError 403, 404, 410 for the application in the path */
export async function ucwaCaller(deps: Deps, request: FastifyRequest): Promise<UcwaCaller> {
  const principal = ucwaPrincipal(request);
  const application = await deps.store.read((snapshot) => ownedApplication(snapshot, principal, param(request, 'id')));
  if (isUnheard(application, deps.clock.now()))
    await deps.act(undefined, (world) => noteRequest(world, application.id));
  return {
    owner: { face: 'ucwa', applicationId: application.id },
    tenantId: application.tenantId,
    local: { uri: application.uri, name: application.name },
    face: ucwaFace(application),
    application,
  };
}

/** @throws RefusalError 403 NotAllowed: the address was guessed, its link is not there (reference/errors.md 3) */
export function requirePermission(caller: RequestCaller, permission: Permission): void {
  if (caller.face.kind === 'service' && !caller.face.permissions.includes(permission)) {
    throw new RefusalError(403, 'NotAllowed');
  }
}

/** One of the two families: its addresses, its check of tokens, and how its caller is read. */
export interface Family {
  /** `.../communication` of the conversation-scoped addresses. */
  readonly communication: string;
  readonly options: { readonly preHandler: (request: FastifyRequest, reply: FastifyReply) => Promise<void> };
  readonly callerOf: (request: FastifyRequest) => RequestCaller | Promise<RequestCaller>;
}

/** `{APP}` of reference/README.md: what is not under a conversation. */
export const servicePath = '/platformservice/v1/applications/:applicationId';
export const ucwaPaths = {
  anonymous: '/ucwa/psanon/v1/applications',
  agent: '/ucwa/oauth/v1/applications',
} as const;

export function serviceFamily(deps: Deps): Family {
  return {
    communication: '/platformservice/:tgt/v1/applications/:applicationId/communication',
    options: { preHandler: authenticateService(deps) },
    callerOf: serviceCaller,
  };
}

export function ucwaFamilies(deps: Deps): Family[] {
  const callerOf = (request: FastifyRequest): Promise<UcwaCaller> => ucwaCaller(deps, request);
  return [
    {
      communication: `${ucwaPaths.anonymous}/:id/communication`,
      options: { preHandler: authenticateAnonymous(deps) },
      callerOf,
    },
    {
      communication: `${ucwaPaths.agent}/:id/communication`,
      options: { preHandler: authenticatePerson(deps) },
      callerOf,
    },
  ];
}

export const allFamilies = (deps: Deps): Family[] => [serviceFamily(deps), ...ucwaFamilies(deps)];

/** The same route under both UCWA roots, behind the token check of each. */
export function registerUcwa(
  app: FastifyInstance,
  deps: Deps,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  const roots = [
    [ucwaPaths.anonymous, authenticateAnonymous(deps)],
    [ucwaPaths.agent, authenticatePerson(deps)],
  ] as const;
  for (const [root, preHandler] of roots) app.route({ method, url: `${root}${path}`, preHandler, handler });
}

/** A parameter of the path in lower case, as all ids are; empty when the route has none of that name. */
export function param(request: FastifyRequest, name: string): string {
  const value = (request.params as Readonly<Record<string, string | undefined>>)[name];
  return (value ?? '').toLowerCase();
}

/** 204, as every plain action, PUT and DELETE is answered. */
export function done(reply: FastifyReply): FastifyReply {
  return reply.code(204).send();
}

/** 201 with the address of what was started; the answer of an operation has no body. */
export function started(reply: FastifyReply, location: string): FastifyReply {
  return reply.code(201).header('Location', location).send();
}
