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
import type { Clock } from './clock.ts';
import { ConnectionError, isGone, UcwaError } from './errors.ts';
import { createReconnector } from './reconnector.ts';
import type { Answer, Send } from './request.ts';

export type ChannelReason =
  | 'started'
  | 'reconnecting'
  | 'answered'
  | 'network'
  | 'timeout'
  | 'serverError'
  | 'refused'
  | 'malformedBatch'
  | 'applyFailed'
  | 'stopped'
  | 'replaced'
  | 'unauthorized'
  | 'notFound'
  | 'gone';

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

class ApplyError extends Error {}

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

  async function turn(signal: AbortSignal, online: () => void): Promise<void> {
    let settle: unknown;
    if (reconnector.state() !== 'online') {
      if (probeHref === undefined || !hasFailed) settle = clock.setTimeout(online, settleMs);
      else {
        await send({ method: 'GET', href: probeHref, signal });
        online();
      }
    }
    const asked = clock.now();
    let answer: Answer;
    ask = new AbortController();
    try {
      answer = await send({
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
      clock.clearTimeout(settle);
    }

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

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = clock.setTimeout(end, ms);
    function end() {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
    signal.addEventListener('abort', end);
  });
}

type Links = EventBatch['_links'];

function malformed(message: string): ConnectionError {
  return new ConnectionError('MalformedAnswer', message);
}

/** Whatever is in it, the members that the loop reads are what their types say. */
function asBatch({ resource }: Answer): EventBatch {
  const given = (resource?._links ?? {}) as Links;
  const sender: unknown = resource?.sender;
  const link = (name: keyof Links) => (typeof given[name]?.href === 'string' ? { [name]: given[name] } : {});
  return {
    ...resource,
    _links: { ...link('self'), ...link('next'), ...link('resume'), ...link('resync') },
    sender: Array.isArray(sender) ? sender : [],
  };
}

/** True when a batch is the answer to an earlier question (an intermediary's copy): its ack is below the one asked. */
function isOlder(self: string | undefined, asked: string): boolean {
  return self !== undefined && ackOf(self) < ackOf(asked);
}

function ackOf(href: string): number {
  return Number(/[?&]ack=(\d+)/i.exec(href)?.[1] ?? Number.NaN);
}

function endOf(error: unknown): ChannelReason | undefined {
  if (!(error instanceof UcwaError)) return undefined;
  if (error.status === 401) return 'unauthorized';
  if (error.status === 409 && error.subcode === 'PGetReplaced') return 'replaced';
  if (isGone(error)) return error.status === 404 ? 'notFound' : 'gone';
  return undefined;
}

function reasonOf(error: unknown): ChannelReason {
  if (error instanceof ApplyError) return 'applyFailed';
  if (error instanceof UcwaError) return 'refused';
  if (!(error instanceof ConnectionError)) return 'network';
  if (error.code === 'Timeout') return 'timeout';
  if (error.code === 'MalformedAnswer') return 'malformedBatch';
  return error.code === 'ServerError' ? 'serverError' : 'network';
}

function retryAfterOf(error: unknown): number | undefined {
  return error instanceof UcwaError || error instanceof ConnectionError ? error.retryAfterMs : undefined;
}
