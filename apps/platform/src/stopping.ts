/**
 * The end of the process, in order:
 * 1. refuse what is new and answer what is parked, and give a load balancer time to see it;
 * 2. let requests and callbacks in flight end; in half of the time that there is their connections are cut;
 * 3. close the store and what else is open, also when something before has failed.
 * Bounded: everything that was answered is durable, so what hangs may be left alone.
 */
import type { Logger } from 'pino';

export interface StoppingDeps {
  readonly app: { drain(): void; close(): Promise<unknown>; cut(): void };
  /** After the app: store, traces, connections to other services. */
  readonly closers: readonly (() => Promise<unknown>)[];
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Milliseconds during which new requests are still answered. */
  readonly graceMs: number;
  /** Milliseconds after which the process ends, whatever is left. */
  readonly timeoutMs: number;
  exit(code: number): void;
}

/** @returns stops once, however often it is called */
export function createStop(deps: StoppingDeps): (signal: string) => void {
  let isStopping = false;
  const run = async (): Promise<void> => {
    deps.app.drain();
    if (deps.graceMs > 0) await new Promise((resolve) => setTimeout(resolve, deps.graceMs));
    const cut = setTimeout(() => deps.app.cut(), deps.timeoutMs / 2);
    for (const close of [() => deps.app.close().finally(() => clearTimeout(cut)), ...deps.closers]) {
      await close().catch((error: unknown) => {
        deps.log.error({ err: error }, 'closing failed');
        process.exitCode = 1;
      });
    }
  };
  return (signal) => {
    if (isStopping) return;
    isStopping = true;
    deps.log.info({ signal }, 'closing');
    const late = setTimeout(() => {
      deps.log.warn('closing took too long; the rest is left to the next start');
      deps.exit(0);
    }, deps.timeoutMs);
    late.unref();
    run()
      .finally(() => clearTimeout(late))
      .then(() => deps.log.info('closed'))
      .catch((error: unknown) => deps.log.error({ err: error }, 'stopping failed'));
  };
}
