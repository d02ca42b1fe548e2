/** What only several nodes on one Redis can do to each other, and what Redis has on its disk. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { StoreAwayError } from '../errors.ts';
import { type ChannelEvent, channelEvent, type SequencedEvent, wireEventOf } from '../model/channel.ts';
import type { Tenant } from '../model/registration.ts';
import { type RedisServer, startRedisServer } from '../testing/redisServer.ts';
import { openRedisStore, type RedisStore } from './redis.ts';
import { connectRedis, type RedisLink } from './redisLink.ts';

const tenant = (displayName: string): Tenant => ({ id: 'id', domain: 'a', displayName, allowedOrigins: [] });

const eventOf = (name: string): ChannelEvent =>
  channelEvent(
    { rel: 'communication', href: '/c' },
    { link: { rel: 'message', href: `/${name}` }, type: 'started' },
    'high',
  );
const nameOf = (event: SequencedEvent): string => wireEventOf(event).link.href.slice(1);

let redis: RedisServer;
let platforms = 0;
const links: RedisLink[] = [];
beforeAll(async () => {
  redis = await startRedisServer();
});
afterEach(async () => {
  for (const link of links.splice(0)) await link.close();
});
afterAll(() => redis.stop());

/** @param changes grows by each loss and each return of Redis */
async function openWatched(changes: (string | undefined)[] = []): Promise<[RedisStore, RedisLink]> {
  platforms += 1;
  const link = await connectRedis(redis.url, `nodes${platforms}`, (lost) => changes.push(lost?.message));
  links.push(link);
  return [openRedisStore(link), link];
}
async function open(platform: string): Promise<RedisStore> {
  const link = await connectRedis(redis.url, platform, () => undefined);
  links.push(link);
  return openRedisStore(link);
}
function openNodes(count: number): Promise<RedisStore[]> {
  platforms += 1;
  return Promise.all(Array.from({ length: count }, () => open(`nodes${platforms}`)));
}
const nth = <T>(all: readonly T[], at: number): T => all[at % all.length] as T;

describe('several nodes', () => {
  test('no update is lost, and no place of a channel is given twice or left out', async () => {
    const nodes = await openNodes(3);
    const add = (store: RedisStore, by: number) =>
      store.commit((transaction) => {
        const before = Number(transaction.get('conversation', 'c')?.subject ?? 0);
        expect(transaction.events('c', 1, 1_000)).toHaveLength(before);
        transaction.put('conversation', 'c', { subject: String(before + 1) } as never);
        return transaction.append('c', eventOf(`${by}`));
      });
    const seqs = await Promise.all(
      nodes.map(async (store, by) => {
        const own: number[] = [];
        for (let round = 0; round < 40; round += 1) own.push(await add(store, by));
        return own;
      }),
    );
    expect(seqs.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 120 }, (_, at) => at + 1));
    for (const store of nodes) {
      const [count, events] = await store.read((look) => [
        look.get('conversation', 'c')?.subject,
        look.events('c', 1, 1_000),
      ]);
      expect(count).toBe('120');
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 120 }, (_, at) => at + 1));
      const byNode = events.map((event) => Number(nameOf(event)));
      expect(seqs.map((own, by) => own.every((seq) => byNode[seq - 1] === by))).toEqual([true, true, true]);
    }
  });

  test('many commits at once on each node, built upon each other, all come true exactly once', async () => {
    const nodes = await openNodes(3);
    const numbers = await Promise.all(
      Array.from({ length: 90 }, (_, at) =>
        nth(nodes, at).commit((transaction) => {
          const next = Number(transaction.get('tenant', 'counter')?.displayName ?? 0) + 1;
          transaction.put('tenant', 'counter', tenant(String(next)));
          transaction.append('numbers', eventOf(String(next)));
          return next;
        }),
      ),
    );
    expect(new Set(numbers).size).toBe(90);
    const events = await nth(nodes, 1).read((look) => look.events('numbers', 1, 100));
    expect(events.map(nameOf)).toEqual(events.map(({ seq }) => String(seq)));
  });

  test('a read sees one state, whoever writes meanwhile', async () => {
    const nodes = await openNodes(3);
    let isDone = false;
    const writing = Promise.all(
      nodes.slice(0, 2).map(async (store) => {
        for (let round = 0; round < 60; round += 1) {
          await store.commit((transaction) => {
            const next = Number(transaction.get('conversation', 'left')?.subject ?? 0) + 1;
            transaction.put('conversation', 'left', { subject: String(next) } as never);
            transaction.append('both', eventOf(String(next)));
            transaction.put('conversation', 'right', { subject: String(next) } as never);
          });
        }
      }),
    ).then(() => {
      isDone = true;
    });
    let seen = 0;
    while (!isDone) {
      for (const store of nodes) {
        const [left, right, count] = await store.read((look) => [
          look.get('conversation', 'left')?.subject,
          look.get('conversation', 'right')?.subject,
          look.events('both', 1, 1_000).length,
        ]);
        expect(right).toBe(left);
        expect(count).toBe(Number(left ?? 0));
        expect(count).toBeGreaterThanOrEqual(seen);
        seen = count;
      }
    }
    await writing;
    expect(seen).toBeGreaterThan(0);
  });

  test('a refusal that was decided on something old is decided again', async () => {
    const [here, there] = await openNodes(2);
    const find = (store: RedisStore | undefined) =>
      store?.commit((transaction) => {
        const found = transaction.get('conversation', 'late');
        if (found === undefined) throw new Error('not found');
        return found.subject;
      });
    await expect(find(here)).rejects.toThrow('not found');
    await there?.commit((transaction) => transaction.put('conversation', 'late', { subject: 'here' } as never));
    expect(await find(here)).toBe('here');
    await there?.commit((transaction) => transaction.delete('conversation', 'late'));
    await expect(find(here)).rejects.toThrow('not found');
  });

  test('a timer rings on one node only, whichever is first', async () => {
    const nodes = await openNodes(3);
    const timers = Array.from({ length: 20 }, (_, at) => ({ name: `t${at}`, dueAt: at, kind: 'test', id: String(at) }));
    await nth(nodes, 0).commit((transaction) => timers.forEach((timer) => void transaction.schedule(timer)));
    const rung = await Promise.all(
      nodes.map(async (store) => {
        const due = await store.read((look) => look.timersDue(100, 100));
        const mine = await Promise.all(
          due.map(({ name }) =>
            store.commit((transaction) => {
              if (transaction.timer(name) === undefined) return [];
              transaction.unschedule(name);
              return [name];
            }),
          ),
        );
        return mine.flat();
      }),
    );
    expect(rung.flat().toSorted()).toEqual(timers.map(({ name }) => name).toSorted());
  });

  test('what another node has trimmed is gone here, and what it appends comes after', async () => {
    const [here, there] = await openNodes(2);
    const places = async () => (await here?.read((look) => look.events('c', 1, 10)))?.map(({ seq }) => seq);
    for (const name of ['1', '2', '3']) await here?.commit((transaction) => transaction.append('c', eventOf(name)));
    expect(await places()).toEqual([1, 2, 3]);
    await there?.commit((transaction) => transaction.trim('c', 2));
    expect(await places()).toEqual([3]);
    await there?.commit((transaction) => {
      transaction.append('c', eventOf('4'));
      transaction.trim('c', 3);
    });
    expect(await places()).toEqual([4]);
    await there?.commit((transaction) => transaction.trim('c', 4));
    expect(await places()).toEqual([]);
    expect(await here?.commit((transaction) => transaction.append('c', eventOf('5')))).toBe(5);
    expect((await there?.read((look) => look.events('c', 1, 10)))?.map(({ seq }) => seq)).toEqual([5]);
  });

  test('a queue longer than one answer is read whole, from any place', async () => {
    const [here, there] = await openNodes(2);
    for (let block = 0; block < 10; block += 1) {
      await here?.commit((transaction) => {
        for (let at = 1; at <= 100; at += 1) transaction.append('long', eventOf(String(block * 100 + at)));
      });
    }
    const read = async (from: number, limit: number) =>
      (await there?.read((look) => look.events('long', from, limit)))?.map(({ seq }) => seq);
    expect(await read(700, 3)).toEqual([700, 701, 702]);
    expect(await read(1, 2)).toEqual([1, 2]);
    expect(await read(1, 5_000)).toHaveLength(1_000);
    expect(await read(995, 100)).toEqual([995, 996, 997, 998, 999, 1_000]);
  });
});

describe('a commit under way that others build upon', () => {
  /** A node whose answers of Redis arrive in their order, each when `arrive` is called. */
  async function openSlowNode() {
    const link = await connectRedis(redis.url, `nodes${platforms}`, () => undefined);
    links.push(link);
    const held: (() => void)[] = [];
    let isSlow = false;
    const call: RedisLink['call'] = async (name, args) => {
      const answer = link.call(name, args);
      if (isSlow) await new Promise<void>((resolve) => held.push(resolve));
      return answer;
    };
    return {
      store: openRedisStore({ ...link, call }),
      slow: () => {
        isSlow = true;
      },
      arrive: () => held.shift()?.(),
      asked: () => held.length,
      arriveAll: () => {
        isSlow = false;
        for (const one of held.splice(0)) one();
      },
    };
  }
  const put = (store: RedisStore | undefined, id: string, subject: string) =>
    store?.commit((transaction) => {
      transaction.get('conversation', id);
      transaction.put('conversation', id, { subject } as never);
    });

  test('a read does not believe what may never come true', async () => {
    const [there] = await openNodes(1);
    const { store: here, slow, arrive, asked, arriveAll } = await openSlowNode();
    const look = () =>
      here.read((snapshot) => ['x', 'y', 'z'].map((id) => snapshot.get('conversation', id)?.subject).join(' '));
    for (const id of ['x', 'y', 'z']) await put(there, id, 'old');
    expect(await look()).toBe('old old old');
    await put(there, 'y', 'new');
    await put(there, 'z', 'new');
    slow();
    const seen = look();
    // It will be decided again, because z is not what it believes, and then it writes nothing.
    const doomed = here.commit((transaction) => {
      if (transaction.get('conversation', 'z')?.subject === 'old')
        transaction.put('conversation', 'x', { subject: 'never' } as never);
    });
    arrive();
    // Either it has an answer now, or it has asked again.
    await Promise.race([seen, expect.poll(asked).toBe(2)]);
    arriveAll();
    expect(await seen).toBe('old new new');
    await doomed;
  });

  test('nor events that another node has appended first', async () => {
    const [there] = await openNodes(1);
    const { store: here, slow, arrive, asked, arriveAll } = await openSlowNode();
    const look = () => here.read((snapshot) => snapshot.events('c', 1, 10).map(nameOf));
    await there?.commit((transaction) => transaction.append('c', eventOf('first')));
    expect(await look()).toEqual(['first']);
    await there?.commit((transaction) => transaction.append('c', eventOf('theirs')));
    slow();
    const seen = look();
    const mine = here.commit((transaction) => transaction.append('c', eventOf('mine')));
    arrive();
    // Either it has an answer now, or it has asked again.
    await Promise.race([seen, expect.poll(asked).toBe(2)]);
    arriveAll();
    expect((await seen).slice(0, 2)).toEqual(['first', 'theirs']);
    expect(await mine).toBe(3);
    expect(await look()).toEqual(['first', 'theirs', 'mine']);
  });
});

describe('registrations', () => {
  test('are believed for a second, and no longer once somebody says that they have changed', async () => {
    let now = 1_000_000;
    platforms += 1;
    const link = await connectRedis(redis.url, `nodes${platforms}`, () => undefined);
    links.push(link);
    const here = openRedisStore(link, () => now);
    const there = await open(`nodes${platforms}`);
    const name = () => here.read((look) => look.get('tenant', 'a')?.displayName);
    const set = (displayName: string) =>
      there.commit((transaction) => transaction.put('tenant', 'a', tenant(displayName)));
    await set('1');
    expect(await name()).toBe('1');
    await set('2');
    expect(await name()).toBe('1');
    // A commit never believes.
    expect(await here.commit((transaction) => transaction.get('tenant', 'a')?.displayName)).toBe('2');
    await set('3');
    expect(await name()).toBe('2');
    here.distrustRegistered();
    expect(await name()).toBe('3');
    await set('4');
    now += 1_000;
    expect(await name()).toBe('4');
  });
});

describe('Redis that hangs', () => {
  test('is given up in seconds though more is sent all the time, and used again when it answers', async () => {
    const changes: (string | undefined)[] = [];
    const [store] = await openWatched(changes);
    const append = () => store.commit((transaction) => transaction.append('c', eventOf('1')));
    expect(await append()).toBe(1);
    redis.freeze();
    const since = performance.now();
    try {
      const outcomes = Array.from({ length: 30 }, async (_, at) => {
        await new Promise((resolve) => setTimeout(resolve, at * 200));
        return append().catch((error: unknown) => error);
      });
      await expect(append()).rejects.toBeInstanceOf(StoreAwayError);
      expect(performance.now() - since).toBeLessThan(7_000);
      for (const outcome of await Promise.all(outcomes))
        expect(outcome).toMatchObject({ status: 503, retryable: true, headers: { 'Retry-After': '1' } });
      expect(changes).toEqual(['Redis does not answer']);
    } finally {
      redis.thaw();
    }
    await expect.poll(() => append().catch(() => 0), { timeout: 10_000 }).toBeGreaterThan(1);
    expect(changes).toEqual(['Redis does not answer', undefined]);
  }, 30_000);

  test('does not keep a node from closing', async () => {
    const [store, link] = await openWatched();
    redis.freeze();
    try {
      const late = expect(store.commit((transaction) => transaction.append('c', eventOf('1')))).rejects.toThrow();
      const since = performance.now();
      await link.close();
      await late;
      expect(performance.now() - since).toBeLessThan(4_000);
    } finally {
      redis.thaw();
    }
  });
});

describe('what Redis may lose', () => {
  test('nothing of a commit is written when one of its events cannot be', async () => {
    const [store, link] = await openWatched();
    for (const name of ['1', '2']) await store.commit((transaction) => transaction.append('evicted', eventOf(name)));
    await link.client.hDel(`${link.prefix}tail`, 'evicted');
    const commit = store.commit((transaction) => {
      transaction.put('conversation', 'half', { subject: 'half' } as never);
      transaction.append('other', eventOf('1'));
      transaction.append('evicted', eventOf('3'));
    });
    await expect(commit).rejects.toMatchObject({ status: 503 });
    expect(await store.read((look) => look.get('conversation', 'half'))).toBeUndefined();
    expect(await link.client.exists([`${link.prefix}document:conversation`, `${link.prefix}channel:other`])).toBe(0);
  });

  test('is doubted whenever it is asked for', async () => {
    const [, link] = await openWatched();
    expect(await link.doubts()).toEqual([]);
    await link.client.configSet({ appendfsync: 'everysec', 'maxmemory-policy': 'allkeys-lru' });
    try {
      expect(await link.doubts()).toEqual([
        expect.stringContaining('appendfsync always'),
        expect.stringContaining('noeviction'),
      ]);
    } finally {
      await link.client.configSet({ appendfsync: 'always', 'maxmemory-policy': 'noeviction' });
    }
  });

  test('Redis that refuses everything is said to be away once, and to be back', async () => {
    const changes: (string | undefined)[] = [];
    const [store, link] = await openWatched(changes);
    const append = () => store.commit((transaction) => transaction.append('c', eventOf('1')));
    await append();
    await link.client.configSet({ maxmemory: '1' });
    try {
      for (let time = 0; time < 3; time += 1) await expect(append()).rejects.toBeInstanceOf(StoreAwayError);
      expect(changes).toEqual([expect.stringContaining('OOM')]);
    } finally {
      await link.client.configSet({ maxmemory: '0' });
    }
    expect(await append()).toBe(2);
    expect(changes).toEqual([expect.stringContaining('OOM'), undefined]);
  });
});

describe('the disk', () => {
  test('Redis killed in the middle: nothing that was answered is lost, and there is no half commit', async () => {
    const [store] = await openNodes(1);
    let answered = 0;
    const writing = (async () => {
      for (let number = 1; ; number += 1) {
        await store?.commit((transaction) => {
          const seq = transaction.append('killed', eventOf(String(number)));
          transaction.schedule({ name: `timer${seq}`, dueAt: seq, kind: 'test', id: String(seq) });
        });
        answered = number;
      }
    })();
    const ended = expect(writing).rejects.toMatchObject({ status: 503, retryable: true });
    await expect.poll(() => answered).toBeGreaterThan(30);
    await redis.kill();
    await ended;
    await redis.restart();
    const again = await open(`nodes${platforms}`);
    const events = await again.read((look) => look.events('killed', 1, 100_000));
    expect(events.length).toBeGreaterThanOrEqual(answered);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    expect(await again.read((look) => look.timersDue(1_000_000, 100_000))).toHaveLength(events.length);
    // The node that was there before goes on by itself.
    await expect
      .poll(async () => store?.commit((transaction) => transaction.append('killed', eventOf('more'))).catch(() => 0))
      .toBe(events.length + 1);
  });
});
