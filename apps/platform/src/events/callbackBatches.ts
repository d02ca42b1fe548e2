/** The line of batches of one SA conversation, as the store has it: built, sent with everything that its POST needs, settled. */
import type { ServiceFace } from '../hal/face.ts';
import { href } from '../hal/href.ts';
import type { Batch, CallbackTarget, Channel, SequencedEvent } from '../model/channel.ts';
import { type GivenUpBatch, givenUpKey, givenUpTimer, keptUntilFrom } from '../model/deliveries.ts';
import { type Endpoint, endpointKey, type ServiceClient, serviceClientKey } from '../model/registration.ts';
import type { Snapshot, Transaction } from '../store/store.ts';
import { callbackAddress } from './callbackUrls.ts';
import { acknowledge, batchLimit, build, senderBlocks, withinBytes } from './channel.ts';

/** A batch with everything that its POST needs. */
export interface Delivery {
  readonly batch: Batch;
  readonly events: readonly SequencedEvent[];
  readonly endpoint: Endpoint;
  readonly client: ServiceClient;
  readonly target: CallbackTarget;
  readonly url: string;
}

/** How a batch ended: answered, or given up. */
export interface Settle {
  readonly batch: Batch;
  readonly context?: string;
  readonly failed?: boolean;
  /** The conversation cannot go on: the SA never learned of the call. */
  readonly givesUpConversation?: boolean;
  /** Kept for an operator who has it delivered again. */
  readonly kept?: GivenUpBatch;
}

/** Whether the SA learns of a call by it: somebody is ringing, and there is no conversation yet that could wait. */
export function isInvitation({ events }: Delivery): boolean {
  return events.some((event) => event.rings);
}

export function givenUp(delivery: Delivery, conversationId: string, now: number): Settle {
  const { batch, endpoint, target, events } = delivery;
  return {
    batch,
    failed: true,
    givesUpConversation: isInvitation(delivery),
    kept: {
      tenantId: endpoint.tenantId,
      conversationId,
      ack: batch.ack,
      target,
      events,
      failedAt: now,
      keptUntil: keptUntilFrom(now),
    },
  };
}

/** Notes how the last batch ended; one that was noted before changes nothing. @returns the channel as it is now */
export function settleBatch(
  transaction: Transaction,
  channelId: string,
  settle: Settle | undefined,
): Channel | undefined {
  const channel = transaction.get('channel', channelId);
  if (channel === undefined || settle === undefined || channel.batch?.ack !== settle.batch.ack) return channel;
  const { target } = channel;
  const settled: Channel = {
    ...acknowledge(channel),
    failedBatches: settle.failed ? (channel.failedBatches ?? 0) + 1 : 0,
    ...(target === undefined || settle.context === undefined
      ? {}
      : { target: { ...target, callbackContext: settle.context } }),
  };
  transaction.put('channel', channelId, settled);
  transaction.trim(channelId, settled.acknowledgedSeq);
  if (settle.kept !== undefined) keep(transaction, settle.kept);
  return settled;
}

function keep(transaction: Transaction, batch: GivenUpBatch): void {
  transaction.put('givenUpBatch', givenUpKey(batch.conversationId, batch.ack), batch);
  transaction.schedule(givenUpTimer(batch));
}

/** Remembers an attempt that failed, so that whoever goes on after this process goes on from there. */
export function noteRepeat(transaction: Transaction, channelId: string, batch: Batch, repeat: Batch['repeat']): void {
  const channel = transaction.get('channel', channelId);
  if (channel?.batch?.ack !== batch.ack || repeat === undefined) return;
  transaction.put('channel', channelId, { ...channel, batch: { ...channel.batch, repeat } });
}

/** Builds the next batch of a settled channel, unless one is built already. @param visible place of the last event that may go */
export function buildBatch(transaction: Transaction, channelId: string, channel: Channel, visible: number): void {
  if (channel.batch !== undefined || channel.target === undefined) return;
  const last = withinBytes(eventsThrough(transaction, channelId, channel, visible)).at(-1);
  if (last !== undefined) transaction.put('channel', channelId, build(channel, last.seq));
}

/** What is to be sent: the batch that is built, if all of it may be delivered. */
export function deliveryOf(look: Snapshot, channelId: string, visible: number): Delivery | undefined {
  const channel = look.get('channel', channelId);
  const { target, batch } = channel ?? {};
  if (channel === undefined || target === undefined || batch === undefined || batch.throughSeq > visible) {
    return undefined;
  }
  const endpoint = look.get('endpoint', endpointKey(target.endpointUri));
  const client = endpoint && look.get('serviceClient', serviceClientKey(endpoint.tenantId, endpoint.clientId));
  if (endpoint === undefined || client === undefined) return undefined;
  const events = eventsThrough(look, channelId, channel, batch.throughSeq);
  return { batch, events, endpoint, client, target, url: callbackAddress(target, endpoint.callbackUrl) };
}

/** Whether something waits that is in no batch yet. @param settled a batch that is done with and perhaps not noted */
export function hasNews(look: Snapshot, channelId: string, settled: Batch | undefined, visible: number): boolean {
  const channel = look.get('channel', channelId);
  if (channel === undefined || (channel.batch !== undefined && channel.batch.ack !== settled?.ack)) return false;
  const done = channel.batch?.throughSeq ?? channel.acknowledgedSeq;
  const [first] = look.events(channelId, done + 1, 1);
  return first !== undefined && first.seq <= visible;
}

function eventsThrough(look: Snapshot, channelId: string, channel: Channel, throughSeq: number): SequencedEvent[] {
  return look.events(channelId, channel.acknowledgedSeq + 1, batchLimit).filter((event) => event.seq <= throughSeq);
}

/** The body of the POST (reference/events.md 1). */
export function envelope(
  face: ServiceFace,
  conversationId: string,
  { batch, events }: { readonly batch: Pick<Batch, 'ack'>; readonly events: readonly SequencedEvent[] },
  publicUrl: string,
): string {
  const links = {
    self: { href: href.callbackEvents(face, conversationId, batch.ack) },
    next: { href: href.callbackEvents(face, conversationId, batch.ack + 1) },
  };
  return `{"_links":${JSON.stringify(links)},"sender":${senderBlocks(events)},"baseuri":${JSON.stringify(publicUrl)}}`;
}
