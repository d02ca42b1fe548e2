/** adhocMeetings: on-demand meetings that nobody has joined yet (reference/service-api.md 4). */
import { limits } from '@repo/ucwa-protocol/limits';
import { sipDomain } from '@repo/ucwa-protocol/sipUri';
import { fromWireDate } from '@repo/ucwa-protocol/wireDate';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { adhocMeetingResource } from '../hal/adhocMeeting.ts';
import { adhocMeetingsResource } from '../hal/application.ts';
import { href } from '../hal/href.ts';
import { queryValue, readInput } from '../input.ts';
import { createAdhocMeeting, deleteAdhocMeeting, rememberedMeeting } from '../model/adhocMeeting.ts';
import { meetingFor, meetingUri } from '../model/onlineMeeting.ts';
import { refuseParameter } from '../model/refusal.ts';
import { permissions } from '../model/registration.ts';
import {
  done,
  param,
  requirePermission,
  type ServiceCaller,
  serviceCaller,
  serviceFamily,
  servicePath,
} from './callers.ts';
import { given, sipUri } from './inputs.ts';

const dayMs = 86_400_000;
const [oldest, farthest] = [-365 * dayMs, 3653 * dayMs];
const onOff = z.enum(['Disabled', 'Enabled']).optional();

export const adhocMeetingInput = z.object({
  subject: z.string().max(limits.subject).optional(),
  description: z.string().optional(),
  accessLevel: z.enum(['None', 'SameEnterprise', 'Locked', 'Invited', 'Everyone']).optional(),
  leaders: z.array(sipUri).optional(),
  attendees: z.array(sipUri).optional(),
  automaticLeaderAssignment: z.enum(['Disabled', 'SameEnterprise', 'Everyone']).optional(),
  entryExitAnnouncement: z.enum(['Unsupported', 'Disabled', 'Enabled']).optional(),
  phoneUserAdmission: onOff,
  lobbyBypassForPhoneUsers: onOff,
  expirationTime: z.string().optional(),
});

export function registerAdhocMeetings(app: FastifyInstance, deps: Deps): void {
  const { options } = serviceFamily(deps);
  const path = `${servicePath}/adhocMeetings`;

  app.post(path, options, async (request, reply) => {
    const caller = allowedCaller(request);
    const { subject, expirationTime, ...rules } = given(readInput(request, adhocMeetingInput));
    const expiresAt = expirationTime === undefined ? undefined : readExpiry(expirationTime, deps.clock.now());
    const { uri } = await deps.act(request, (world) =>
      createAdhocMeeting(world, caller, {
        rules,
        ...(subject === undefined ? {} : { subject }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      }),
    );
    const meeting = await deps.store.read((snapshot) => rememberedMeeting(snapshot, caller.tenantId, uri));
    reply.code(201).header('Location', href.adhocMeeting(caller.face, meeting.key, meeting.organizerUri));
    return adhocMeetingResource(caller.face, meeting, deps.publicUrl);
  });

  // Only a place to post to; a link leads somewhere all the same.
  app.get(path, options, async (request) => adhocMeetingsResource(allowedCaller(request).face));

  app.get(`${path}/:key`, options, async (request) => {
    const caller = allowedCaller(request);
    const meeting = await deps.store.read((snapshot) => {
      const { uri } = rememberedMeeting(snapshot, caller.tenantId, addressed(request, caller));
      return meetingFor(snapshot, caller.tenantId, uri);
    });
    return adhocMeetingResource(caller.face, meeting, deps.publicUrl);
  });

  app.delete(`${path}/:key`, options, async (request, reply) => {
    const caller = allowedCaller(request);
    await deps.act(request, (world) => {
      deleteAdhocMeeting(world, caller.tenantId, addressed(request, caller));
      return null;
    });
    return done(reply);
  });
}

function allowedCaller(request: FastifyRequest): ServiceCaller {
  const caller = serviceCaller(request);
  requirePermission(caller, permissions.createAdhocMeetings);
  return caller;
}

/** The meeting that the address names: its key, and its organizer in the query. */
function addressed(request: FastifyRequest, caller: ServiceCaller): string {
  const organizer = queryValue(request, 'onlineMeetingContext') ?? `sip:meetings@${sipDomain(caller.local.uri)}`;
  return meetingUri(organizer.toLowerCase(), param(request, 'key').toUpperCase());
}

/** @returns milliseconds since 1970. @throws RefusalError 400 when it is no date, or too far away */
function readExpiry(text: string, now: number): number {
  const expiresAt = fromWireDate(text) ?? refuseParameter('expirationTime', 'invalid');
  const distance = expiresAt - now;
  return distance < oldest || distance > farthest ? refuseParameter('expirationTime', 'out of range') : expiresAt;
}
