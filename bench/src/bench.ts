/**
 * Measures the built platform over HTTP on loopback and prints one JSON line.
 *
 * Phases: start (the platform alone, in a temporary folder), set-up (chats one after another), relay (one chat),
 * load (closed loops at several numbers of chats), bare (the same loops through a relay without store or protocol).
 */
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { startBareRelay } from './bareTalks.ts';
import { type Chat, startChat } from './chat.ts';
import { closedLoop, type LoopResult } from './closedLoop.ts';
import { request } from './http.ts';
import { chatsPerAgent, type Options, optionsFrom } from './options.ts';
import { percentiles } from './percentiles.ts';
import { type ServerProcess, startServer } from './serverProcess.ts';
import { type BenchAgent, type ServiceApplication, startServiceApplication } from './serviceApplication.ts';

/** How many chats are set up at the same time before a loop. */
const setupLanes = 8;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function startPlatform(
  dataDir: string,
): Promise<{ server: ServerProcess; baseUrl: string; operatorToken: string }> {
  const script = path.resolve(import.meta.dirname, '../../apps/platform/dist/server.mjs');
  if (!existsSync(script)) throw new Error('the platform is not built: npm run bench builds it first');
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const operatorToken = randomBytes(24).toString('base64url');
  const server = startServer([script], {
    PLATFORM_PORT: String(port),
    PLATFORM_URL: baseUrl,
    DATA_DIR: dataDir,
    OPERATOR_TOKEN: operatorToken,
    NODE_ENV: 'production',
    LOG_LEVEL: 'error',
  });
  const deadline = Date.now() + 30_000;
  while (!(await request({ method: 'GET', url: `${baseUrl}/platformservice/discover` }).catch(() => undefined))) {
    if (server.ended() || Date.now() > deadline) throw new Error(`the platform did not start:\n${server.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { server, baseUrl, operatorToken };
}

class Failure {
  error: Error | undefined;
  readonly note = (error: Error): void => {
    this.error ??= error;
  };
}

/** So many bridged chats, some at a time; every agent serves a few of them. */
async function startChats(
  service: ServiceApplication,
  agents: readonly BenchAgent[],
  count: number,
  lanes: number,
  failure: Failure,
): Promise<Chat[]> {
  const chats: Chat[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const agent = agents[Math.floor(next / chatsPerAgent)];
      next += 1;
      if (agent === undefined) throw new Error('too few agents');
      chats.push(await startChat(service, agent, failure.note));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return chats;
}

async function closeAll(chats: readonly Chat[]): Promise<void> {
  for (const chat of chats) await chat.close();
}

interface Measured {
  readonly setupMs: readonly number[];
  readonly alone: LoopResult;
  readonly loads: readonly (LoopResult & {
    readonly chats: number;
    readonly cpuSeconds: number | null;
    readonly residentMb: number | null;
  })[];
}

async function measurePlatform(
  service: ServiceApplication,
  server: ServerProcess,
  options: Options,
  failure: Failure,
): Promise<Measured> {
  const agents: BenchAgent[] = [];
  const most = Math.max(...options.chats, options.setups);
  for (let index = 0; index < Math.ceil(most / chatsPerAgent); index += 1) agents.push(await service.signIn(index));
  const first = await startChats(service, agents, options.setups, 1, failure);
  const alone = await closedLoop(first.slice(0, 1), Math.min(options.seconds, 5));
  await closeAll(first);
  const loads: Measured['loads'][number][] = [];
  for (const chats of options.chats) {
    const talks = await startChats(service, agents, chats, setupLanes, failure);
    const before = server.usage();
    const result = await closedLoop(talks, options.seconds);
    const after = server.usage();
    const cpuSeconds = before && after ? Math.round((after.cpuSeconds - before.cpuSeconds) * 100) / 100 : null;
    loads.push({ chats, ...result, cpuSeconds, residentMb: after?.residentMb ?? null });
    await closeAll(talks);
  }
  for (const agent of agents) await agent.stop();
  if (failure.error) throw failure.error;
  return { setupMs: first.map(({ setupMs }) => setupMs), alone, loads };
}

async function measureBare(options: Options): Promise<Map<number, LoopResult>> {
  const relay = await startBareRelay();
  try {
    const results = new Map<number, LoopResult>();
    for (const chats of options.chats) {
      const { stop, talks } = relay.talks(chats, chatsPerAgent);
      results.set(chats, await closedLoop(talks, options.seconds));
      await stop();
    }
    return results;
  } finally {
    await relay.server.stop();
  }
}

async function run(options: Options): Promise<unknown> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-'));
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }));
  const { baseUrl, operatorToken, server } = await startPlatform(dataDir);
  const agents = Math.ceil(Math.max(...options.chats, options.setups) / chatsPerAgent);
  const failure = new Failure();
  const service = await startServiceApplication(baseUrl, operatorToken, agents, failure.note);
  // A channel that broke is the cause of the message that then never arrived.
  const measured = await measurePlatform(service, server, options, failure).catch((error: unknown) => {
    throw failure.error ?? error;
  });
  const usage = server.usage();
  await service.close();
  await server.stop();
  const bare = await measureBare(options);
  const loads = measured.loads.map((load) => {
    const yardstick = bare.get(load.chats);
    const ratio = load.messagesPerSecond / (yardstick?.messagesPerSecond || 1);
    return { ...load, bare: yardstick, ratio: Math.round(ratio * 1_000) / 1_000 };
  });
  return {
    setupMs: { ...percentiles(measured.setupMs), chats: measured.setupMs.length },
    relayMs: measured.alone.relayMs,
    loads,
    platform: {
      residentMb: usage?.residentMb ?? null,
      cpuSeconds: usage?.cpuSeconds ?? null,
      callbacks: service.callbacks(),
    },
    machine: { node: process.version, cores: availableParallelism(), chatsPerAgent, seconds: options.seconds },
  };
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
