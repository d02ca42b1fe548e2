/** A Redis or Valkey for tests: on a free loopback port, its files in a temporary folder, stopped by its process id. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RedisServer {
  readonly url: string;
  /** SIGKILL, at once: what is not in the append-only file is gone. */
  kill(): Promise<void>;
  /** It hangs until `thaw`: connections stay open and nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** Starts it again on the same files and port. @param settings more of its command line */
  restart(...settings: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

const patienceMs = 10_000;

/** @throws when neither redis-server nor valkey-server is installed, or it does not come up */
export async function startRedisServer(): Promise<RedisServer> {
  // biome-ignore lint/style/noProcessEnv: where scripts/redis.mjs has found it.
  const candidates = [process.env.REDIS_SERVER_PATH ?? '', 'redis-server', 'valkey-server'];
  const program = candidates.find((name) => name !== '' && spawnSync(name, ['--version']).status === 0);
  if (program === undefined) throw new Error('Neither redis-server nor valkey-server is installed');
  const folder = mkdtempSync(join(tmpdir(), 'bridgedesk-redis-'));
  const port = await freePort();
  let child = await start(program, folder, port);
  // Not left behind when the tests are stopped halfway.
  process.once('exit', () => child.kill('SIGKILL'));
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => end(child, 'SIGKILL'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    restart: async (...settings) => {
      child = await start(program, folder, port, settings);
    },
    stop: async () => {
      await end(child, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function start(
  program: string,
  folder: string,
  port: number,
  settings: readonly string[] = [],
): Promise<ChildProcess> {
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', ...settings];
  const child = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...durable], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${program} did not come up`)), patienceMs);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      if (!chunk.toString().includes('eady to accept connections')) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve();
    });
  });
  return child;
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
