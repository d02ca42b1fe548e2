/** One line when LMDB begins to refuse and one when it takes everything again; each failure is counted. */
import type { Logger } from 'pino';
import type { Metrics } from '../metrics/metrics.ts';
import type { OnCheckpoint } from './lmdb.ts';

export function createCheckpointLog(
  metrics: Pick<Metrics, 'checkpointFailed'>,
  log: Pick<Logger, 'error' | 'info'>,
): OnCheckpoint {
  let isFailing = false;
  return (failure) => {
    if (failure !== undefined) {
      metrics.checkpointFailed();
      if (!isFailing)
        log.error({ err: failure }, 'a checkpoint failed: the journal keeps everything, and it is tried again');
    } else if (isFailing) {
      log.info('checkpoints succeed again');
    }
    isFailing = failure !== undefined;
  };
}
