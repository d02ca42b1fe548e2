/** The event envelope of both faces (reference/events.md 1). */
import type { ErrorBody } from './errorCodes.ts';
import type { Link, Resource } from './hal.ts';

export const eventTypes = ['started', 'added', 'updated', 'completed', 'deleted'] as const;
export type EventType = (typeof eventTypes)[number];

export interface EventLink {
  readonly rel: string;
  readonly href: string;
  readonly title?: string;
}

export interface WireEvent {
  readonly link: EventLink;
  readonly in?: EventLink;
  readonly status?: 'Success' | 'Failure';
  readonly reason?: ErrorBody;
  readonly _embedded?: Readonly<Record<string, Resource>>;
  readonly type: EventType;
}

export interface EventSender {
  readonly rel: string;
  readonly href: string;
  readonly events: readonly WireEvent[];
}

export interface EventBatch {
  readonly _links: {
    readonly self?: Link;
    readonly next?: Link;
    readonly resume?: Link;
    readonly resync?: Link;
  };
  readonly sender?: readonly EventSender[];
  /** Webhook only: what relative hrefs resolve against. */
  readonly baseuri?: string;
}
