/**
 * Event channels and durable timers: the documents that connect a decision with what is delivered afterwards.
 * Whoever creates a UCWA application or an SA conversation puts its channel in the same commit:
 * `world.put('channel', ucwaChannelId(id), openUcwaChannel())` and
 * `world.put('channel', serviceChannelId(id), openServiceChannel(target))`.
 */
import type { WireEvent } from '@repo/ucwa-protocol/events';
import { wordOf } from '@repo/ucwa-protocol/rels';

/** Durable. Names are stable: scheduling the same name again moves the timer. */
export interface Timer {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
  /** What `onTimer` switches on. */
  readonly kind: string;
  /** Of the document that the timer is about. */
  readonly id: string;
}

/** One event as its recipient will see it, rendered and serialised once, when it was emitted: a replay has the same bytes. */
export interface ChannelEvent {
  readonly sender: { readonly rel: string; readonly href: string };
  /** The WireEvent as JSON. */
  readonly text: string;
  readonly priority: 'high' | 'medium';
  /** Somebody is ringing: an incoming messagingInvitation. */
  readonly rings?: true;
  /** The end of a conversation. */
  readonly ends?: true;
}

/** Serialises an event, with what delivery has to know of it. */
export function channelEvent(
  sender: ChannelEvent['sender'],
  event: WireEvent,
  priority: ChannelEvent['priority'],
): ChannelEvent {
  const { link, type } = event;
  const word = wordOf(link.rel);
  const rings =
    type === 'started' && word === 'messagingInvitation' && event._embedded?.[link.rel]?.direction === 'Incoming';
  const ends = type === 'deleted' && word === 'conversation';
  return {
    sender,
    text: JSON.stringify(event),
    priority,
    ...(rings ? { rings } : {}),
    ...(ends ? { ends } : {}),
  };
}

/** The event behind the text. */
export const wireEventOf = ({ text }: Pick<ChannelEvent, 'text'>): WireEvent => JSON.parse(text) as WireEvent;

/** An appended event with its place in the channel; places start at 1 and have no gaps. */
export interface SequencedEvent extends ChannelEvent {
  readonly seq: number;
}

/** The batch that was built last. Empty when `throughSeq` is less than `fromSeq` (a long poll that ran into its time-out). */
export interface Batch {
  readonly ack: number;
  readonly fromSeq: number;
  readonly throughSeq: number;
  /** Service channels: how often it was sent in vain, and when no more, in milliseconds since 1970. */
  readonly repeat?: { readonly attempts: number; readonly giveUpAt: number };
}

/** Where the callbacks of one SA conversation go (reference/events.md 4.1). */
export interface CallbackTarget {
  readonly endpointUri: string;
  /** Of the operation that created the conversation; missing = the endpoint's default URL. */
  readonly callbackUrl?: string;
  /** Appended as `callbackContext` when there is no callbackUrl of its own or the SA answered with one. */
  readonly callbackContext?: string;
}

/** State of a delivery line. The events themselves are in the store, by channel id and place. */
export interface Channel {
  /** Ack of the last batch that is done with: 0 before the first. */
  readonly acknowledged: number;
  /** Place of the last event that is done with. */
  readonly acknowledgedSeq: number;
  /** Built and perhaps delivered, not acknowledged. */
  readonly batch?: Batch;
  /** Service channels only. */
  readonly target?: CallbackTarget;
  /** Service channels: whole batches given up in a row. */
  readonly failedBatches?: number;
  /** UCWA channels: what the last GET asked for, in seconds (reference/events.md 3). */
  readonly settings?: { readonly low?: number; readonly medium?: number; readonly timeout?: number };
}

/** @param key of a further tab; missing: the channel that the application was created with */
export const ucwaChannelId = (applicationId: string, key?: string): string =>
  key === undefined ? `ucwa:${applicationId}` : `ucwa:${applicationId}:${key}`;
export const serviceChannelId = (conversationId: string): string => `service:${conversationId}`;

/** The application of a UCWA channel, undefined for other channels. */
export function ucwaApplicationOf(channelId: string): string | undefined {
  return channelId.startsWith('ucwa:') ? channelId.split(':')[1] : undefined;
}

export function openUcwaChannel(): Channel {
  return { acknowledged: 0, acknowledgedSeq: 0 };
}

export function openServiceChannel(target: CallbackTarget): Channel {
  return { acknowledged: 0, acknowledgedSeq: 0, target };
}

/** The ack to hand out in the `events` link of an application: the first batch that was not acknowledged. */
export function nextAck(channel: Channel): number {
  return channel.acknowledged + 1;
}

export const idleTimerKind = 'ucwaApplication.idle';
const idleLimitMs = 15 * 60_000;

/**
 * Ends a UCWA application that no longer listens (reference/events.md 3 "Idle rules"). Schedule it with the application;
 * every released P-GET moves it, and while one is parked it does not fire. `onTimer` ends the application.
 */
export function idleTimer(applicationId: string, now: number): Timer {
  return {
    name: `${idleTimerKind}:${applicationId}`,
    dueAt: now + idleLimitMs,
    kind: idleTimerKind,
    id: applicationId,
  };
}

/** Answer of an operation, kept for a repeated request (reference/events.md, operationId). */
export interface Receipt {
  /** Digest of method, address and body. */
  readonly fingerprint: string;
  /** What the decision returned the first time, as JSON. */
  readonly answer: string;
  readonly keptUntil: number;
  /** Whose end is the end of the receipt too; missing = it is kept for its whole time. */
  readonly belongsTo?: { readonly conversationId?: string; readonly ucwaApplicationId?: string };
}
