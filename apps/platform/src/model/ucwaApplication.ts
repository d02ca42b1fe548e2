/**
 * UCWA applications: created, found again, ended (reference/ucwa-api.md 2, reference/events.md 3 "Idle rules").
 * Who may use one is decided here: a visitor only the one of its own session, a person only its own.
 */
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import { stopExpectingActivity } from './activity.ts';
import { idleTimer, openUcwaChannel, ucwaChannelId } from './channel.ts';
import type { UcwaApplication } from './documents.ts';
import { numericId } from './ids.ts';
import { personOwnerKey } from './presence.ts';
import type { AnonymousPrincipal, PersonPrincipal, Principal } from './principal.ts';
import { RefusalError, refuseParameter } from './refusal.ts';
import { channelIdsOf, openInstance, type SignedIn } from './tabs.ts';
import { abandonConversations } from './teardown.ts';
import type { Look, World } from './world.ts';

export interface ApplicationInput {
  readonly userAgent?: string;
  readonly culture?: string;
  readonly endpointId?: string;
  readonly instanceId?: string;
  readonly type?: string;
  readonly anonymousDisplayName?: string;
}

export const expiryTimerKind = 'ucwaApplication.expiry';

const ownerKey = (principal: AnonymousPrincipal | PersonPrincipal) =>
  principal.kind === 'person'
    ? personOwnerKey(principal.uri)
    : `visitor:${principal.endpointUri}:${principal.applicationSessionId}`;

/**
 * The application in a path, if it is the caller's.
 * @throws RefusalError 404 ApplicationNotFound (unknown or signed out), 403 (somebody else's), 410 with the reason (ended)
 */
export function ownedApplication(look: Look, principal: Principal, id: string): UcwaApplication {
  const application = look.get('ucwaApplication', id);
  if (application === undefined) throw new RefusalError(404, 'ApplicationNotFound');
  if (!isOwner(principal, application)) throw new RefusalError(403);
  if (application.ended === 'SignedOut') throw new RefusalError(404, 'ApplicationNotFound');
  if (application.ended !== undefined) throw new RefusalError(410, application.ended);
  return application;
}

function isOwner(principal: Principal, application: UcwaApplication): boolean {
  if (principal.kind === 'service' || principal.tenantId !== application.tenantId) return false;
  if (principal.kind === 'person') {
    return application.audience === 'agent' && application.uri === normalizeSipUri(principal.uri);
  }
  return (
    application.audience === 'anonymous' &&
    application.endpointId === principal.applicationSessionId &&
    application.helpdeskUri === principal.endpointUri &&
    application.meetingUri === principal.meetingUri
  );
}

/**
 * Signs in, or finds the same client's living application.
 * @throws RefusalError 400 ParameterValidationFailure
 */
export function createApplication(
  world: World,
  principal: AnonymousPrincipal | PersonPrincipal,
  input: ApplicationInput,
): SignedIn {
  const wanted =
    principal.kind === 'person' ? personApplication(principal, input) : visitorApplication(principal, input);
  const key = ownerKey(principal);
  const owner = world.get('owner', key) ?? { applicationIds: [] };
  const living = owner.applicationIds
    .map((id) => world.get('ucwaApplication', id))
    .filter((application) => application !== undefined)
    .filter((application) => application.ended === undefined);
  const same = living.find((application) => isSameClient(application, wanted));
  if (same !== undefined) {
    if (wanted.expiresAt !== undefined && wanted.expiresAt > (same.expiresAt ?? 0)) {
      world.put('ucwaApplication', same.id, {
        ...same,
        expiresAt: wanted.expiresAt,
        allowedOrigins: wanted.allowedOrigins,
      });
      scheduleExpiry(world, same.id, wanted.expiresAt);
    }
    return openInstance(world, world.get('ucwaApplication', same.id) ?? same, input.instanceId);
  }

  const id = numericId(world.newId(), (candidate) => world.get('ucwaApplication', candidate) !== undefined);
  const uri = principal.kind === 'person' ? normalizeSipUri(principal.uri) : `sip:${id}@anonymous.invalid`;
  world.put('ucwaApplication', id, { ...wanted, id, uri, conversationIds: [], createdAt: world.now });
  world.put('owner', key, { applicationIds: [...living.map((application) => application.id), id] });
  world.put('channel', ucwaChannelId(id), openUcwaChannel());
  world.schedule(idleTimer(id, world.now));
  if (wanted.expiresAt !== undefined) scheduleExpiry(world, id, wanted.expiresAt);
  const oldest = living[0];
  if (oldest !== undefined && living.length >= world.settings.maxApplicationsPerPerson) {
    endApplication(world, oldest.id, 'TooManyApplications');
  }
  return { id, created: true };
}

/**
 * A tab that no longer fetches its events: its channel goes, or the whole application when it has no other one
 * (reference/events.md 3 "bound the queue").
 */
export function dropChannel(world: World, id: string, channelId: string): void {
  const application = world.get('ucwaApplication', id);
  if (application === undefined) return;
  const isThere = (other: string) => other !== channelId && world.get('channel', other) !== undefined;
  if (!channelIdsOf(application).some(isThere)) {
    endApplication(world, id, 'InactiveApplicationExpired');
    return;
  }
  const instances = (application.instances ?? []).filter(({ key }) => ucwaChannelId(id, key) !== channelId);
  world.put('ucwaApplication', id, { ...application, instances });
  world.delete('channel', channelId);
}

type Wanted = Omit<UcwaApplication, 'id' | 'uri' | 'conversationIds' | 'createdAt'>;

function personApplication(principal: PersonPrincipal, input: ApplicationInput): Wanted {
  return {
    audience: 'agent',
    tenantId: principal.tenantId,
    name: principal.person.displayName,
    culture: input.culture ?? refuseParameter('culture', 'missing'),
    userAgent: input.userAgent ?? refuseParameter('userAgent', 'missing'),
    endpointId: input.endpointId ?? refuseParameter('endpointId', 'missing'),
    ...(input.type === undefined ? {} : { type: input.type }),
    ...(input.instanceId === undefined ? {} : { instanceId: input.instanceId }),
    allowedOrigins: [],
    available: false,
    messageFormats: ['Plain', 'Html'],
  };
}

function visitorApplication(principal: AnonymousPrincipal, input: ApplicationInput): Wanted {
  return {
    audience: 'anonymous',
    tenantId: principal.tenantId,
    name: visitorName(principal, input),
    culture: input.culture ?? 'en-us',
    userAgent: input.userAgent ?? '',
    endpointId: principal.applicationSessionId,
    ...(input.type === undefined ? {} : { type: input.type }),
    helpdeskUri: principal.endpointUri,
    ...(principal.meetingUri === undefined ? {} : { meetingUri: principal.meetingUri }),
    allowedOrigins: principal.allowedOrigins,
    expiresAt: principal.expiresAt,
    available: false,
    messageFormats: ['Plain'],
  };
}

/** With a meeting token the name may come later, with joinOnlineMeeting (reference/ucwa-api.md 9). */
function visitorName(principal: AnonymousPrincipal, input: ApplicationInput): string {
  const name = input.anonymousDisplayName?.trim();
  if (name) return name;
  return principal.meetingUri === undefined ? refuseParameter('anonymousDisplayName', 'missing') : '';
}

function isSameClient(application: UcwaApplication, wanted: Wanted): boolean {
  if (application.endpointId !== wanted.endpointId) return false;
  if (wanted.audience === 'anonymous') return application.meetingUri === wanted.meetingUri;
  return (
    application.userAgent === wanted.userAgent &&
    application.culture === wanted.culture &&
    application.type === wanted.type
  );
}

function scheduleExpiry(world: World, id: string, dueAt: number): void {
  world.schedule({ name: `${expiryTimerKind}:${id}`, dueAt, kind: expiryTimerKind, id });
}

/**
 * Signs out: its conversations end, and the others see it leave; its own channel gets nothing more (reference/events.md 5).
 * Ending twice does nothing.
 */
export function endApplication(world: World, id: string, why: NonNullable<UcwaApplication['ended']>): void {
  const application = world.get('ucwaApplication', id);
  if (application === undefined || application.ended !== undefined) return;
  world.put('ucwaApplication', id, { ...application, ended: why, available: false });
  abandonConversations(world, application);
  stopExpectingActivity(world, id);
  world.unschedule(idleTimer(id, world.now).name);
  world.unschedule(`${expiryTimerKind}:${id}`);
  const key =
    application.audience === 'agent'
      ? personOwnerKey(application.uri)
      : `visitor:${application.helpdeskUri ?? ''}:${application.endpointId}`;
  const rest = (world.get('owner', key)?.applicationIds ?? []).filter((other) => other !== id);
  if (rest.length > 0) world.put('owner', key, { applicationIds: rest });
  else world.delete('owner', key);
  world.schedule({
    name: `ucwaApplication.forget:${id}`,
    dueAt: world.now + world.settings.rememberMs,
    kind: 'ucwaApplication.forget',
    id,
  });
}

/** How far behind the note of a request may be. */
const noteEveryMs = 5 * 60_000;

/** Whether a request has to be noted, because nothing else shows that the client is there. */
export function isUnheard({ listens, seenAt, createdAt }: UcwaApplication, now: number): boolean {
  return listens !== true && now - (seenAt ?? createdAt) >= noteEveryMs;
}

/** A client without an event channel has asked for something. */
export function noteRequest(world: World, id: string): void {
  const application = world.get('ucwaApplication', id);
  if (application === undefined || application.ended !== undefined || !isUnheard(application, world.now)) return;
  world.put('ucwaApplication', id, { ...application, seenAt: world.now });
  world.schedule(idleTimer(id, world.now));
}

/** The last trace goes: from now on 404 instead of 410. */
export function forgetApplication(world: World, id: string): void {
  const application = world.get('ucwaApplication', id);
  for (const channelId of channelIdsOf(application ?? { id })) world.delete('channel', channelId);
  world.delete('ucwaApplication', id);
}
