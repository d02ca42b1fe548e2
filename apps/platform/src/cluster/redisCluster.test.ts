/** What two nodes tell each other: held events, whose P-GET it is, who delivers a line of callbacks. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { type PendingGet, PendingGets } from '../events/pendingGet.ts';
import { type Hold, Wakes } from '../events/wakes.ts';
import { channelEvent } from '../model/channel.ts';
import { openRedisStore, type RedisStore } from '../store/redis.ts';
import { connectRedis, type RedisLink } from '../store/redisLink.ts';
import { type RedisServer, startRedisServer } from '../testing/redisServer.ts';
import type { Cluster, LineEnd } from './cluster.ts';
import { joinRedisCluster } from './redisCluster.ts';
import { redisSecrets } from './redisSecrets.ts';

const ucwa = 'ucwa:1';
const line = 'service:1';
const leaseMs = 400;

interface Node {
  readonly link: RedisLink;
  readonly store: RedisStore;
  readonly cluster: Cluster;
  readonly wakes: Wakes;
  readonly gets: PendingGets;
  readonly woken: string[];
  /** As if it were killed: nothing of it reaches Redis any more. */
  kill(): Promise<void>;
}

let redis: RedisServer;
let platforms = 0;
const started: Node[] = [];
beforeAll(async () => {
  redis = await startRedisServer();
});
afterEach(async () => {
  for (const node of started.splice(0)) await node.kill();
  platforms += 1;
});
afterAll(() => redis.stop());

async function startNode(lease = leaseMs): Promise<Node> {
  const link = await connectRedis(redis.url, `cluster${platforms}`, () => undefined);
  const store = openRedisStore(link);
  const cluster = await joinRedisCluster({ link, store, onError: () => undefined, leaseMs: lease });
  const wakes = new Wakes(systemClock, cluster.holds);
  const woken: string[] = [];
  wakes.listen({ prepare: () => undefined, wake: (channelId) => woken.push(channelId) });
  const gets = new PendingGets(systemClock, wakes, cluster.claims);
  const kill = async (): Promise<void> => {
    await link.close();
    await cluster.close();
  };
  const node = { link, store, cluster, wakes, gets, woken, kill };
  started.push(node);
  return node;
}

/** A request that says something on a channel, and has not been answered. */
async function say({ store, wakes }: Node, channelId: string): Promise<Hold> {
  const hold = wakes.hold();
  await store.commit((transaction) => {
    hold.reset();
    const event = channelEvent(
      { rel: 'a', href: '/a' },
      { link: { rel: 'message', href: '/m' }, type: 'added' },
      'high',
    );
    hold.touch(channelId, transaction.append(channelId, event));
    hold.keep(transaction);
  });
  return hold;
}
const visible = ({ store, wakes }: Node, channelId: string): Promise<number> =>
  store.read(
    (look) => look.events(channelId, 1, 100).filter(({ seq }) => seq <= wakes.visibleThrough(look, channelId)).length,
  );

describe('held events', () => {
  test('nobody sees them before the answer, on whatever node; then every node is told', async () => {
    const [here, there] = [await startNode(), await startNode()];
    const hold = await say(here, ucwa);
    expect([await visible(here, ucwa), await visible(there, ucwa)]).toEqual([0, 0]);
    expect(there.woken).toEqual([]);
    hold.release();
    await expect.poll(() => [here.woken, there.woken]).toEqual([[ucwa], [ucwa]]);
    expect([await visible(here, ucwa), await visible(there, ucwa)]).toEqual([1, 1]);
  });

  test('the first of two requests that is answered does not give away the other', async () => {
    const [here, there] = [await startNode(), await startNode()];
    const [first, second] = [await say(here, ucwa), await say(there, ucwa)];
    second.release();
    await expect.poll(() => here.woken).toEqual([ucwa]);
    expect(await visible(here, ucwa)).toBe(0);
    first.release();
    await expect.poll(() => here.woken).toEqual([ucwa, ucwa]);
    expect(await visible(there, ucwa)).toBe(2);
  });

  test('a node that dies before its answer holds them for a second; then the others are told', async () => {
    const [here, there] = [await startNode(), await startNode()];
    await say(here, ucwa);
    await here.kill();
    expect(await visible(there, ucwa)).toBe(0);
    await expect.poll(() => there.woken, { timeout: 5_000 }).toEqual([ucwa]);
    expect(await visible(there, ucwa)).toBe(1);
  });
});

describe('the P-GET of a channel', () => {
  const park = (get: PendingGet | undefined) =>
    get?.park({ timeoutMs: 60_000, news: 0, onClose: () => () => undefined, prepare: () => undefined });

  test('a newer one on another node takes the place of a parked one', async () => {
    const [here, there] = [await startNode(), await startNode()];
    const first = await here.gets.admit(ucwa, 0);
    const parked = park(first);
    const second = await there.gets.admit(ucwa, 0);
    expect(await parked).toBe('replaced');
    first?.leave();
    expect(second?.isReplaced).toBe(false);
    expect(await here.gets.isAnyParked([ucwa])).toBe(true);
    second?.leave();
    await expect.poll(() => here.gets.isAnyParked([ucwa])).toBe(false);
  });

  test('one of lower priority has to go, also from another node', async () => {
    const [here, there] = [await startNode(), await startNode()];
    const first = await here.gets.admit(ucwa, 2);
    expect(await there.gets.admit(ucwa, 1)).toBeUndefined();
    expect(first?.isReplaced).toBe(false);
    first?.leave();
    await expect.poll(async () => (await there.gets.admit(ucwa, 1)) !== undefined).toBe(true);
  });

  test('a connection to Redis that was lost wakes everybody, because news may have been missed', async () => {
    const here = await startNode();
    const parked = park(await here.gets.admit(ucwa, 0));
    await here.link.client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub', 'SKIPME', 'no']);
    expect(await parked).toBe('woken');
  });
});

describe('a line of callbacks', () => {
  /** Counts its deliveries; each lasts until `finish` is called. */
  function deliver(node: Node) {
    const finishes: ((end: LineEnd) => void)[] = [];
    node.cluster.lines.start((channelId) => {
      expect(channelId).toBe(line);
      return new Promise((resolve) => finishes.push(resolve));
    });
    return {
      count: () => finishes.length,
      finish: (end: LineEnd = 'done') => finishes.at(-1)?.(end),
    };
  }
  const tell = async (node: Node) => (await say(node, line)).release();
  const waitingItems = ({ link }: Node) => link.client.xLen(`${link.prefix}work`);

  test('one node at a time has it; news meanwhile makes it look again, and then nothing is left', async () => {
    const [here, there] = [await startNode(), await startNode()];
    const lines = [deliver(here), deliver(there)] as const;
    const counts = () => lines.reduce((sum, one) => sum + one.count(), 0);
    await tell(here);
    await expect.poll(counts).toBe(1);
    const [owner, other] = lines[0].count() === 1 ? lines : [lines[1], lines[0]];
    await tell(here);
    await tell(there);
    await expect.poll(() => waitingItems(here)).toBe(1);
    expect(other.count()).toBe(0);
    owner.finish();
    await expect.poll(() => owner.count()).toBe(2);
    // A living node renews its lease.
    const leftMs = () => here.link.client.pTTL(`${here.link.prefix}line:${line}`);
    await expect.poll(leftMs, { interval: 10 }).toBeLessThan(leaseMs * 0.8);
    await expect.poll(leftMs, { interval: 10 }).toBeGreaterThan(leaseMs * 0.9);
    expect(other.count()).toBe(0);
    owner.finish();
    await expect.poll(() => waitingItems(here)).toBe(0);
    expect(counts()).toBe(2);
  });

  test('what a dead node had goes to another', async () => {
    const here = await startNode();
    const mine = deliver(here);
    await tell(here);
    await expect.poll(mine.count).toBe(1);
    const there = await startNode();
    const theirs = deliver(there);
    await here.kill();
    await expect.poll(theirs.count, { timeout: 5_000 }).toBe(1);
    theirs.finish();
    await expect.poll(() => waitingItems(there)).toBe(0);
  });

  test('a node that dies soon after it has taken a line that it was slow to take', async () => {
    const node = await startNode(60_000);
    const { link } = node;
    const [work, key] = [`${link.prefix}work`, `${link.prefix}line:${line}`];
    const lease = '300';
    const pending = async () => ((await link.send(['XPENDING', work, 'nodes'])) as [number])[0];
    await link.send(['XGROUP', 'CREATE', work, 'nodes', '0', 'MKSTREAM']);
    const item = String(await link.send(['XADD', work, '*', 'c', line]));
    await link.send(['XREADGROUP', 'GROUP', 'nodes', 'dead', 'STREAMS', work, '>']);
    // The item is older than the line by this, and is given away before the line is free.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await link.call('takeLine', [line, 'dead-1', item, lease])).toBe(1);
    const claim = () => link.send(['XAUTOCLAIM', work, 'nodes', 'next', lease, '0-0', 'JUSTID']);
    await expect.poll(async () => ((await claim()) as [string, string[]])[1], { interval: 5 }).toEqual([item]);
    expect(await link.client.exists(key)).toBe(1);
    expect(await link.call('takeLine', [line, 'next-1', item, lease])).toBe(0);
    await expect.poll(() => link.client.exists(key)).toBe(0);
    expect(await pending()).toBe(1);
    expect(await link.call('takeLine', [line, 'next-2', item, lease])).toBe(1);
    // Other news is not needed while somebody has the line.
    const second = String(await link.send(['XADD', work, '*', 'c', line]));
    await link.send(['XREADGROUP', 'GROUP', 'nodes', 'third', 'STREAMS', work, '>']);
    expect(await link.call('takeLine', [line, 'third-1', second, lease])).toBe(0);
    expect(await pending()).toBe(1);
  });

  test('one that waits although nobody was told is found', async () => {
    const here = await startNode(100);
    const mine = deliver(here);
    await expect.poll(() => here.link.client.exists(`${here.link.prefix}work`)).toBe(1);
    // As if its item were lost: events, and no work.
    await here.store.commit((transaction) => {
      const event = channelEvent(
        { rel: 'a', href: '/a' },
        { link: { rel: 'message', href: '/m' }, type: 'added' },
        'high',
      );
      transaction.append(line, event);
    });
    await expect.poll(mine.count, { timeout: 5_000 }).toBe(1);
    await here.store.commit((transaction) => transaction.trim(line, 1));
    mine.finish();
    await expect.poll(() => waitingItems(here)).toBe(0);
  });

  test('a node that stops gives back what it has not finished, at once', async () => {
    const here = await startNode(60_000);
    const mine = deliver(here);
    await tell(here);
    await expect.poll(mine.count).toBe(1);
    const there = await startNode(60_000);
    const theirs = deliver(there);
    const stopped = here.cluster.lines.stop();
    mine.finish('stopped');
    await stopped;
    await expect.poll(theirs.count).toBe(1);
  });
});

test('secrets are made once, whoever comes first, and replaced only by who knows the old one', async () => {
  const [here, there] = [redisSecrets((await startNode()).link), redisSecrets((await startNode()).link)];
  const made = await Promise.all([
    here.readOrCreate('key', async () => 'a'),
    there.readOrCreate('key', async () => 'b'),
  ]);
  expect(made[0]).toBe(made[1]);
  expect(await there.replace('key', 'something else', 'c')).toBe(false);
  expect(await there.replace('key', made[0], 'c')).toBe(true);
  expect(await here.read('key')).toBe('c');
});
