/**
 * Runs one kind of work while there is some, several at a time. A wake that comes during a look which finds nothing
 * makes it look again, so nothing that was committed before the wake is missed.
 */
export interface Lane {
  wake(): void;
  /** Resolves when nothing is running; nothing new is begun after `stop`. */
  idle(): Promise<void>;
  stop(): void;
}

/**
 * @param work does one piece, and says whether there was one
 * @param onError is told what `work` threw; the lane then waits for the next wake
 */
export function createLane(work: () => Promise<boolean>, parallel: number, onError: (error: unknown) => void): Lane {
  const running = new Set<Promise<void>>();
  let wokenAgain = false;
  let stopped = false;

  async function run(): Promise<void> {
    try {
      while (!stopped && (await work())) begin();
    } catch (error) {
      onError(error);
    }
  }

  function begin(): void {
    if (stopped || running.size >= parallel) return;
    const runner = run().finally(() => {
      running.delete(runner);
      if (wokenAgain) {
        wokenAgain = false;
        begin();
      }
    });
    running.add(runner);
  }

  return {
    wake: () => {
      if (running.size > 0) wokenAgain = true;
      begin();
    },
    idle: async () => {
      while (running.size > 0) await Promise.all(running);
    },
    stop: () => {
      stopped = true;
    },
  };
}
