/** What Prometheus may ask this server (docs/operations.md "Metrics"). Labels come from bounded sets only: route names, states. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { OperationName } from '../operationName.ts';
import { type CellHistogram, createHistogram } from './histogram.ts';

/** Seconds. A P-GET waits up to three minutes, a commit for one sync of the disk. */
const requestBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const commitBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const callbackBounds = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];
const lagBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 15, 60, 600, 3600];
const depthBounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000];

export type CallbackEnding = 'delivered' | 'given up';

export interface Metrics {
  readonly registry: Registry;
  request(operation: OperationName, method: string, status: number, seconds: number): void;
  commit(seconds: number, isKept: boolean): void;
  /** LMDB has refused what is in its journal. */
  checkpointFailed(): void;
  /** @param depth events that wait in a channel, with the one that has just come */
  queued(face: 'ucwa' | 'service', depth: number): void;
  /** One POST to an SA. @param status of the answer, undefined when there was none */
  post(seconds: number, status: number | undefined): void;
  /** A batch is to be delivered. @returns to be called with how it ended; undefined = the server stops first */
  callbackBegun(): (ending: CallbackEnding | undefined) => void;
  /** A number that is read when somebody asks. */
  gauge(name: string, help: string, read: () => number): void;
}

/** @param withProcess also CPU, memory, garbage collection and event-loop delay of the process; once a process */
export function createMetrics(withProcess = false): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (withProcess) collectDefaultMetrics({ register: registry });
  const histogram = (name: string, help: string, bounds: readonly number[]): CellHistogram =>
    createHistogram(registry, { name, help, bounds });
  const requests = histogram('platform_request_seconds', 'Requests', requestBounds);
  const commits = histogram('platform_commit_seconds', 'Commits that were kept', commitBounds).cell({});
  const refusedCommits = new Counter({
    name: 'platform_commits_refused_total',
    help: 'Decisions that threw: nothing was kept',
    registers,
  });
  const failedCheckpoints = new Counter({
    name: 'platform_checkpoints_failed_total',
    help: 'Times that LMDB has refused what is in its journal',
    registers,
  });
  const depths = histogram('platform_channel_depth', 'Events waiting in a channel when one came', depthBounds);
  const posts = histogram('platform_callback_post_seconds', 'Single POSTs to service applications', callbackBounds);
  const lags = histogram('platform_callback_lag_seconds', 'From a batch to its ending, repeats included', lagBounds);

  const gauge: Metrics['gauge'] = (name, help, read) => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  const begun = new Set<{ readonly at: number }>();
  gauge(
    'platform_callback_lines',
    'Conversations whose callback is under way or waits to be repeated',
    () => begun.size,
  );
  gauge('platform_callback_oldest_seconds', 'Age of the oldest batch that no service application has answered', () => {
    const [oldest] = begun;
    return oldest === undefined ? 0 : (performance.now() - oldest.at) / 1000;
  });

  const depthCells = { ucwa: depths.cell({ face: 'ucwa' }), service: depths.cell({ face: 'service' }) };
  const lagCells = { delivered: lags.cell({ ending: 'delivered' }), 'given up': lags.cell({ ending: 'given up' }) };
  const postCell = remembered((status: number | undefined) => posts.cell({ status: String(status ?? 'none') }));
  const requestCellsOf = remembered((operation: OperationName) =>
    remembered((method: string) =>
      remembered((status: number) => requests.cell({ ...operation, method, status: String(status) })),
    ),
  );
  return {
    registry,
    request: (operation, method, status, seconds) => requestCellsOf(operation)(method)(status).observe(seconds),
    commit: (seconds, isKept) => {
      if (isKept) commits.observe(seconds);
      else refusedCommits.inc();
    },
    checkpointFailed: () => failedCheckpoints.inc(),
    queued: (face, depth) => depthCells[face].observe(depth),
    post: (seconds, status) => postCell(status).observe(seconds),
    callbackBegun: () => {
      const one = { at: performance.now() };
      begun.add(one);
      return (ending) => {
        begun.delete(one);
        if (ending !== undefined) lagCells[ending].observe((performance.now() - one.at) / 1000);
      };
    },
    gauge,
  };
}

/** Looking labels up costs more than counting, so each is looked up once. */
function remembered<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    if (!known.has(key)) known.set(key, value);
    return value;
  };
}
