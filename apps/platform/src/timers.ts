/** The loop that lets durable timers ring. Any number may be due after a restart; each is one commit of its own. */
import type { FastifyBaseLogger } from 'fastify';
import { type ActDeps, runDecision } from './act.ts';
import { StoreAwayError } from './errors.ts';
import type { PendingGets } from './events/pendingGet.ts';
import { idleTimer, idleTimerKind, type Timer } from './model/channel.ts';
import { onTimer } from './model/onTimer.ts';
import { channelIdsOf } from './model/tabs.ts';
import type { World } from './model/world.ts';
import { onReceiptTimer, receiptTimerKind } from './receipts.ts';

const pollMs = 200;
const batch = 100;
/** A timer whose decision failed is tried again then. */
const retryMs = 30_000;

export interface TimersDeps extends ActDeps {
  readonly pendingGets: PendingGets;
  /** When this process began to listen, in milliseconds since 1970: before that nobody could ask for events. */
  readonly startedAt?: number;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
}

/** @returns stops the loop; resolves when the round that runs has ended */
export function startTimers(given: TimersDeps): () => Promise<void> {
  const deps = { ...given, startedAt: given.clock.now() };
  let stopped = false;
  let round: Promise<void> = Promise.resolve();
  let handle: unknown;
  const next = (): void => {
    if (stopped) return;
    handle = deps.clock.setTimeout(() => {
      round = ringDue(deps)
        .catch((error: unknown) => {
          if (!(error instanceof StoreAwayError)) deps.log.error({ err: error }, 'timers could not be read');
        })
        .then(next);
    }, pollMs);
  };
  next();
  return async () => {
    stopped = true;
    deps.clock.clearTimeout(handle);
    await round;
  };
}

/** Rings everything that is due now, earliest first. */
export async function ringDue(deps: TimersDeps): Promise<void> {
  for (;;) {
    const due = await deps.store.read((snapshot) => snapshot.timersDue(deps.clock.now(), batch));
    await Promise.all(due.map((timer) => ring(deps, timer)));
    if (due.length < batch) return;
  }
}

async function ring(deps: TimersDeps, timer: Timer): Promise<void> {
  try {
    const isListening = timer.kind === idleTimerKind && (await isSomebodyListening(deps, timer.id));
    const { hold } = await runDecision(deps, (transaction, world) => {
      const current = transaction.timer(timer.name);
      if (current === undefined || current.dueAt !== timer.dueAt) return;
      world.unschedule(timer.name);
      if (!decide(world, timer, isListening, deps)) deps.log.error({ timer: timer.name }, 'nobody knows this timer');
    });
    hold.release();
  } catch (error) {
    // It is still there, and due when the store is back.
    if (error instanceof StoreAwayError) throw error;
    deps.log.error({ err: error, timer: timer.name }, 'a timer failed');
    await deps.store.commit((transaction) => transaction.schedule({ ...timer, dueAt: deps.clock.now() + retryMs }));
  }
}

/** @returns whether somebody knows the timer */
function decide(world: World, timer: Timer, isListening: boolean, { startedAt = 0 }: TimersDeps): boolean {
  if (timer.kind === receiptTimerKind) {
    onReceiptTimer(world, timer.id);
    return true;
  }
  if (timer.kind === idleTimerKind && isListening) {
    world.schedule(idleTimer(timer.id, world.now));
    return true;
  }
  if (timer.kind === idleTimerKind) {
    // The platform's own absence is nobody's idleness: clients get the whole time from its start.
    const afresh = idleTimer(timer.id, startedAt);
    if (afresh.dueAt > world.now) {
      world.schedule(afresh);
      return true;
    }
  }
  return onTimer(world, timer);
}

/** Whether a P-GET of the application is parked, on whatever node. */
async function isSomebodyListening({ store, pendingGets }: TimersDeps, applicationId: string): Promise<boolean> {
  const channelIds = await store.read((snapshot) =>
    channelIdsOf(snapshot.get('ucwaApplication', applicationId) ?? { id: applicationId }),
  );
  return pendingGets.isAnyParked(channelIds);
}
