/** The platform of this repository as a process of its own: on a free port, with a temporary data folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { send } from './wire.ts';

const repository = path.resolve(import.meta.dirname, '../..');

export interface PlatformProcess {
  readonly baseUrl: string;
  readonly operatorToken: string;
  /** Moves its clock ahead, by milliseconds. @throws Error when it was not started with a clock that moves */
  moveClock(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param environment settings of the server
 * @param hasMovableClock whether its clock can be moved
 * @throws Error with its output when it does not answer
 */
export async function startPlatform(
  environment: Readonly<Record<string, string>> = {},
  hasMovableClock = false,
): Promise<PlatformProcess> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'conformance-'));
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const operatorToken = randomBytes(24).toString('base64url');
  const settings = {
    PLATFORM_PORT: String(port),
    PLATFORM_URL: baseUrl,
    DATA_DIR: dataDir,
    OPERATOR_TOKEN: operatorToken,
    NODE_ENV: 'production',
    ...environment,
  };
  const child = launch(settings, hasMovableClock);
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-8_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await untilReady(child, baseUrl, () => output);
  } catch (cause) {
    await stop();
    throw cause;
  }
  const moveClock = async (ms: number): Promise<void> => {
    if (!hasMovableClock) throw new Error('this platform has the clock of the machine');
    const moved = once(child, 'message');
    child.send({ moveByMs: ms });
    await moved;
  };
  return { baseUrl, operatorToken, moveClock, stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

function launch(environment: Record<string, string>, hasMovableClock: boolean): ChildProcess {
  const built = path.join(repository, 'apps/platform/dist/server.mjs');
  const source = path.join(repository, 'apps/platform/src/server.ts');
  const useBuilt = existsSync(built) && process.env.CONFORMANCE_SOURCE === undefined;
  const program = useBuilt ? [built] : ['--import', 'tsx', source];
  const preloaded = hasMovableClock ? ['--import', path.join(import.meta.dirname, 'movableClock.mjs')] : [];
  return spawn(process.execPath, [...preloaded, ...program], {
    cwd: repository,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', ...(hasMovableClock ? ['ipc' as const] : [])],
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

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(impatience);
}
