import process from 'node:process';
import { startServiceApp } from './wiring.ts';

/** What could not be stopped in this time goes on at the next start, as after a crash. */
const stopPatienceMs = 3_000;

/**
 * Starts the service application with the server process, and ends the process when asked, after the work in hand and
 * the database are closed. Next ends the process at once on its own, unless NEXT_MANUAL_SIG_HANDLE is set.
 */
export async function runServiceApp(): Promise<void> {
  const serviceApp = await startServiceApp();
  const stop = () => {
    setTimeout(() => process.exit(0), stopPatienceMs).unref();
    serviceApp.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // The program that started this one is gone.
  process.once('disconnect', stop);
}
