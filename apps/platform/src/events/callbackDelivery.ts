/**
 * Callbacks to service applications (reference/events.md 4). One line per SA conversation:
 * 1. whatever is visible becomes a batch with the next ack, durable before it is sent; a line that is idle has it built in the
 *    commit that brings the news;
 * 2. one POST at a time; a failed one is repeated with the same ack after 1, 2, 5, 10 and 30 seconds. An invitation is given up
 *    then, since a visitor is ringing; everything else is repeated every 30 seconds for a day, because the record needs it;
 * 3. an answer acknowledges the batch, in the commit that builds the next one, or a little later when there is none.
 * A batch that was built before a restart is sent again with its ack; the SA ignores what it has seen.
 */

import type { FastifyBaseLogger } from 'fastify';
import { type ActDeps, runDecision } from '../act.ts';
import type { LineEnd, Lines } from '../cluster/cluster.ts';
import { StoreAwayError } from '../errors.ts';
import { onCallbackGivenUp } from '../model/onCallbackGivenUp.ts';
import { Slots } from '../slots.ts';
import type { Snapshot, Transaction } from '../store/store.ts';
import {
  buildBatch,
  type Delivery,
  deliveryOf,
  givenUp,
  hasNews,
  isInvitation,
  noteRepeat,
  type Settle,
  settleBatch,
} from './callbackBatches.ts';
import { type CallbackSenderDeps, createCallbackSender } from './callbackSender.ts';
import { isAllowedCallbackUrl } from './callbackUrls.ts';

const backOffMs = [1_000, 2_000, 5_000, 10_000, 30_000] as const;
const longestPauseMs = 30_000;
/** How long a batch in mid-conversation is repeated: an outage of the SA loses nothing (docs/adr/0013-callbacks-are-kept.md). */
const keepMs = 24 * 60 * 60_000;
const maxGivenUpBatches = 8;
/** How long the note of an answer may wait for the next batch, to share its commit. */
const noteWithinMs = 2_000;
const prefix = 'service:';

export interface CallbackDeliveryDeps extends ActDeps, CallbackSenderDeps {
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;
  /** POSTs in flight at the same time. A line that waits to repeat its own takes no place. */
  readonly concurrency: number;
  /** When there are other nodes: they share the lines. */
  readonly lines?: Lines | undefined;
}

export interface CallbackDelivery {
  /** Takes up every line that has something to deliver, and listens for news. */
  start(): void;
  /** No new POST; resolves when the ones in flight are answered and noted. */
  stop(): Promise<void>;
}

export function createCallbackDelivery(deps: CallbackDeliveryDeps): CallbackDelivery {
  const { store, clock, wakes } = deps;
  const running = new Map<string, Promise<void>>();
  /** Lines with news that came while they were being delivered. */
  const waiting = new Set<string>();
  const slots = new Slots(deps.concurrency);
  const sender = createCallbackSender(deps);
  const sleeping = new Map<string, () => void>();
  /** Batches that are done with; the store does not know yet. */
  const unnoted = new Map<string, Settle>();
  let noteTimer: unknown;
  let noting: Promise<void> = Promise.resolve();
  let stopped = false;
  let stopListening: () => void = () => undefined;

  const take = (channelId: string): void => {
    if (stopped || !channelId.startsWith(prefix)) return;
    if (running.has(channelId)) {
      waiting.add(channelId);
      return;
    }
    const line = deliverAll(channelId)
      .catch((error: unknown) => deps.log.error({ err: error, channelId }, 'callback delivery failed'))
      .then(() => {
        running.delete(channelId);
        if (waiting.delete(channelId)) take(channelId);
      });
    running.set(channelId, line);
  };

  /** A line that this node has been given among others. What it throws makes some node try again later. */
  const deliverLine = async (channelId: string): Promise<LineEnd> => {
    await running.get(channelId);
    if (stopped) return 'stopped';
    const line = deliverAll(channelId);
    running.set(
      channelId,
      line.catch(() => undefined).then(() => void running.delete(channelId)),
    );
    await line;
    return stopped ? 'stopped' : 'done';
  };

  const deliverAll = async (channelId: string): Promise<void> => {
    for (;;) {
      waiting.delete(channelId);
      await settleAndBuild(channelId);
      const delivery = stopped
        ? undefined
        : await store.read((snapshot) => deliveryOf(snapshot, channelId, wakes.visibleThrough(snapshot, channelId)));
      if (delivery === undefined || delivery.batch.ack === unnoted.get(channelId)?.batch.ack) return;
      const ended = deps.metrics?.callbackBegun();
      const settle = await deliver(channelId, delivery);
      ended?.(settle === undefined ? undefined : settle.failed === true ? 'given up' : 'delivered');
      if (settle === undefined) return;
      unnoted.set(channelId, settle);
    }
  };

  /** One commit, if there is a reason for one: news, or an ending that means more than "delivered". */
  const settleAndBuild = async (channelId: string): Promise<void> => {
    const settle = unnoted.get(channelId);
    const visible = (look: Snapshot) => wakes.visibleThrough(look, channelId);
    const isUrgent = settle?.failed === true || settle?.context !== undefined;
    const isIdle = isUrgent
      ? false
      : !(await store.read((snapshot) => hasNews(snapshot, channelId, settle?.batch, visible(snapshot))));
    // Among nodes a line is left in order: the next one would send again what is not noted.
    if (isIdle && !(settle !== undefined && deps.lines !== undefined)) {
      if (settle !== undefined) noteTimer ??= clock.setTimeout(noteAll, noteWithinMs);
      return;
    }
    const { hold } = await runDecision(deps, (transaction, world) => {
      const channel = settleBatch(transaction, channelId, settle);
      if (channel === undefined) return;
      const hopeless = settle?.failed === true && (channel.failedBatches ?? 0) >= maxGivenUpBatches;
      if (settle?.givesUpConversation || hopeless) onCallbackGivenUp(world, channelId.slice(prefix.length));
      buildBatch(transaction, channelId, channel, visible(transaction));
    });
    hold.release();
    if (unnoted.get(channelId) === settle) unnoted.delete(channelId);
  };

  /** In the commit that brings news to an idle line. */
  const prepare = (transaction: Transaction, channelId: string): void => {
    if (stopped || running.has(channelId) || !channelId.startsWith(prefix)) return;
    const channel = settleBatch(transaction, channelId, unnoted.get(channelId));
    // What is held is held until the wake, so all of it may be in the batch.
    if (channel !== undefined) buildBatch(transaction, channelId, channel, Number.MAX_SAFE_INTEGER);
  };

  const noteAll = (): void => {
    noteTimer = undefined;
    noting = noting.then(note).catch(sayNotNoted);
  };

  /** Then they are sent once more. */
  const sayNotNoted = (error: unknown): void => {
    if (!(error instanceof StoreAwayError)) deps.log.error({ err: error }, 'callbacks could not be noted');
  };

  const note = async (): Promise<void> => {
    const done = [...unnoted].filter(([channelId]) => !running.has(channelId));
    if (done.length === 0) return;
    await store.commit((transaction) => {
      for (const [channelId, settle] of done) settleBatch(transaction, channelId, settle);
    });
    for (const [channelId, settle] of done) if (unnoted.get(channelId) === settle) unnoted.delete(channelId);
  };

  /** @returns how the batch ended; undefined when the server stops first */
  const deliver = async (channelId: string, delivery: Delivery): Promise<Settle | undefined> => {
    const { ack } = delivery.batch;
    const conversationId = channelId.slice(prefix.length);
    if (!isAllowedCallbackUrl(delivery.client, delivery.url)) {
      deps.log.warn({ conversationId, ack }, 'callback host is not allowed');
      sender.noteRefused(conversationId, delivery);
      return givenUp(delivery, conversationId, clock.now());
    }
    const { repeat } = delivery.batch;
    const giveUpAt = repeat?.giveUpAt ?? (isInvitation(delivery) ? 0 : clock.now() + keepMs);
    for (let attempt = repeat?.attempts ?? 0; ; attempt += 1) {
      const outcome = await slots.run(() => sender.send(conversationId, delivery, { attempt: attempt + 1 }));
      deps.log.info({ conversationId, ack, attempt, outcome: outcome.kind }, 'callback');
      if (outcome.kind === 'delivered')
        return { batch: delivery.batch, ...(outcome.context === undefined ? {} : { context: outcome.context }) };
      const pause = outcome.kind === 'permanent' ? undefined : pauseAfter(attempt, giveUpAt);
      if (pause === undefined) {
        deps.log.warn({ conversationId, ack, outcome: outcome.kind }, 'callback given up');
        return givenUp(delivery, conversationId, clock.now());
      }
      await store.commit((transaction) =>
        noteRepeat(transaction, channelId, delivery.batch, { attempts: attempt + 1, giveUpAt }),
      );
      // An attempt that failed after the server began to stop must not make it wait.
      if (!stopped) await sleep(channelId, pause);
      if (stopped) return undefined;
    }
  };

  const pauseAfter = (attempt: number, giveUpAt: number): number | undefined =>
    backOffMs[attempt] ?? (clock.now() < giveUpAt ? longestPauseMs : undefined);

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
      stopListening = wakes.listen({ prepare, wake: deps.lines === undefined ? take : () => undefined });
      deps.lines?.start(deliverLine);
      if (deps.lines !== undefined) return;
      store
        .read((snapshot) => snapshot.ids('channel'))
        .then((ids) => ids.forEach(take))
        .catch((error: unknown) => deps.log.error({ err: error }, 'waiting callbacks could not be read'));
    },
    stop: async () => {
      stopped = true;
      stopListening();
      for (const end of [...sleeping.values()]) end();
      await deps.lines?.stop();
      await Promise.all(running.values());
      clock.clearTimeout(noteTimer);
      await noting;
      await note().catch(sayNotNoted);
      await deps.deliveryLog.write();
    },
  };
}
