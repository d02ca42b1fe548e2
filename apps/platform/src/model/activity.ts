/**
 * What becomes of a person who reports no activity: idle after `inactiveTimeout`, away some minutes later, signed out at last
 * (reference/ucwa-api.md 3 "reportMyActivity", reference/events.md 3 "Idle rules"). One durable timer an application; a report
 * starts it anew.
 */
import type { UcwaApplication } from './documents.ts';
import type { World } from './world.ts';

const minuteMs = 60_000;
/** Default of `inactiveTimeout`. */
export const inactiveTimeoutMs = 5 * minuteMs;
const awayAfterMs = 5 * minuteMs;
const endAfterMs = 15 * minuteMs;
/** A timer that rings later than this was due while the platform itself was not there: nobody could report anything. */
const lateMs = minuteMs;

export const activityTimerKind = 'ucwaApplication.activity';

export function expectActivity(world: World, id: string, dueAt: number): void {
  world.schedule({ name: `${activityTimerKind}:${id}`, dueAt, kind: activityTimerKind, id });
}

export const stopExpectingActivity = (world: World, id: string): void => world.unschedule(`${activityTimerKind}:${id}`);

/** The application of somebody who is there, and the time until he no longer is begins anew. Says and stores nothing. */
export function forgetInactivity(world: World, application: UcwaApplication): UcwaApplication {
  const { inactive: _before, ...rest } = application;
  const inactiveAt = world.now + (application.inactiveTimeoutMs ?? inactiveTimeoutMs);
  expectActivity(world, application.id, inactiveAt);
  return { ...rest, inactiveAt };
}

/** The person is there (reportMyActivity). */
export function noteActivity(world: World, application: UcwaApplication): void {
  world.put('ucwaApplication', application.id, forgetInactivity(world, application));
  if (application.inactive !== undefined) emitPresence(world, application.id);
}

/** Nothing was reported for a while. @param end signs the application out */
export function onInactive(world: World, id: string, end: () => void): void {
  const application = world.get('ucwaApplication', id);
  if (application === undefined || application.ended !== undefined || !application.available) return;
  if (application.inactive === undefined) decay(world, application, 'idle', awayAfterMs);
  else if (application.inactive === 'idle') decay(world, application, 'away', endAfterMs);
  else {
    const isLate = world.now - (application.inactiveAt ?? world.now) > lateMs;
    if (!isLate && application.conversationIds.length === 0) end();
    else waitOn(world, application, endAfterMs);
  }
}

function decay(world: World, application: UcwaApplication, inactive: 'idle' | 'away', nextAfterMs: number): void {
  waitOn(world, { ...application, inactive }, nextAfterMs);
  emitPresence(world, application.id);
}

function waitOn(world: World, application: UcwaApplication, ms: number): void {
  const inactiveAt = world.now + ms;
  world.put('ucwaApplication', application.id, { ...application, inactiveAt });
  expectActivity(world, application.id, inactiveAt);
}

const emitPresence = (world: World, applicationId: string): number =>
  world.emit({ to: { applicationId }, target: { kind: 'presence' }, type: 'updated' });
