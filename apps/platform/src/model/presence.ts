/** Where a person can be reached: its living applications that have used makeMeAvailable (reference/ucwa-api.md 3). */
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import type { UcwaApplication } from './documents.ts';
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

/** @throws RefusalError 403 AnonymousNotAllowed, 409 AlreadyExists */
export function makeMeAvailable(
  world: World,
  application: UcwaApplication,
  input: { readonly signInAs?: string; readonly messageFormats?: readonly ('Plain' | 'Html')[] },
): void {
  if (application.audience === 'anonymous') throw new RefusalError(403, 'AnonymousNotAllowed');
  if (application.available) throw new RefusalError(409, 'AlreadyExists');
  world.put('ucwaApplication', application.id, {
    ...application,
    available: true,
    availability: input.signInAs ?? 'Online',
    ...(input.messageFormats === undefined ? {} : { messageFormats: input.messageFormats }),
  });
  world.emit({ to: { applicationId: application.id }, target: { kind: 'me' }, type: 'updated' });
  world.emit({ to: { applicationId: application.id }, target: { kind: 'presence' }, type: 'added' });
}

/** @throws RefusalError 403 AnonymousNotAllowed, 409 MakeMeAvailableRequired */
export function requireAvailable(application: UcwaApplication): void {
  if (application.audience === 'anonymous') throw new RefusalError(403, 'AnonymousNotAllowed');
  if (!application.available) throw new RefusalError(409, 'MakeMeAvailableRequired');
}

/** @param availability missing = Online. @throws RefusalError as `requireAvailable` */
export function setPresence(world: World, application: UcwaApplication, availability: string | undefined): void {
  requireAvailable(application);
  world.put('ucwaApplication', application.id, { ...application, availability: availability ?? 'Online' });
  world.emit({ to: { applicationId: application.id }, target: { kind: 'presence' }, type: 'updated' });
}
