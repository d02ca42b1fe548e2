/** How a person appears: what it has set itself, and what becomes of it while the person is inactive (reference/ucwa-api.md 3). */
import type { Availability, UcwaApplication } from './documents.ts';

export interface ShownPresence {
  /** One of the values that clients know; `Offwork` is none of them. */
  readonly availability: Exclude<Availability, 'Offwork'> | 'Offline' | 'IdleOnline' | 'IdleBusy';
  /** For people to read. */
  readonly activity: string;
}

const activities: Readonly<Record<ShownPresence['availability'], string>> = {
  Online: 'Available',
  Busy: 'Busy',
  DoNotDisturb: 'Do not disturb',
  BeRightBack: 'Be right back',
  Away: 'Away',
  Offline: 'Offline',
  IdleOnline: 'Inactive',
  IdleBusy: 'Inactive',
};

const shown = (availability: ShownPresence['availability']): ShownPresence => ({
  availability,
  activity: activities[availability],
});

/** Only who would be taken for reachable decays: a person who said that it is away is away. */
export function shownPresence({
  availability = 'Online',
  inactive,
}: Pick<UcwaApplication, 'availability' | 'inactive'>): ShownPresence {
  if (availability === 'Offwork') return { availability: 'Away', activity: 'Off work' };
  if (inactive === undefined || (availability !== 'Online' && availability !== 'Busy')) return shown(availability);
  if (inactive === 'away') return shown('Away');
  return shown(availability === 'Busy' ? 'IdleBusy' : 'IdleOnline');
}

/** A person without an application that takes invitations. */
const offline: ShownPresence = shown('Offline');

/** @param applications of one person that take invitations; the one that was used last speaks for it */
export function presenceOf(applications: readonly Pick<UcwaApplication, 'availability' | 'inactive'>[]): ShownPresence {
  const active = applications.find((application) => application.inactive === undefined);
  const idle = applications.find((application) => application.inactive === 'idle');
  const best = active ?? idle ?? applications[0];
  return best === undefined ? offline : shownPresence(best);
}
