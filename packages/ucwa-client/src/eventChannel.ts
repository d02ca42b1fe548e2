/**
 * The one loop that owns a P-GET cursor (reference/events.md 3). Each turn:
 * 1. prove: after a failure, `probeHref` (answered at once) tells whether the server is there, because the P-GET
 *    itself may stay silent for minutes; without it a P-GET that has not failed for a moment counts as online
 * 2. ask: GET the position. The client's cap lies above the server's time-out, so a wedged request ends too
 * 3. check: an answer without next/resume/resync, or to an older question, is not used
 * 4. reset: `resume` and `resync` call `onReset` first
 * 5. apply: `onBatch` resolves before anything else goes out. Asking for the next batch acknowledges this one,
 *    so a batch that could not be applied comes again
 * 6. move on: the position becomes next, resume or resync
 * What fails in between is waited out with back-off at the same position; only 401, 404, 410 and being replaced by
 * somebody else's request end it.
 */
import type { EventBatch } from '@repo/ucwa-protocol/events';
import { ApplyError, type ChannelReason, endOf, reasonOf } from './channelReason.ts';
import { type Clock, pause } from './clock.ts';
import { ConnectionError, retryAfterOf } from './errors.ts';
import { asBatch, isOlder, malformed } from './polledBatch.ts';
import { createReconnector } from './reconnector.ts';
import type { Answer, Send } from './request.ts';

export interface ChannelState {
  readonly connection: 'connecting' | 'online' | 'waiting' | 'ended';
  readonly reason: ChannelReason;
  /** While `waiting`: when the next try is due, in milliseconds since 1970. */
  readonly retryAtMs?: number;
  /** What led here, for logs and for its `code` and `subcode`. */
  readonly error?: unknown;
}

export interface EventHandlers {
  /** Every href in the batch is absolute. The batch is acknowledged when this has resolved; a failure brings it again. */
  onBatch(batch: EventBatch): void | Promise<void>;
  /** Must not throw. */
  onState?(state: ChannelState): void;
  /** Drop what was cached: transient state was reset (`resume`) or the position was out of order (`resync`). */
  onReset?(why: 'resume' | 'resync'): void | Promise<void>;
}

export interface EventChannelOptions extends EventHandlers {
  readonly send: Send;
  readonly clock: Clock;
  /** The `events` link of the application, or a stored `position()`. */
  readonly eventsHref: string;
  readonly probeHref?: string;
  readonly random?: () => number;
}

export interface EventChannel {
  /** Starts, or starts again after the end. */
  start(): void;
  stop(): void;
  /**
   * Cuts a wait, and asks anew when a request is silent: the connection below it may have died unnoticed. For when the
   * browser says that the network is back or the page is seen again.
   */
  retryNow(): void;
  /** The href to ask next, absolute or as given; everything before it has been applied. Store it to go on later. */
  position(): string;
}

/** Seconds asked of the server, and milliseconds after which we give up on it. */
const serverTimeoutS = '180';
const capMs = 200_000;
const settleMs = 1000;
/** How often a batch that `onBatch` rejects is offered again before it is passed over to keep the rest flowing. */
const applyAttempts = 5;

/** Makes the channel, not started yet. Its functions throw nothing: whatever goes wrong is told to `onState`. */
export function createEventChannel(options: EventChannelOptions): EventChannel {
  const { send, clock, onBatch, probeHref } = options;
  let reconnector = createReconnector({ clock, random: options.random });
  let position = options.eventsHref;
  let run: AbortController | undefined;
  let finished = Promise.resolve();
  let failedApplies = 0;
  let hasFailed = false;
  let emptyTurns = 0;
  let ask: AbortController | undefined;
  /** Requests for this position that went unanswered. One of them may still arrive, and replace its successor. */
  let unanswered = 0;

  const tell = (state: ChannelState) => options.onState?.(state);

  async function loop(current: AbortController): Promise<void> {
    const { signal } = current;
    const end = (reason: ChannelReason, error?: unknown) => {
      if (run !== current) return;
      run = undefined;
      tell({ connection: 'ended', reason, ...(error === undefined ? {} : { error }) });
    };
    const online = () => {
      const before = reconnector.state();
      reconnector.succeeded();
      if (before !== 'online' && !signal.aborted) tell({ connection: 'online', reason: 'answered' });
    };

    if (signal.aborted) return;
    reconnector = createReconnector({ clock, random: options.random });
    tell({ connection: 'connecting', reason: 'started' });
    while (!signal.aborted) {
      try {
        await turn(signal, online);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ConnectionError && error.code === 'Aborted') continue;
        const ending = endOf(error);
        if (ending === 'replaced' && unanswered > 0) unanswered -= 1;
        else if (ending) return end(ending, error);
        hasFailed = true;
        const { delayMs, due } = reconnector.failed(retryAfterOf(error));
        tell({ connection: 'waiting', reason: reasonOf(error), retryAtMs: clock.now() + delayMs, error });
        await due;
        if (!signal.aborted) tell({ connection: 'connecting', reason: 'reconnecting' });
      }
    }
  }

  /** Phase 1. @returns the timer that takes silence for a good sign, where there is one */
  async function prove(signal: AbortSignal, online: () => void): Promise<unknown> {
    if (reconnector.state() === 'online') return undefined;
    if (probeHref === undefined || !hasFailed) return clock.setTimeout(online, settleMs);
    await send({ method: 'GET', href: probeHref, signal });
    online();
    return undefined;
  }

  /** Phase 2. */
  async function poll(): Promise<Answer> {
    ask = new AbortController();
    try {
      return await send({
        method: 'GET',
        href: position,
        query: { timeout: serverTimeoutS },
        timeoutMs: capMs,
        signal: ask.signal,
      });
    } catch (error) {
      if (error instanceof ConnectionError && error.status === undefined) unanswered += 1;
      throw error;
    } finally {
      ask = undefined;
    }
  }

  async function turn(signal: AbortSignal, online: () => void): Promise<void> {
    const settle = await prove(signal, online);
    if (signal.aborted) return clock.clearTimeout(settle);
    const asked = clock.now();
    const answer = await poll().finally(() => clock.clearTimeout(settle));

    const batch = asBatch(answer);
    const { resync, resume } = batch._links;
    const next = resync ?? resume ?? batch._links.next;
    if (!next) throw malformed('the batch has no next, resume or resync');
    const why = resync ? 'resync' : resume ? 'resume' : undefined;
    if (!why && isOlder(batch._links.self?.href, position)) throw malformed('the batch was asked for earlier');
    if (signal.aborted) return;
    online();

    try {
      if (why) await options.onReset?.(why);
      if (batch.sender?.length) await onBatch(batch);
    } catch (cause) {
      failedApplies += 1;
      if (failedApplies < applyAttempts) throw new ApplyError('the batch could not be applied', { cause });
      tell({ connection: 'online', reason: 'applyFailed', error: cause });
    }
    failedApplies = 0;
    unanswered = 0;
    position = next.href;
    // A server that keeps answering at once with nothing must not be asked in a hot loop.
    const useful = batch.sender?.length || clock.now() - asked >= settleMs;
    emptyTurns = useful ? 0 : emptyTurns + 1;
    if (emptyTurns > 1) await pause(clock, settleMs, signal);
  }

  function retryNow(): void {
    reconnector.retryNow();
    ask?.abort();
  }

  return {
    start() {
      if (run) return;
      run = new AbortController();
      const current = run;
      // A batch that is still being applied after a stop is finished first, or it would be applied twice.
      finished = finished.then(() => loop(current));
    },
    stop() {
      if (!run) return;
      run.abort();
      run = undefined;
      retryNow();
      tell({ connection: 'ended', reason: 'stopped' });
    },
    retryNow,
    position: () => position,
  };
}
