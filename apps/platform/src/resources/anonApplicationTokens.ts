/** `anonApplicationTokens`: the SA asks for a visitor's token (reference/service-api.md 3). */
import { limits } from '@repo/ucwa-protocol/limits';
import type { AnonApplicationToken } from '@repo/ucwa-protocol/resources/anonApplicationToken';
import { sipDomain } from '@repo/ucwa-protocol/sipUri';
import { toWireDate } from '@repo/ucwa-protocol/wireDate';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { escapeForContext } from '../auth/anonToken.ts';
import { parseOrigins } from '../auth/cors.ts';
import { authenticateService } from '../auth/serviceToken.ts';
import { type Deps, servicePrincipal } from '../deps.ts';
import { invalidParameters, RequestRefusedError } from '../errors.ts';
import { serviceFaceOf } from '../hal/application.ts';
import { rel } from '../hal/face.ts';
import { href } from '../hal/href.ts';
import { readInput } from '../input.ts';
import type { Meeting } from '../model/documents.ts';
import { canonicalMeetingUri, meetingUri } from '../model/onlineMeeting.ts';
import { permissions } from '../model/registration.ts';

export const anonApplicationTokenInput = z.object({
  applicationSessionId: z.string().min(1).max(limits.endpointId),
  allowedOrigins: z.string(),
  meetingUrl: z.string().optional(),
});

export function registerAnonApplicationTokens(app: FastifyInstance, deps: Deps): void {
  const path = '/platformservice/v1/applications/:applicationId/anonApplicationTokens';
  app.post(path, { preHandler: authenticateService(deps) }, async (request): Promise<AnonApplicationToken> => {
    const { client, endpoint, tenantId } = servicePrincipal(request);
    if (!client.permissions.includes(permissions.guestJoin))
      throw new RequestRefusedError(403, { subcode: 'NotAllowed' });
    const { applicationSessionId, allowedOrigins, meetingUrl } = readInput(request, anonApplicationTokenInput);
    const origins = parseOrigins(allowedOrigins);
    if (origins === undefined) throw invalidParameters({ allowedOrigins: 'invalid' });
    const meeting = meetingUrl === undefined ? undefined : await findMeeting(deps, tenantId, meetingUrl);
    const { token, expiresAt } = await deps.tokens.anonymous.issue({
      tenantId,
      endpointUri: endpoint.uri,
      applicationSessionId,
      allowedOrigins: origins,
      ...(meeting === undefined ? {} : { meetingUri: meeting.uri }),
      routingUri: `sip:pool@${sipDomain(endpoint.uri)}`,
      tokenId: deps.newId(),
    });
    const face = serviceFaceOf(client, endpoint);
    const context = meeting === undefined ? 'anonymousContext' : 'anonymousMeetingJoinContext';
    return {
      token,
      expiryTime: toWireDate(expiresAt),
      _links: {
        self: { href: `${deps.publicUrl}${href.anonApplicationTokens(face)}` },
        [rel(face, 'discover')]: { href: `${deps.publicUrl}${href.discover()}?${context}=${escapeForContext(token)}` },
      },
      rel: rel(face, 'anonApplicationToken'),
    };
  });
}

/** The meeting behind a join URL, which is turned into its uri as scripts do it (client-expectations U25). */
async function findMeeting(deps: Deps, tenantId: string, meetingUrl: string): Promise<Meeting> {
  if (!URL.canParse(meetingUrl)) throw invalidParameters({ meetingUrl: 'invalid' });
  const { hostname, pathname } = new URL(meetingUrl);
  const [user = '', key = ''] = pathname.split('/').filter(Boolean);
  const domain = hostname.split('.').slice(1).join('.');
  const uri = canonicalMeetingUri(meetingUri(`sip:${user}@${domain}`, key));
  const meeting = await deps.store.read((snapshot) => snapshot.get('meeting', uri));
  if (meeting === undefined || meeting.ended) throw new RequestRefusedError(404, { subcode: 'DestinationNotFound' });
  if (meeting.tenantId !== tenantId) throw new RequestRefusedError(403);
  return meeting;
}
