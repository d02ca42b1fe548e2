import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ChannelEvent, channelEvent, wireEventOf } from '../model/channel.ts';
import type { Tenant } from '../model/registration.ts';
import { type RedisServer, startRedisServer } from '../testing/redisServer.ts';
import { openLmdbStore } from './lmdb.ts';
import { openMemoryStore } from './memory.ts';
import { openRedisStore } from './redis.ts';
import { connectRedis } from './redisLink.ts';
import type { Store } from './store.ts';

const tenant = (domain: string): Tenant => ({ id: `id-${domain}`, domain, displayName: domain, allowedOrigins: [] });
const event = (name: string): ChannelEvent =>
  channelEvent(
    { rel: 'communication', href: '/c' },
    { link: { rel: 'message', href: `/${name}` }, type: 'started' },
    'high',
  );

const opened: { store: Store; folder?: string }[] = [];
let redis: RedisServer;
let platforms = 0;
beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(() => redis.stop());

async function open(engine: string): Promise<Store> {
  if (engine === 'memory') return remember(openMemoryStore());
  if (engine === 'redis') {
    platforms += 1;
    return openNode(`platform${platforms}`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'bridgedesk-store-'));
  return remember(openLmdbStore(folder), folder);
}
async function openNode(platform: string): Promise<Store> {
  const link = await connectRedis(redis.url, platform, () => undefined);
  const store = openRedisStore(link);
  return remember({ ...store, close: () => link.close() });
}
function remember(store: Store, folder?: string): Store {
  opened.push({ store, ...(folder === undefined ? {} : { folder }) });
  return store;
}
afterEach(async () => {
  for (const { store, folder } of opened.splice(0)) {
    await store.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
});

describe.each(['memory', 'lmdb', 'redis'])('store on %s', (engine) => {
  test('a decision that throws leaves nothing behind, whatever it wrote before', async () => {
    const store = await open(engine);
    await store.commit((transaction) => transaction.put('tenant', 'a', tenant('a')));
    const attempt = store.commit((transaction) => {
      transaction.put('tenant', 'b', tenant('b'));
      transaction.delete('tenant', 'a');
      transaction.append('channel', event('1'));
      transaction.schedule({ name: 't', dueAt: 1, kind: 'test', id: 'x' });
      throw new Error('refused');
    });
    await expect(attempt).rejects.toThrow('refused');
    expect(await store.read((snapshot) => snapshot.ids('tenant'))).toEqual(['a']);
    expect(await store.read((snapshot) => snapshot.events('channel', 1, 10))).toEqual([]);
    expect(await store.read((snapshot) => snapshot.timersDue(10, 10))).toEqual([]);
  });

  test('a decision that throws does not take its neighbours of the same sync with it', async () => {
    const store = await open(engine);
    const outcomes = await Promise.allSettled([
      store.commit((transaction) => transaction.put('tenant', 'a', tenant('a'))),
      store.commit((transaction) => {
        transaction.put('tenant', 'b', tenant('b'));
        throw new Error('refused');
      }),
      store.commit((transaction) => transaction.put('tenant', 'c', tenant('c'))),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await store.read((snapshot) => snapshot.ids('tenant'))).toEqual(['a', 'c']);
  });

  test('concurrent commits of one document lose nothing, however often it is read meanwhile', async () => {
    const store = await open(engine);
    await store.commit((transaction) => transaction.put('tenant', 'a', tenant('0')));
    const count = async () => Number(await store.read((snapshot) => snapshot.get('tenant', 'a')?.domain));
    const queued = () => store.read((snapshot) => snapshot.events('c', 1, 1_000).length);
    let isDone = false;
    const seen: number[] = [];
    const reading = (async () => {
      while (!isDone) {
        seen.push(await count(), await queued());
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const lanes = Array.from({ length: 5 }, async () => {
      for (let round = 0; round < 30; round += 1) {
        await store.commit((transaction) => {
          const before = Number(transaction.get('tenant', 'a')?.domain);
          transaction.put('tenant', 'a', tenant(String(before + 1)));
          expect(transaction.events('c', 1, 1_000)).toHaveLength(before);
          transaction.append('c', event(String(before)));
        });
        expect(await count()).toBeGreaterThan(round);
      }
    });
    await Promise.all(lanes);
    isDone = true;
    await reading;
    expect([await count(), await queued()]).toEqual([150, 150]);
    const counts = seen.filter((_, index) => index % 2 === 0);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  });

  test('a decision sees its own writes', async () => {
    const store = await open(engine);
    const seen = await store.commit((transaction) => {
      transaction.put('tenant', 'a', tenant('a'));
      transaction.append('channel', event('1'));
      transaction.append('channel', event('2'));
      transaction.trim('channel', 1);
      transaction.schedule({ name: 't', dueAt: 5, kind: 'test', id: 'x' });
      return {
        tenant: transaction.get('tenant', 'a')?.domain,
        ids: transaction.ids('tenant'),
        events: transaction.events('channel', 1, 10).map((one) => one.seq),
        due: transaction.timersDue(5, 10).map((timer) => timer.name),
      };
    });
    expect(seen).toEqual({ tenant: 'a', ids: ['a'], events: [2], due: ['t'] });
  });

  test('concurrent commits run one after another on the newest state', async () => {
    const store = await open(engine);
    const count = (): Promise<number> =>
      store.commit((transaction) => {
        const next = Number(transaction.get('tenant', 'counter')?.displayName ?? 0) + 1;
        transaction.put('tenant', 'counter', { ...tenant('counter'), displayName: String(next) });
        return next;
      });
    const answers = await Promise.all(Array.from({ length: 200 }, count));
    expect(new Set(answers).size).toBe(200);
    expect(await store.read((snapshot) => snapshot.get('tenant', 'counter')?.displayName)).toBe('200');
  });

  test('events of a channel keep their order and are never numbered twice, also after a trim', async () => {
    const store = await open(engine);
    await store.commit((transaction) => {
      for (const name of ['1', '2', '3']) transaction.append('channel', event(name));
      transaction.append('channel2', event('other'));
    });
    await store.commit((transaction) => transaction.trim('channel', 3));
    const seq = await store.commit((transaction) => transaction.append('channel', event('4')));
    expect(seq).toBe(4);
    const events = await store.read((snapshot) => snapshot.events('channel', 1, 10));
    expect(events.map((one) => [one.seq, wireEventOf(one).link.href])).toEqual([[4, '/4']]);
    expect(await store.read((snapshot) => snapshot.events('channel2', 1, 10).map((one) => one.seq))).toEqual([1]);
  });

  test('timers are due in order, move when scheduled again and go when unscheduled', async () => {
    const store = await open(engine);
    await store.commit((transaction) => {
      transaction.schedule({ name: 'late', dueAt: 300, kind: 'test', id: 'x' });
      transaction.schedule({ name: 'early', dueAt: 100, kind: 'test', id: 'x' });
      transaction.schedule({ name: 'gone', dueAt: 50, kind: 'test', id: 'x' });
    });
    await store.commit((transaction) => {
      transaction.unschedule('gone');
      transaction.schedule({ name: 'early', dueAt: 200, kind: 'test', id: 'x' });
    });
    const due = (now: number): Promise<string[]> =>
      store.read((snapshot) => snapshot.timersDue(now, 10).map((timer) => timer.name));
    expect(await due(199)).toEqual([]);
    expect(await due(200)).toEqual(['early']);
    expect(await due(300)).toEqual(['early', 'late']);
    expect(await store.read((snapshot) => snapshot.timersDue(300, 1).map((timer) => timer.name))).toEqual(['early']);
  });

  test('what was stored is not changed by its author afterwards', async () => {
    const store = await open(engine);
    const origins = ['http://a'];
    await store.commit((transaction) => transaction.put('tenant', 'a', { ...tenant('a'), allowedOrigins: origins }));
    origins.push('http://b');
    expect(await store.read((snapshot) => snapshot.get('tenant', 'a')?.allowedOrigins)).toEqual(['http://a']);
  });
});

describe('lmdb on disk', () => {
  test('everything is there again after close and open', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridgedesk-store-'));
    const first = openLmdbStore(folder);
    await first.commit((transaction) => {
      transaction.put('tenant', 'a', tenant('a'));
      transaction.append('channel', event('1'));
      transaction.schedule({ name: 't', dueAt: 5, kind: 'test', id: 'x' });
    });
    await first.close();
    const second = remember(openLmdbStore(folder), folder);
    expect(await second.read((snapshot) => snapshot.get('tenant', 'a'))).toEqual(tenant('a'));
    expect(await second.read((snapshot) => snapshot.timersDue(5, 10))).toHaveLength(1);
    expect(await second.commit((transaction) => transaction.append('channel', event('2')))).toBe(2);
  });

  test('a killed process has lost nothing that was resolved, and has no half commit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridgedesk-store-'));
    const confirmed = await killAfterLines(folder, 50);
    const store = remember(openLmdbStore(folder), folder);
    const events = await store.read((snapshot) => snapshot.events('killed', 1, 1_000_000));
    const timers = await store.read((snapshot) => snapshot.timersDue(1_000_000_000, 1_000_000));
    expect(confirmed).toBeGreaterThanOrEqual(50);
    expect(events.length).toBeGreaterThanOrEqual(confirmed);
    expect(events.map((one) => one.seq)).toEqual(events.map((_, index) => index + 1));
    expect(timers).toHaveLength(events.length);
  }, 30_000);
});

function killAfterLines(folder: string, wanted: number): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'testing/writeUntilKilled.ts'), folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(text.split('\n').filter((line) => line !== '').length));
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.split('\n').length > wanted) child.kill('SIGKILL');
    });
  });
}
