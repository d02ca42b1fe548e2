/**
 * Where a person can be reached and how it appears (reference/ucwa-api.md 3). Its living applications that have used
 * makeMeAvailable take invitations; what it says of itself on one of them holds for all.
 */
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import { expectActivity, forgetInactivity, inactiveTimeoutMs } from './activity.ts';
import type { Availability, UcwaApplication } from './documents.ts';
import { RefusalError } from './refusal.ts';
import type { Look, World } from './world.ts';

export const personOwnerKey = (uri: string): string => `person:${normalizeSipUri(uri)}`;

/** Living applications of a person that take invitations, oldest first. */
export function availableApplications(look: Look, uri: string): UcwaApplication[] {
  const ids = look.get('owner', personOwnerKey(uri))?.applicationIds ?? [];
  return ids
    .map((id) => look.get('ucwaApplication', id))
    .filter((application) => application !== undefined)
    .filter((application) => application.available && application.ended === undefined);
}

/** Whether a person who could be rung does not want to be (reference/errors.md 4). */
export function refusesCalls(applications: readonly UcwaApplication[]): boolean {
  return applications.some((application) => application.availability === 'DoNotDisturb');
}

export interface MakeMeAvailable {
  readonly signInAs?: Availability;
  readonly messageFormats?: readonly ('Plain' | 'Html')[];
  /** Milliseconds. */
  readonly inactiveTimeoutMs?: number;
}

/** @throws RefusalError 403 AnonymousNotAllowed, 409 AlreadyExists */
export function makeMeAvailable(world: World, application: UcwaApplication, input: MakeMeAvailable): void {
  if (application.audience === 'anonymous') throw new RefusalError(403, 'AnonymousNotAllowed');
  if (application.available) throw new RefusalError(409, 'AlreadyExists');
  const elsewhere = availableApplications(world, application.uri)[0];
  const timeout = input.inactiveTimeoutMs ?? inactiveTimeoutMs;
  world.put('ucwaApplication', application.id, {
    ...application,
    available: true,
    availability: input.signInAs ?? elsewhere?.availability ?? 'Online',
    inactiveTimeoutMs: timeout,
    inactiveAt: world.now + timeout,
    ...(input.messageFormats === undefined ? {} : { messageFormats: input.messageFormats }),
  });
  expectActivity(world, application.id, world.now + timeout);
  const to = { applicationId: application.id };
  world.emit({ to, target: { kind: 'me' }, type: 'updated' });
  for (const kind of ['presence', 'note', 'location'] as const) world.emit({ to, target: { kind }, type: 'added' });
  if (input.signInAs !== undefined) setEverywhere(world, application, { availability: input.signInAs });
}

/** @throws RefusalError 403 AnonymousNotAllowed, 409 MakeMeAvailableRequired */
export function requireAvailable(application: UcwaApplication): void {
  if (application.audience === 'anonymous') throw new RefusalError(403, 'AnonymousNotAllowed');
  if (!application.available) throw new RefusalError(409, 'MakeMeAvailableRequired');
}

/** Whoever chooses is there. @param availability missing = Online. @throws RefusalError as `requireAvailable` */
export function setPresence(world: World, application: UcwaApplication, availability: Availability = 'Online'): void {
  requireAvailable(application);
  const changed = forgetInactivity(world, { ...application, availability });
  world.put('ucwaApplication', application.id, changed);
  world.emit({ to: { applicationId: application.id }, target: { kind: 'presence' }, type: 'updated' });
  setEverywhere(world, changed, { availability });
}

type Said = Pick<UcwaApplication, 'note' | 'location'>;

/** Note or location; an empty text takes it back. @throws RefusalError as `requireAvailable` */
export function say(world: World, application: UcwaApplication, kind: keyof Said, said: Said): void {
  requireAvailable(application);
  const { [kind]: _before, ...rest } = application;
  const changed: UcwaApplication = { ...rest, ...said };
  world.put('ucwaApplication', application.id, changed);
  world.emit({ to: { applicationId: application.id }, target: { kind }, type: 'updated' });
}

/** The person's other applications show the same availability. */
function setEverywhere(world: World, from: UcwaApplication, { availability }: { availability: Availability }): void {
  for (const other of availableApplications(world, from.uri)) {
    if (other.id === from.id || other.availability === availability) continue;
    world.put('ucwaApplication', other.id, { ...other, availability });
    world.emit({ to: { applicationId: other.id }, target: { kind: 'presence' }, type: 'updated' });
  }
}

/** Which formats this client reads from now on (reference/ucwa-api.md 0 "PUT"). */
export function changeCommunication(
  world: World,
  application: UcwaApplication,
  messageFormats: UcwaApplication['messageFormats'],
): void {
  const communicationVersion = (application.communicationVersion ?? 0) + 1;
  world.put('ucwaApplication', application.id, { ...application, messageFormats, communicationVersion });
  world.emit({ to: { applicationId: application.id }, target: { kind: 'communication' }, type: 'updated' });
}
