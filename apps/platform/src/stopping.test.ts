/** The order of the end, and that nothing holds it up for ever. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStop, type StoppingDeps } from './stopping.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const done: string[] = [];
let cut: (() => void) | undefined;

function stopping(close: () => Promise<unknown>): StoppingDeps {
  return {
    app: {
      drain: () => done.push('drain'),
      close: async () => {
        await close();
        done.push('app');
      },
      cut: () => {
        done.push('cut');
        cut?.();
      },
    },
    closers: [async () => done.push('store')],
    log: silent,
    graceMs: 0,
    timeoutMs: 20_000,
    exit: (code) => done.push(`exit ${code}`),
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  done.length = 0;
});
afterEach(() => vi.useRealTimers());

test('everything is closed in order, once', async () => {
  const stop = createStop(stopping(async () => undefined));
  stop('SIGTERM');
  stop('SIGINT');
  await vi.advanceTimersByTimeAsync(30_000);
  expect(done).toEqual(['drain', 'app', 'store']);
});

test('requests that do not end are cut off in time for the rest to be closed', async () => {
  const closed = new Promise<void>((resolve) => {
    cut = resolve;
  });
  createStop(stopping(() => closed))('SIGTERM');
  await vi.advanceTimersByTimeAsync(9_999);
  expect(done).toEqual(['drain']);
  await vi.advanceTimersByTimeAsync(1);
  expect(done).toEqual(['drain', 'cut', 'app', 'store']);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(done).toHaveLength(4);
});

test('what hangs all the same does not keep the process', async () => {
  createStop(stopping(() => new Promise(() => undefined)))('SIGTERM');
  await vi.advanceTimersByTimeAsync(20_000);
  expect(done).toEqual(['drain', 'cut', 'exit 0']);
});

test('what cannot be closed keeps nothing else open, and shows in the exit code', async () => {
  const before = process.exitCode;
  createStop(stopping(() => Promise.reject(new Error('no'))))('SIGTERM');
  await vi.advanceTimersByTimeAsync(30_000);
  expect([done, process.exitCode]).toEqual([['drain', 'store'], 1]);
  process.exitCode = before;
});
