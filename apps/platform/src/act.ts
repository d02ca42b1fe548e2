/**
 * One request is one commit. In order:
 * 1. the receipt of a repeated operationId is answered without deciding again;
 * 2. the decision writes documents, and its emissions are rendered and appended to their channels;
 * 3. the receipt is written in the same commit, and so are the batches that readers of these channels wait for;
 * 4. the touched channels are held until the answer is on the wire, then their readers are woken (client-expectations S16).
 */
import type { FastifyRequest } from 'fastify';
import type { Clock } from './clock.ts';
import type { Hold, Wakes } from './events/wakes.ts';
import { renderEvent } from './hal/renderEvent.ts';
import { defaultLimits, type Limits } from './limits.ts';
import type { Metrics } from './metrics/metrics.ts';
import { serviceChannelId, ucwaApplicationOf } from './model/channel.ts';
import type { UcwaApplication } from './model/documents.ts';
import { onCallbackGivenUp } from './model/onCallbackGivenUp.ts';
import { channelIdsOf } from './model/tabs.ts';
import { dropChannel } from './model/ucwaApplication.ts';
import { createWorld, type ModelSettings, type TransactionLike, type World } from './model/world.ts';
import { findReceipt, keepReceipt, receiptRequest } from './receipts.ts';
import type { Store, Transaction } from './store/store.ts';

/**
 * @param request whose answer comes before the events; undefined for timers
 * @param decide synchronous and pure; what it returns must survive JSON, because a repeated request gets it again
 * @throws what the decision throws (nothing is kept then), and 409 AlreadyExists when the operationId was used for something else
 */
export type Act = <T>(request: FastifyRequest | undefined, decide: (world: World) => T) => Promise<T>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Run once when the answer is on the wire. */
    afterAnswer: (() => void)[] | undefined;
  }
}

export interface ActDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly wakes: Wakes;
  readonly settings: Partial<ModelSettings>;
  /** Default: what limits.ts says. */
  readonly limits?: Pick<Limits, 'queuedEvents' | 'queuedCallbackEvents'>;
  /** Is told how many events wait in a channel whenever one has come. */
  readonly metrics?: Pick<Metrics, 'queued' | 'callbackBegun'>;
}

export function createAct(deps: ActDeps): Act {
  return async <T>(request: FastifyRequest | undefined, decide: (world: World) => T): Promise<T> => {
    const operation = request === undefined ? undefined : receiptRequest(request);
    const { answer, hold } = await runDecision(deps, (transaction, world) => {
      const earlier = operation === undefined ? undefined : findReceipt(transaction, operation, world.now);
      if (earlier !== undefined) return earlier.answer as T;
      const decided = decide(world);
      if (operation !== undefined) keepReceipt(transaction, operation, decided, world.now);
      return decided;
    });
    if (request === undefined) {
      hold.release();
    } else {
      hold.releaseLater();
      request.afterAnswer = [...(request.afterAnswer ?? []), hold.release];
    }
    return answer;
  };
}

/**
 * Commits a decision with its events. The touched channels stay held until `hold.release()` is called.
 * @throws what the decision throws; nothing is kept or held then
 */
export async function runDecision<T>(
  { store, clock, newId, wakes, settings, limits = defaultLimits, metrics }: ActDeps,
  decide: (transaction: Transaction, world: World) => T,
): Promise<{ readonly answer: T; readonly hold: Hold }> {
  const now = clock.now();
  const hold = wakes.hold();
  const ids: string[] = [];
  try {
    const answer = await store.commit((transaction) => {
      hold.reset();
      // Run again, it gets the same ids: what it asked the engine about the first ones is known by now.
      let used = 0;
      const sameId = (): string => {
        used += 1;
        ids[used - 1] ??= newId();
        return ids[used - 1] ?? newId();
      };
      const overfull = new Set<string>();
      const world = worldOver(transaction, hold, overfull, { now, newId: sameId, settings, limits, metrics });
      const decided = decide(transaction, world);
      for (const channelId of overfull) giveUpChannel(world, channelId);
      for (const channelId of hold.touched()) wakes.prepare(transaction, channelId);
      hold.keep(transaction);
      return decided;
    });
    return { answer, hold };
  } catch (error) {
    hold.release();
    throw error;
  }
}

/** Nobody has listened for so long that the queue has no room: a client has to start afresh, an SA's conversation ends. */
function giveUpChannel(world: World, channelId: string): void {
  const applicationId = ucwaApplicationOf(channelId);
  if (applicationId === undefined) onCallbackGivenUp(world, channelId.slice(serviceChannelId('').length));
  else dropChannel(world, applicationId, channelId);
}

interface WorldSettings {
  readonly now: number;
  readonly newId: () => string;
  readonly settings: Partial<ModelSettings>;
  readonly limits: Pick<Limits, 'queuedEvents' | 'queuedCallbackEvents'>;
  readonly metrics: Pick<Metrics, 'queued'> | undefined;
}

/** @param overfull collects channels whose queue has grown beyond measure */
function worldOver(transaction: Transaction, hold: Hold, overfull: Set<string>, settings: WorldSettings): World {
  return createWorld(watched(transaction, hold), {
    ...settings,
    emit: (emission, look) => {
      const { channelId, event } = renderEvent(look, emission);
      const append = (id: string, applicationId: string | undefined): number => {
        const seq = transaction.append(id, event);
        hold.touch(id, seq);
        const depth = seq - (look.get('channel', id)?.acknowledgedSeq ?? 0);
        const isUcwa = applicationId !== undefined;
        settings.metrics?.queued(isUcwa ? 'ucwa' : 'service', depth);
        if (depth > settings.limits[isUcwa ? 'queuedEvents' : 'queuedCallbackEvents']) overfull.add(id);
        return seq;
      };
      const applicationId = ucwaApplicationOf(channelId);
      const application = applicationId === undefined ? undefined : look.get('ucwaApplication', applicationId);
      if (application?.instances === undefined) return append(channelId, applicationId);
      // Several tabs of one client: each has its own line of the same events.
      const open = channelIdsOf(application).filter((id) => look.get('channel', id) !== undefined);
      return Math.max(0, ...open.map((id) => append(id, applicationId)));
    },
  });
}

/** A channel that is deleted takes its events along; a P-GET of an application that ends is woken to learn of it. */
function watched(transaction: Transaction, hold: Hold): TransactionLike {
  return {
    get: (kind, id) => transaction.get(kind, id),
    put: (kind, id, document) => {
      transaction.put(kind, id, document);
      if (kind === 'ucwaApplication' && (document as UcwaApplication).ended !== undefined)
        for (const channelId of channelIdsOf(document as UcwaApplication)) hold.touch(channelId, 0);
    },
    delete: (kind, id) => {
      transaction.delete(kind, id);
      if (kind === 'channel') transaction.trim(id, Number.MAX_SAFE_INTEGER - 1);
    },
    schedule: (timer) => transaction.schedule(timer),
    unschedule: (name) => transaction.unschedule(name),
  };
}
