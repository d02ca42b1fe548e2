/**
 * Callbacks to service applications (reference/events.md 4). One line per SA conversation:
 * 1. whatever is visible becomes a batch with the next ack, durable before it is sent;
 * 2. one POST at a time; a failed one is repeated with the same ack after 1, 2, 5, 10 and 30 seconds;
 * 3. an answer acknowledges the batch, in the commit that builds the next one.
 * A batch that was built before a restart is sent again with its ack; the SA ignores what it has seen.
 */
import type { EventBatch } from '@repo/ucwa-protocol/events';
import type { FastifyBaseLogger } from 'fastify';
import { type ActDeps, runDecision } from '../act.ts';
import type { CallbackTokens } from '../auth/callbackToken.ts';
import { serviceFaceOf } from '../hal/application.ts';
import type { ServiceFace } from '../hal/face.ts';
import { href } from '../hal/href.ts';

import type { Batch, Channel, SequencedEvent } from '../model/channel.ts';
import { onCallbackGivenUp } from '../model/onCallbackGivenUp.ts';
import { type Endpoint, endpointKey, type ServiceClient, serviceClientKey } from '../model/registration.ts';
import type { Transaction } from '../store/store.ts';
import type { CallbackOutcome } from './callbackAnswer.ts';
import { type Fetch, postCallback } from './callbackPost.ts';
import { callbackAddress, isAllowedCallbackUrl } from './callbackUrls.ts';
import { acknowledge, batchLimit, build, senderBlocks } from './channel.ts';

const backOffMs = [1_000, 2_000, 5_000, 10_000, 30_000] as const;
const maxGivenUpBatches = 8;
const prefix = 'service:';

export interface CallbackDeliveryDeps extends ActDeps {
  readonly tokens: CallbackTokens;
  readonly publicUrl: string;
  readonly fetch: Fetch;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;
  /** Lines that may have a POST in flight at the same time. */
  readonly concurrency: number;
}

export interface CallbackDelivery {
  /** Takes up every line that has something to deliver, and listens for news. */
  start(): void;
  /** No new POST; resolves when the ones in flight are answered and noted. */
  stop(): Promise<void>;
}

/** A batch with everything that its POST needs. */
interface Delivery {
  readonly batch: Batch;
  readonly events: readonly SequencedEvent[];
  readonly endpoint: Endpoint;
  readonly client: ServiceClient;
  readonly url: string;
}

export function createCallbackDelivery(deps: CallbackDeliveryDeps): CallbackDelivery {
  const { store, clock, wakes } = deps;
  const running = new Map<string, Promise<void>>();
  const waiting = new Set<string>();
  const sleeping = new Map<string, () => void>();
  let stopped = false;
  let stopListening: () => void = () => undefined;

  const take = (channelId: string): void => {
    if (stopped || !channelId.startsWith(prefix)) return;
    if (running.has(channelId) || running.size >= deps.concurrency) {
      waiting.add(channelId);
      return;
    }
    waiting.delete(channelId);
    const line = deliverAll(channelId)
      .catch((error: unknown) => deps.log.error({ err: error, channelId }, 'callback delivery failed'))
      .then(() => {
        running.delete(channelId);
        for (const next of [...waiting].slice(0, deps.concurrency - running.size)) take(next);
      });
    running.set(channelId, line);
  };

  const deliverAll = async (channelId: string): Promise<void> => {
    let settle: Settle | undefined;
    while (!stopped || settle !== undefined) {
      waiting.delete(channelId);
      const delivery = await nextDelivery(channelId, settle);
      settle = undefined;
      if (delivery === undefined) return;
      settle = await deliver(channelId, delivery);
      if (settle === undefined) return;
    }
  };

  const nextDelivery = async (channelId: string, settle: Settle | undefined): Promise<Delivery | undefined> => {
    const hasWork =
      settle !== undefined || store.read((snapshot) => isPending(snapshot, channelId, wakes.visibleThrough(channelId)));
    if (!hasWork) return undefined;
    const { answer, hold } = await runDecision(deps, (transaction, world) => {
      const channel = settleBatch(transaction, channelId, settle);
      if (channel === undefined) return undefined;
      const hopeless = settle?.failed === true && (channel.failedBatches ?? 0) >= maxGivenUpBatches;
      if (settle?.givesUpConversation || hopeless) onCallbackGivenUp(world, channelId.slice(prefix.length));
      return stopped ? undefined : prepare(transaction, channelId, channel, wakes.visibleThrough(channelId));
    });
    hold.release();
    return answer;
  };

  /** @returns how the batch ended; undefined when the server stops first */
  const deliver = async (channelId: string, delivery: Delivery): Promise<Settle | undefined> => {
    const { ack } = delivery.batch;
    const conversationId = channelId.slice(prefix.length);
    if (!isAllowedCallbackUrl(delivery.client, delivery.url)) {
      deps.log.warn({ conversationId, ack }, 'callback host is not allowed');
      return givenUp(delivery);
    }
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await attemptOnce(conversationId, delivery);
      deps.log.info({ conversationId, ack, attempt, outcome: outcome.kind }, 'callback');
      if (outcome.kind === 'delivered')
        return { batch: delivery.batch, ...(outcome.context === undefined ? {} : { context: outcome.context }) };
      const pause = outcome.kind === 'permanent' ? undefined : backOffMs[attempt];
      if (pause === undefined) {
        deps.log.warn({ conversationId, ack, outcome: outcome.kind }, 'callback given up');
        return givenUp(delivery);
      }
      // An attempt that failed after the server began to stop must not make it wait.
      if (!stopped) await sleep(channelId, pause);
      if (stopped) return undefined;
    }
  };

  const attemptOnce = async (conversationId: string, delivery: Delivery): Promise<CallbackOutcome> => {
    const first = await post(conversationId, delivery, false);
    return first.kind === 'unauthorized' ? post(conversationId, delivery, true) : first;
  };

  const post = async (conversationId: string, delivery: Delivery, fresh: boolean): Promise<CallbackOutcome> => {
    const { endpoint, client } = delivery;
    const audience = endpoint.audience ?? client.audience;
    const requestId = deps.newId();
    return postCallback(deps.fetch, clock, {
      url: delivery.url,
      token: await deps.tokens.tokenFor({ tenantId: endpoint.tenantId, audience }, fresh),
      body: JSON.stringify(envelope(serviceFaceOf(client, endpoint), conversationId, delivery, deps.publicUrl)),
      correlationId: requestId,
      requestId,
      serverFqdn: new URL(deps.publicUrl).hostname,
    });
  };

  const sleep = (channelId: string, ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        sleeping.delete(channelId);
        clock.clearTimeout(timer);
        resolve();
      };
      const timer = clock.setTimeout(end, ms);
      sleeping.set(channelId, end);
    });

  return {
    start: () => {
      stopListening = wakes.listen(take);
      for (const id of store.read((snapshot) => snapshot.ids('channel'))) take(id);
    },
    stop: async () => {
      stopped = true;
      stopListening();
      for (const end of [...sleeping.values()]) end();
      await Promise.all(running.values());
    },
  };
}

/** How a batch ended: answered, or given up. */
interface Settle {
  readonly batch: Batch;
  readonly context?: string;
  readonly failed?: boolean;
  /** The conversation cannot go on: the SA never learned of the call. */
  readonly givesUpConversation?: boolean;
}

function givenUp({ batch, events }: Delivery): Settle {
  return { batch, failed: true, givesUpConversation: events.some(isIncomingInvitation) };
}

function isIncomingInvitation({ event }: SequencedEvent): boolean {
  if (event.type !== 'started' || !event.link.rel.endsWith('messagingInvitation')) return false;
  return event._embedded?.[event.link.rel]?.direction === 'Incoming';
}

function isPending(snapshot: Pick<Transaction, 'get' | 'events'>, channelId: string, visible: number): boolean {
  const channel = snapshot.get('channel', channelId);
  if (channel === undefined) return false;
  if (channel.batch !== undefined) return true;
  const [first] = snapshot.events(channelId, channel.acknowledgedSeq + 1, 1);
  return first !== undefined && first.seq <= visible;
}

/** Notes how the last batch ended. @returns the channel as it is now */
function settleBatch(transaction: Transaction, channelId: string, settle: Settle | undefined): Channel | undefined {
  const channel = transaction.get('channel', channelId);
  if (channel === undefined || settle === undefined || channel.batch?.ack !== settle.batch.ack) return channel;
  const { target } = channel;
  const failedBatches = settle.failed ? (channel.failedBatches ?? 0) + 1 : 0;
  const settled: Channel = {
    ...acknowledge(channel),
    failedBatches,
    ...(target === undefined || settle.context === undefined
      ? {}
      : { target: { ...target, callbackContext: settle.context } }),
  };
  transaction.put('channel', channelId, settled);
  transaction.trim(channelId, settled.acknowledgedSeq);
  return settled;
}

/** The batch to send: the one that was built before, else a new one. */
function prepare(transaction: Transaction, channelId: string, channel: Channel, visible: number): Delivery | undefined {
  const { target } = channel;
  if (target === undefined) return undefined;
  const endpoint = transaction.get('endpoint', endpointKey(target.endpointUri));
  const client = endpoint && transaction.get('serviceClient', serviceClientKey(endpoint.tenantId, endpoint.clientId));
  if (endpoint === undefined || client === undefined) return undefined;
  const pending = transaction
    .events(channelId, channel.acknowledgedSeq + 1, batchLimit)
    .filter((event) => event.seq <= (channel.batch?.throughSeq ?? visible));
  const last = pending.at(-1);
  if (last === undefined) return undefined;
  const built = channel.batch === undefined ? build(channel, last.seq) : { ...channel, batch: channel.batch };
  if (channel.batch === undefined) transaction.put('channel', channelId, built);
  return { batch: built.batch, events: pending, endpoint, client, url: callbackAddress(target, endpoint.callbackUrl) };
}

function envelope(
  face: ServiceFace,
  conversationId: string,
  { batch, events }: Delivery,
  publicUrl: string,
): EventBatch {
  return {
    _links: {
      self: { href: href.callbackEvents(face, conversationId, batch.ack) },
      next: { href: href.callbackEvents(face, conversationId, batch.ack + 1) },
    },
    sender: senderBlocks(events),
    baseuri: publicUrl,
  };
}
