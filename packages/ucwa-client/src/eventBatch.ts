import type { EventBatch, WireEvent } from '@repo/ucwa-protocol/events';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { wordOf } from '@repo/ucwa-protocol/rels';
import { embedded } from './resource.ts';

export interface ReceivedEvent {
  readonly sender: { readonly rel: string; readonly href: string };
  readonly event: WireEvent;
  /** The target's rel without prefix: `messaging`. */
  readonly word: string;
  /** The collection or owner it is about, without prefix: `typingParticipants`. */
  readonly inWord: string | undefined;
  /** The embedded resource of the target; absent on `deleted` and where the server sends links only. */
  readonly resource: Resource | undefined;
}

/**
 * The events of a batch in their order (reference/events.md 1). What is not an event (no link, no type) is left out:
 * one bad event must not cost the others.
 */
export function eventsOf(batch: EventBatch): ReceivedEvent[] {
  const received: ReceivedEvent[] = [];
  for (const sender of list(batch.sender)) {
    for (const event of list(sender?.events)) {
      if (typeof event?.link?.rel !== 'string' || typeof event.link.href !== 'string' || !event.type) continue;
      received.push({
        sender: { rel: wordOf(sender.rel ?? ''), href: sender.href },
        event,
        word: wordOf(event.link.rel),
        inWord: event.in?.rel === undefined ? undefined : wordOf(event.in.rel),
        resource: embedded(event, event.link.rel),
      });
    }
  }
  return received;
}

function list<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? value : [];
}
