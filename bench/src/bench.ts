/**
 * Measures the built platform over HTTP on loopback, beside a bare relay. A table for people, then one line of JSON.
 * Options: options.ts. Method: docs/performance.md.
 */
import { mkdirSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { runFinished } from './finished.ts';
import { runGrowth } from './growth.ts';
import { runIdle } from './idle.ts';
import { type Options, optionsFrom } from './options.ts';
import { runStorm } from './storm.ts';
import { runTable } from './tableRun.ts';

const machine = {
  node: process.version,
  system: `${process.platform} ${release()}`,
  processor: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGb: Math.round(totalmem() / 2 ** 30),
};

const modes: Record<Options['mode'], (options: Options, say: (line: string) => void) => Promise<unknown>> = {
  table: runTable,
  idle: runIdle,
  storm: runStorm,
  growth: runGrowth,
  finished: runFinished,
};

async function run(options: Options): Promise<unknown> {
  if (options.profiles !== undefined) mkdirSync(options.profiles, { recursive: true });
  console.log(`${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}`);
  const began = performance.now();
  const result = await modes[options.mode](options, console.log);
  const seconds = Math.round((performance.now() - began) / 1_000);
  return { mode: options.mode, seconds, machine, ...(result as object) };
}

// Interrupted or not: `exit` ends the servers (serverProcess.ts) and removes the folder.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

run(optionsFrom(process.argv.slice(2))).then(
  (result) => {
    console.log(JSON.stringify(result));
    process.exit(0);
  },
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
