import type { Resource } from '@repo/ucwa-protocol/hal';
import type { Clock } from './clock.ts';
import { createEventChannel, type EventChannel, type EventHandlers } from './eventChannel.ts';
import type { Send } from './request.ts';
import { linkHref } from './resource.ts';

export interface ApplicationEventsOptions extends EventHandlers {
  /** A stored `position()` to go on from; the application's `events` link otherwise. */
  readonly position?: string | undefined;
  /** Chance of the back-off, 0 to below 1. */
  readonly random?: () => number;
}

/** The event channel of a UCWA application, not started yet. */
export function applicationEvents(
  send: Send,
  clock: Clock,
  application: Resource,
  { position, ...options }: ApplicationEventsOptions,
): EventChannel {
  return createEventChannel({
    ...options,
    send,
    clock,
    eventsHref: position ?? linkHref(application, 'events'),
    probeHref: linkHref(application, 'self'),
  });
}
