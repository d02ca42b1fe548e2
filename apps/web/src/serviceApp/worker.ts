/**
 * The loop behind the service application: batches, commands, timers, and now and then what was missed or is long over.
 * Its memory holds nothing that matters; another instance, or this one after a crash, goes on from the database. Looks
 * when something was committed, and every second for what is due by time or was left by somebody else.
 */
import type { Deps } from './deps.ts';
import { drainOutbox } from './drainOutbox.ts';
import { createLane } from './lane.ts';
import { processInbox } from './processInbox.ts';
import { createReconcile } from './reconcile.ts';
import { createRemoveFinishedWork } from './removeFinishedWork.ts';
import { runTimers } from './runTimers.ts';

const pollMs = 1_000;

export interface Worker {
  start(): void;
  wake(): void;
  /** Works until nothing is due any more. */
  runUntilIdle(): Promise<void>;
  /** Begins nothing new and waits for what is running. */
  stop(): Promise<void>;
}

/** One worker of a process, not started yet. */
export function createWorker(deps: Deps): Worker {
  const held = new Set<string>();
  const sessions = {
    isFree: (sessionId: string) => !held.has(sessionId),
    hold: async <T>(sessionId: string, act: () => Promise<T>): Promise<T> => {
      held.add(sessionId);
      try {
        return await act();
      } finally {
        held.delete(sessionId);
      }
    },
  };
  const report = (kind: string) => (error: unknown) =>
    deps.log.error({ kind, failure: error instanceof Error ? error.message : 'unknown' }, 'the worker was interrupted');
  const reconcile = createReconcile(deps);
  const removeFinishedWork = createRemoveFinishedWork(deps);
  const lanes = [
    createLane(() => processInbox(deps, sessions), 4, report('inbox')),
    createLane(() => drainOutbox(deps), 8, report('outbox')),
    createLane(() => runTimers(deps), 1, report('timers')),
    createLane(reconcile, 1, report('reconcile')),
    createLane(removeFinishedWork, 1, report('removal')),
  ];
  let started = false;
  let poll: unknown;

  function wake(): void {
    if (started) for (const lane of lanes) lane.wake();
  }

  function look(): void {
    wake();
    poll = deps.clock.setTimeout(look, pollMs);
  }

  async function idle(): Promise<void> {
    await Promise.all(lanes.map((lane) => lane.idle()));
  }

  return {
    wake,
    start: () => {
      if (started) return;
      started = true;
      look();
    },
    runUntilIdle: async () => {
      for (let did = true; did; ) {
        did = await processInbox(deps, sessions);
        did = (await drainOutbox(deps)) || did;
        did = (await runTimers(deps)) || did;
        did = (await reconcile()) || did;
        did = (await removeFinishedWork()) || did;
      }
    },
    stop: async () => {
      started = false;
      deps.clock.clearTimeout(poll);
      for (const lane of lanes) lane.stop();
      await idle();
    },
  };
}
