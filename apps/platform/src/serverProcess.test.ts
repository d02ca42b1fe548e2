/** The built server as a process: killed under load, stopped in the middle of things, backed up and restored. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { currentFormat } from './store/format.ts';
import { type BridgedCall, bridgeCall, setUpTenant } from './testing/bridgedCall.ts';
import { type CallbackReceiver, startCallbackReceiver } from './testing/callbackReceiver.ts';
import { type Chatter, createChatter } from './testing/chatter.ts';
import { createHttpActor } from './testing/httpActor.ts';
import { type PlatformProcess, startPlatformProcess } from './testing/platformProcess.ts';

const operatorToken = 'operator-token-of-the-process-test';
const packageFolder = join(import.meta.dirname, '..');
// Inside of the package, where the native packages are found.
const built = join(packageFolder, 'node_modules/.cache', `processTest-${process.pid}`);
/** For `expect.poll`: the machine may be busy. */
const patient = { timeout: 10_000 };
const running = new Set<PlatformProcess>();
const folders: string[] = [];

beforeAll(() => {
  const { status, stderr } = spawnSync(process.execPath, ['build.mjs', built], {
    cwd: packageFolder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}, 120_000);
afterAll(() => rmSync(built, { recursive: true, force: true }));
afterEach(async () => {
  for (const one of running) await one.stop('SIGKILL');
  running.clear();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bridgedesk-process-'));
  folders.push(folder);
  return folder;
}

async function start(dataDir: string, environment: Record<string, string> = {}): Promise<PlatformProcess> {
  const one = await startPlatformProcess(join(built, 'server.mjs'), {
    DATA_DIR: dataDir,
    OPERATOR_TOKEN: operatorToken,
    PLATFORM_URL: 'http://platform.example',
    ...environment,
  });
  running.add(one);
  return one;
}

async function end(one: PlatformProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | NodeJS.Signals | null> {
  const how = await one.stop(signal);
  running.delete(one);
  return how;
}

interface Story {
  readonly platform: PlatformProcess;
  readonly call: BridgedCall;
  readonly visitor: Chatter;
  readonly agent: Chatter;
}

async function startStory(dataDir: string, receiver: CallbackReceiver, environment = {}): Promise<Story> {
  const platform = await start(dataDir, environment);
  await setUpTenant(platform.origin, operatorToken, receiver);
  const call = await bridgeCall(platform.origin, receiver, 'process');
  return {
    platform,
    call,
    visitor: createChatter('visitor', call.visitor),
    agent: createChatter('agent', call.agent),
  };
}

/** Numbers from 0 to 1, the same ones for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What the SA was told that visitor or agent has said, in order; a batch that came again counts once. */
function toldTo(receiver: CallbackReceiver, conversation: string, who: string): string[] {
  const batches = new Map<string, string>();
  for (const { batch } of receiver.callbacks) {
    const self = batch._links.self?.href ?? '';
    const text = JSON.stringify(batch.sender);
    if (self.includes(encodeURIComponent(conversation)) || self.includes(conversation)) batches.set(self, text);
  }
  return [...batches.values()].flatMap((text) =>
    Array.from(text.matchAll(new RegExp(`,(${who}\\+\\d+)"`, 'g')), ([, said]) => String(said).replace('+', ' ')),
  );
}

describe('SIGKILL', () => {
  test('at any instant loses nothing that was answered: all of it is heard exactly once and in order', async () => {
    const random = seeded(20_261_122);
    const dataDir = newFolder();
    const receiver = await startCallbackReceiver(() => 'hds_0123456789abcdef');
    const story = await startStory(dataDir, receiver);
    const { visitor, agent } = story;
    let { platform } = story;
    for (let round = 0; round < 5; round += 1) {
      let left = 5 + Math.floor(random() * 60);
      let killed: Promise<unknown> | undefined;
      const answered = (): void => {
        left -= 1;
        if (left <= 0) killed ??= end(platform, 'SIGKILL');
      };
      const { origin } = platform;
      await Promise.all([
        visitor.talk(origin, answered),
        agent.talk(origin, answered),
        visitor.listen(origin, () => false),
        agent.listen(origin, () => false),
      ]);
      await killed;
      platform = await start(dataDir);
    }
    const { origin } = platform;
    await Promise.all([
      visitor.listen(origin, () => visitor.heard.length >= agent.said.length),
      agent.listen(origin, () => agent.heard.length >= visitor.said.length),
    ]);
    expect(visitor.said.length + agent.said.length).toBeGreaterThan(100);
    // The last one may be there although its answer got lost.
    expect(visitor.heard.slice(0, agent.said.length)).toEqual(agent.said);
    expect(agent.heard.slice(0, visitor.said.length)).toEqual(visitor.said);
    expect(visitor.heard.length - agent.said.length).toBeLessThanOrEqual(1);
    expect(agent.heard.length - visitor.said.length).toBeLessThanOrEqual(1);
    const c1 = new URL(story.call.c1Href, origin).pathname.split('/').at(-1) ?? '';
    for (const one of [visitor, agent]) {
      const who = one === visitor ? 'visitor' : 'agent';
      await expect.poll(() => toldTo(receiver, c1, who).length, patient).toBeGreaterThanOrEqual(one.said.length);
      expect(toldTo(receiver, c1, who).slice(0, one.said.length)).toEqual(one.said);
    }
    await receiver.close();
  }, 120_000);
});

describe('SIGTERM', () => {
  test('parked requests are answered, new ones refused, callbacks finished and noted; exit code 0', async () => {
    let release: () => void = () => undefined;
    let hold: Promise<void> | undefined;
    const receiver = await startCallbackReceiver(
      () => 'hds_0123456789abcdef',
      async () => hold,
    );
    const dataDir = newFolder();
    const { platform, call } = await startStory(dataDir, receiver, { DRAIN_GRACE_MS: '300' });
    const { origin } = platform;
    const { visitor, agent } = call;
    hold = new Promise((resolve) => {
      release = resolve;
    });
    await agent.actor.say(agent.sendHref, 'before the end');
    await receiver.event('message', (told) => JSON.stringify(told.event).includes('before+the+end'));
    const news = await visitor.actor.send('GET', visitor.eventsHref);
    expect(JSON.stringify(news.resource)).toContain('before+the+end');
    const { next } = news.resource._links as { next: { href: string } };
    const parked = visitor.actor.send('GET', next.href);
    await expect.poll(async () => metric(origin, 'platform_parked_requests'), patient).toBe(1);

    const ended = end(platform, 'SIGTERM');
    const answer = await parked;
    expect(answer.status).toBe(200);
    expect(answer.headers.get('connection')).toBe('close');
    const refused = await visitor.actor.send('GET', next.href);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect((await fetch(`${origin}/readyz`)).status).toBe(503);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    // The port is closed: what is left is the callback.
    await expect.poll(async () => isReachable(origin), patient).toBe(false);
    hold = undefined;
    release();
    expect(await ended).toBe(0);

    const before = receiver.callbacks.length;
    const again = await start(dataDir);
    const after = createHttpActor(again.origin, agent.token);
    await after.say(agent.sendHref, 'after the start');
    await receiver.event('message', (told) => JSON.stringify(told.event).includes('after+the+start'));
    const repeated = receiver.callbacks
      .slice(before)
      .filter(({ batch }) => JSON.stringify(batch).includes('before+the+end'));
    expect(repeated).toEqual([]);
    expect(await end(again, 'SIGTERM')).toBe(0);
    await receiver.close();
  }, 60_000);

  test('a request of which the rest does not come does not hold the process: everything is closed in order', async () => {
    const platform = await start(newFolder());
    const { port, hostname } = new URL(platform.origin);
    const socket = connect(Number(port), hostname);
    const cut = once(socket, 'close');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write('POST /oauth2/x/token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na');
    expect((await fetch(`${platform.origin}/healthz`)).status).toBe(200);
    const asked = Date.now();
    expect(await end(platform, 'SIGTERM')).toBe(0);
    expect(Date.now() - asked).toBeLessThan(10_000);
    expect(platform.log.at(-1)).toContain('"closed"');
    await cut;
  }, 60_000);

  test('a callback that nobody answers does not hold the process; the next start delivers it', async () => {
    let hold: Promise<void> | undefined;
    const receiver = await startCallbackReceiver(
      () => 'hds_0123456789abcdef',
      async () => hold,
    );
    const dataDir = newFolder();
    const { platform, call } = await startStory(dataDir, receiver, { STOP_TIMEOUT_MS: '500' });
    hold = new Promise(() => undefined);
    await call.agent.actor.say(call.agent.sendHref, 'unheard');
    await receiver.event('message', (told) => JSON.stringify(told.event).includes('unheard'));
    expect(await end(platform, 'SIGTERM')).toBe(0);
    expect(platform.log.join('\n')).toContain('closing took too long');
    hold = undefined;
    const before = receiver.callbacks.length;
    await start(dataDir);
    await expect
      .poll(
        () => receiver.callbacks.slice(before).some(({ batch }) => JSON.stringify(batch).includes('unheard')),
        patient,
      )
      .toBe(true);
    await receiver.close();
  }, 60_000);
});

test('data of a newer release is refused with one plain line and exit code 1', async () => {
  const dataDir = newFolder();
  await end(await start(dataDir), 'SIGTERM');
  const database = open({ path: join(dataDir, 'store'), noSubdir: false });
  await database.put(['format'], currentFormat + 1);
  await database.close();
  const child = spawnSync(process.execPath, [join(built, 'server.mjs')], {
    env: { PATH: process.env.PATH, DATA_DIR: dataDir, PLATFORM_PORT: '0' },
    encoding: 'utf8',
  });
  expect(child.status).toBe(1);
  const lines = `${child.stdout}${child.stderr}`.trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`has format ${currentFormat + 1}, written by a newer release`);
}, 60_000);

/** Ends by itself. */
function startInVain(
  dataDir: string,
  environment: Record<string, string> = {},
): { status: number | null; log: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(built, 'server.mjs')], {
    env: { PATH: process.env.PATH, DATA_DIR: dataDir, PLATFORM_PORT: '0', ...environment },
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, log: `${stdout}${stderr}`.trim() };
}

describe('one process a folder', () => {
  test('a second start is refused with one line and exit code 1, and has touched nothing', async () => {
    const dataDir = newFolder();
    const platform = await start(dataDir);
    const operator = createHttpActor(platform.origin, operatorToken);
    const put = async (domain: string) =>
      (await operator.send('PUT', `/management/tenants/${domain}`, { displayName: domain })).status;
    expect(await put('before.example')).toBe(200);
    const before = readdirSync(dataDir, { recursive: true }).toSorted();
    const { status, log } = startInVain(dataDir);
    expect(status).toBe(1);
    expect(log.split('\n')).toHaveLength(1);
    expect(log).toContain(`A platform is running on ${dataDir}`);
    expect(readdirSync(dataDir, { recursive: true }).toSorted()).toEqual(before);
    expect(await put('after.example')).toBe(200);
    await end(platform, 'SIGKILL');
    const again = createHttpActor((await start(dataDir)).origin, operatorToken);
    for (const domain of ['before.example', 'after.example'])
      expect((await again.send('GET', `/management/tenants/${domain}`)).status).toBe(200);
  }, 60_000);

  test('a process that does not get its port sends nothing: timers and callbacks begin when it listens', async () => {
    let hold: Promise<void> | undefined;
    const receiver = await startCallbackReceiver(
      () => 'hds_0123456789abcdef',
      async () => hold,
    );
    const dataDir = newFolder();
    const { platform, call } = await startStory(dataDir, receiver);
    hold = new Promise(() => undefined);
    await call.agent.actor.say(call.agent.sendHref, 'unheard');
    await receiver.event('message', (told) => JSON.stringify(told.event).includes('unheard'));
    await end(platform, 'SIGKILL');
    hold = undefined;
    const heard = receiver.callbacks.length;
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as AddressInfo).port)),
    );
    const environment = { PLATFORM_PORT: String(port), OPERATOR_TOKEN: operatorToken };
    const child = spawn(process.execPath, [join(built, 'server.mjs')], {
      env: { PATH: process.env.PATH, DATA_DIR: dataDir, ...environment },
      stdio: 'ignore',
    });
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(1);
    other.close();
    expect(receiver.callbacks.length).toBe(heard);
    await start(dataDir);
    await expect.poll(() => receiver.callbacks.length, patient).toBeGreaterThan(heard);
    await receiver.close();
  }, 60_000);
});

describe.skipIf(process.platform !== 'linux')('a full disk', () => {
  test('refuses commits with 503, and neither ends the process nor loses what was answered', async () => {
    const dataDir = newFolder();
    const platform = await start(dataDir);
    const { origin } = platform;
    const operator = createHttpActor(origin, operatorToken);
    const allowedOrigins = Array.from({ length: 400 }, (_, count) => `https://o${count}.${'x'.repeat(40)}.example`);
    const put = (domain: string) =>
      operator.send('PUT', `/management/tenants/${domain}`, { displayName: domain, allowedOrigins });
    const answered: string[] = [];
    const fill = async (name: string, count: number): Promise<number | undefined> => {
      for (let number = 0; number < count; number += 1) {
        const { status, headers } = await put(`${name}${number}.example`);
        if (status === 200) answered.push(`${name}${number}.example`);
        else {
          expect(headers.get('retry-after')).toBe('2');
          return status;
        }
      }
      return undefined;
    };
    limitFiles(platform, '400000');
    expect(await fill('a', 100)).toBe(503);
    // LMDB has to refuse as well.
    await expect.poll(() => metric(origin, 'platform_checkpoints_failed_total'), patient).toBeGreaterThan(1);
    expect((await fetch(`${origin}/readyz`)).status).toBe(503);
    expect((await operator.send('GET', `/management/tenants/${answered[0]}`)).status).toBe(200);
    expect(platform.log.filter((line) => line.includes('a checkpoint failed'))).toHaveLength(1);

    limitFiles(platform, 'unlimited');
    expect((await fetch(`${origin}/readyz`)).status).toBe(200);
    expect(await fill('b', 10)).toBeUndefined();
    await platform.line((line) => line.includes('checkpoints succeed again'));

    limitFiles(platform, '400000');
    expect(await fill('c', 100)).toBe(503);
    expect(await end(platform, 'SIGTERM')).toBe(0);
    const again = createHttpActor((await start(dataDir)).origin, operatorToken);
    for (const domain of answered) expect((await again.send('GET', `/management/tenants/${domain}`)).status).toBe(200);
  }, 60_000);
});

/** The longest file that a running process may write, in bytes. */
function limitFiles({ pid }: PlatformProcess, bytes: string): void {
  const { status, stderr } = spawnSync('/usr/bin/env', ['prlimit', '--pid', String(pid), `--fsize=${bytes}:`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

describe('backup', () => {
  test('under load: what is restored starts, and has everything that was answered before the backup began', async () => {
    const receiver = await startCallbackReceiver(() => 'hds_0123456789abcdef');
    const dataDir = newFolder();
    const { platform, visitor, agent } = await startStory(dataDir, receiver);
    const { origin } = platform;
    const operator = createHttpActor(origin, operatorToken);
    let backup: Promise<{ status: number }> | undefined;
    let saidBefore: readonly string[] = [];
    let killed: Promise<unknown> | undefined;
    const answered = (): void => {
      if (visitor.said.length + agent.said.length < 100 || backup !== undefined) return;
      saidBefore = [...agent.said];
      backup = operator.send('POST', '/management/backup', { folder: 'monday' });
      void backup.then(() => {
        killed = end(platform, 'SIGKILL');
      });
    };
    await Promise.all([visitor.talk(origin, answered), agent.talk(origin, answered)]);
    expect((await backup)?.status).toBe(200);
    await killed;

    const restored = join(newFolder(), 'data');
    const folder = join(dataDir, 'backups/monday');
    expect(await offline('restore', folder, restored)).toMatchObject({ code: 0 });
    const again = await start(restored);
    await visitor.listen(again.origin, () => visitor.heard.length >= saidBefore.length);
    expect(saidBefore.length).toBeGreaterThan(10);
    expect(visitor.heard.slice(0, saidBefore.length)).toEqual(saidBefore);
    expect(visitor.heard).toEqual(agent.said.slice(0, visitor.heard.length));

    const onRunning = await offline('restore', folder, restored);
    expect(onRunning).toMatchObject({ code: 1, text: expect.stringContaining('is running') });
    expect(await offline('backup', join(newFolder(), 'b'), restored)).toMatchObject({ code: 1 });
    await end(again, 'SIGTERM');
    const onOld = await offline('restore', folder, restored);
    expect(onOld).toMatchObject({ code: 1, text: expect.stringContaining('is not empty') });
    const copy = join(newFolder(), 'offline');
    expect(await offline('backup', copy, restored)).toMatchObject({ code: 0 });
    expect(await offline('restore', copy, join(newFolder(), 'data'))).toMatchObject({ code: 0 });
    await receiver.close();
  }, 120_000);

  test('is for the operator, stays in its folder, and overwrites nothing', async () => {
    const platform = await start(newFolder());
    const operator = createHttpActor(platform.origin, operatorToken);
    const post = async (folder: string) => (await operator.send('POST', '/management/backup', { folder })).status;
    expect((await createHttpActor(platform.origin, 'x').send('POST', '/management/backup', {})).status).toBe(401);
    for (const folder of ['../outside', '/tmp/outside', '.', 'a/../..', '']) expect(await post(folder)).toBe(400);
    expect(await post('a')).toBe(200);
    expect(await post('a')).toBe(409);
  }, 60_000);
});

async function isReachable(origin: string): Promise<boolean> {
  return fetch(`${origin}/healthz`).then(
    () => true,
    () => false,
  );
}

async function metric(origin: string, name: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
}

async function offline(command: string, folder: string, dataDir: string): Promise<{ code: number; text: string }> {
  const child = spawn(process.execPath, [join(built, 'data.mjs'), command, folder, '--data-dir', dataDir]);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number>((resolve) => child.once('close', (given) => resolve(given ?? -1)));
  return { code, text };
}
