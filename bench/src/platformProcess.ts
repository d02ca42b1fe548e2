/** The built platform as a process of its own, on a port and in a folder of its own. */
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection } from './connection.ts';
import { ServerProcess } from './serverProcess.ts';

export interface Platform {
  readonly server: ServerProcess;
  readonly port: number;
  readonly operatorToken: string;
  stop(): Promise<void>;
}

export interface PlatformOptions {
  /** Folder for CPU profiles; none are taken without it. */
  readonly profiles?: string | undefined;
  /** Another build of the server, to compare two. */
  readonly bundle?: string | undefined;
}

const builtServer = path.resolve(import.meta.dirname, '../../apps/platform/dist/server.mjs');

/** All load comes from one address and one service application; what protects a real server from that is lifted: 0 = none. */
const liftedLimits: Readonly<Record<string, string>> = {
  MAX_INVITATIONS_PER_TOKEN: '0',
  MAX_INVITATIONS_PER_ADDRESS: '0',
  MAX_SERVICE_INVITATIONS: '0',
  MAX_WRITES_PER_TOKEN: '0',
};

/** What is set in the environment of the bench reaches the platform too and wins: REDIS_URL, LOG_LEVEL, limits (docs/operations.md). */
export async function startPlatform({ profiles, bundle = builtServer }: PlatformOptions): Promise<Platform> {
  if (!existsSync(bundle)) throw new Error(`${bundle} is not built: npm run bench builds the platform first`);
  const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const removeData = (): void => rmSync(dataDir, { recursive: true, force: true });
  process.once('exit', removeData);
  const port = await freePort();
  const operatorToken = randomBytes(24).toString('base64url');
  const server = new ServerProcess(
    [bundle],
    {
      LOG_LEVEL: 'warn',
      ...liftedLimits,
      REDIS_NAME: `bench-${randomBytes(6).toString('hex')}`,
      ...given(process.env),
      NODE_ENV: 'production',
      PLATFORM_PORT: String(port),
      PLATFORM_URL: `http://127.0.0.1:${port}`,
      DATA_DIR: dataDir,
      OPERATOR_TOKEN: operatorToken,
    },
    { profiles },
  );
  await ready(server, port);
  return {
    server,
    port,
    operatorToken,
    stop: async () => {
      await server.stop();
      process.off('exit', removeData);
      removeData();
    },
  };
}

function given(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

async function ready(server: ServerProcess, port: number): Promise<void> {
  const connection = new Connection(port);
  const deadline = Date.now() + 30_000;
  const isUp = (): Promise<boolean> =>
    connection.send({ method: 'GET', path: '/platformservice/discover' }).then(
      () => true,
      () => false,
    );
  while (!(await isUp())) {
    if (server.ended() || Date.now() > deadline) throw new Error(`the platform did not start:\n${server.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  connection.cut();
}

/** Below the ports that systems hand out by themselves, so that nobody else gets it before the platform listens. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
