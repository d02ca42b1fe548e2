/** The built platform while its Redis hangs or is gone: what it answers, what it logs, and how it stops. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type PlatformProcess, startPlatformProcess } from '../testing/platformProcess.ts';
import { type RedisServer, startRedisServer } from '../testing/redisServer.ts';

const operatorToken = 'operator-token-of-the-absent-redis';
const package_ = join(import.meta.dirname, '../..');
const built = join(package_, `node_modules/.cache/redisAway-${process.pid}`);
const folder = mkdtempSync(join(tmpdir(), 'bridgedesk-away-'));
const patient = { timeout: 15_000 };
const warning = 40;
let redis: RedisServer;
let node: PlatformProcess;

beforeAll(async () => {
  execFileSync(process.execPath, ['build.mjs', built], { cwd: package_ });
  redis = await startRedisServer();
}, 60_000);
afterEach(() => node.stop('SIGKILL'));
afterAll(async () => {
  await redis.stop();
  rmSync(built, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

async function startNode(): Promise<void> {
  node = await startPlatformProcess(join(built, 'server.mjs'), {
    REDIS_URL: redis.url,
    PLATFORM_URL: 'http://platform.example',
    DATA_DIR: folder,
    OPERATOR_TOKEN: operatorToken,
  });
}
const putTenant = (): Promise<Response> =>
  fetch(`${node.origin}/management/tenants/contoso.com`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${operatorToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ displayName: `Contoso ${performance.now()}` }),
  });
const readiness = async (): Promise<number> => (await fetch(`${node.origin}/readyz`)).status;
const warnings = () =>
  node.log
    .map((line) => JSON.parse(line) as { level: number; msg: string; err?: unknown })
    .filter(({ level }) => level >= warning);

test('Redis that hangs: 503 within seconds, one warning a request, and all goes on when it answers', async () => {
  await startNode();
  expect((await putTenant()).status).toBe(200);
  redis.freeze();
  const since = performance.now();
  try {
    const refused = await putTenant();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('Retry-After')).toBe('1');
    expect(performance.now() - since).toBeLessThan(7_000);
    expect(await readiness()).toBe(503);
    // From now on nobody waits.
    expect((await putTenant()).status).toBe(503);
    expect(performance.now() - since).toBeLessThan(10_000);
  } finally {
    redis.thaw();
  }
  await expect.poll(readiness, patient).toBe(200);
  await expect.poll(async () => (await putTenant()).status, patient).toBe(200);
  await node.line((line) => line.includes('redis is back'));
  const said = warnings();
  expect(said.filter(({ msg }) => msg.startsWith('redis is'))).toHaveLength(2);
  expect(said.every(({ level, err }) => level === warning && err === undefined)).toBe(true);
  expect(said.map(({ msg }) => msg.replace(/;.*/, '')).toSorted()).toEqual([
    'redis is away',
    'redis is back',
    ...Array.from({ length: said.length - 2 }, () => 'request refused for now'),
  ]);
}, 60_000);

test('Redis that comes back with other settings is doubted', async () => {
  await startNode();
  await redis.kill();
  await expect.poll(readiness, patient).toBe(503);
  await redis.restart('--maxmemory-policy', 'allkeys-lru');
  await node.line((line) => line.includes('noeviction'));
  await expect.poll(readiness, patient).toBe(200);
  await redis.kill();
  await redis.restart();
}, 60_000);

test.each(['hangs', 'is gone'])(
  'a node stops in time while Redis %s',
  async (how) => {
    await startNode();
    expect((await putTenant()).status).toBe(200);
    if (how === 'hangs') redis.freeze();
    else await redis.kill();
    try {
      const since = performance.now();
      expect(await node.stop('SIGTERM')).toBe(0);
      expect(performance.now() - since).toBeLessThan(12_000);
      expect(node.log.some((line) => line.includes('closing took too long'))).toBe(false);
    } finally {
      if (how === 'hangs') redis.thaw();
      else await redis.restart();
    }
  },
  60_000,
);
