/**
 * Runs once before the suite: takes the server named by CONFORMANCE_BASE_URL, or starts the platform of this repository
 * on a free port with a temporary data folder and stops it afterwards.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { targetFrom } from './targetSettings.ts';
import { send } from './wire.ts';

const repository = path.resolve(import.meta.dirname, '../..');

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

function launch(environment: Record<string, string>): ChildProcess {
  const built = path.join(repository, 'apps/platform/dist/server.mjs');
  const source = path.join(repository, 'apps/platform/src/server.ts');
  const useBuilt = existsSync(built) && process.env.CONFORMANCE_SOURCE === undefined;
  const args = useBuilt ? [built] : ['--import', 'tsx', source];
  return spawn(process.execPath, args, {
    cwd: repository,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Polls the discover address, which needs no credentials, until the server answers. */
async function untilReady(child: ChildProcess, baseUrl: string, output: () => string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the platform ended with code ${child.exitCode}:\n${output()}`);
    const answer = await send('GET', `${baseUrl}/platformservice/discover`).catch(() => undefined);
    if (answer !== undefined) return;
    if (Date.now() > deadline) throw new Error(`the platform did not answer at ${baseUrl}:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(impatience);
}

let started: { child: ChildProcess; dataDir: string } | undefined;

export async function setup(project: TestProject): Promise<void> {
  if (process.env.CONFORMANCE_BASE_URL) {
    project.provide('target', targetFrom(process.env));
    return;
  }
  const dataDir = await mkdtemp(path.join(tmpdir(), 'conformance-'));
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const operatorToken = randomBytes(24).toString('base64url');
  const child = launch({
    PLATFORM_PORT: String(port),
    PLATFORM_URL: baseUrl,
    DATA_DIR: dataDir,
    OPERATOR_TOKEN: operatorToken,
    NODE_ENV: 'production',
  });
  started = { child, dataDir };
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-8_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  try {
    await untilReady(child, baseUrl, () => output);
  } catch (cause) {
    await teardown();
    throw cause;
  }
  project.provide('target', targetFrom(process.env, { baseUrl, operatorToken }));
}

export async function teardown(): Promise<void> {
  if (started === undefined) return;
  const { child, dataDir } = started;
  started = undefined;
  await stop(child);
  await rm(dataDir, { recursive: true, force: true });
}
