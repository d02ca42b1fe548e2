import { expect, test } from 'vitest';
import type { ChannelEvent, SequencedEvent } from '../model/channel.ts';
import type { Tenant } from '../model/registration.ts';
import { createReadCache } from './readCache.ts';
import { type Base, WriteSet } from './writeSet.ts';

const tenant = (displayName: string): Tenant => ({ id: 'a', domain: 'a', displayName, allowedOrigins: [] });
const event: ChannelEvent = {
  sender: { rel: 'communication', href: '/c' },
  event: { link: { rel: 'message', href: '/m' }, type: 'started' },
  priority: 'high',
};

/** An engine whose state the test changes, and that counts how often it is asked. */
function start(tenants: Record<string, Tenant>, queue: SequencedEvent[] = []) {
  const asked = { get: 0, ids: 0, events: 0 };
  const base = {
    get: (_kind: string, id: string) => {
      asked.get += 1;
      return tenants[id];
    },
    ids: () => {
      asked.ids += 1;
      return Object.keys(tenants).sort();
    },
    events: (_channelId: string, fromSeq: number, limit: number) => {
      asked.events += 1;
      return queue.filter(({ seq }) => seq >= fromSeq).slice(0, limit);
    },
    timer: () => undefined,
    timersDue: () => [],
    lastSeq: () => queue.at(-1)?.seq ?? 0,
  } as unknown as Base;
  return { asked, cache: createReadCache(base), tenants, queue };
}

test('what was read once is not asked for again; what is not there is', () => {
  const { asked, cache } = start({ a: tenant('A') }, [{ ...event, seq: 1 }]);
  for (let round = 0; round < 3; round += 1) {
    expect(cache.get('tenant', 'a')?.displayName).toBe('A');
    expect(cache.ids('tenant')).toEqual(['a']);
    expect(cache.events('c', 1, 10)).toHaveLength(1);
    expect(cache.events('c', 2, 10)).toEqual([]);
    expect(cache.get('tenant', 'b')).toBeUndefined();
  }
  expect(asked).toEqual({ get: 4, ids: 1, events: 1 });
});

test('while a commit writes, the engine says what is so, and nothing of it is kept', () => {
  const { cache, queue, tenants } = start({ a: tenant('A') });
  const look = () => [cache.get('tenant', 'a')?.displayName, cache.ids('tenant'), cache.events('c', 1, 10).length];
  expect(look()).toEqual(['A', ['a'], 0]);
  const writes = new WriteSet(cache);
  writes.put('tenant', 'a', tenant('B'));
  writes.put('tenant', 'b', tenant('C'));
  writes.append('c', event);
  const first = cache.writing(writes);
  const second = cache.writing(writes);
  expect(look()).toEqual(['A', ['a'], 0]);
  Object.assign(tenants, { a: tenant('B'), b: tenant('C') });
  queue.push({ ...event, seq: 1 });
  expect(look()).toEqual(['B', ['a', 'b'], 1]);
  first();
  Object.assign(tenants, { a: tenant('D') });
  expect(look()).toEqual(['D', ['a', 'b'], 1]);
  second();
  expect(look()).toEqual(['D', ['a', 'b'], 1]);
  Object.assign(tenants, { a: tenant('E') });
  expect(look()).toEqual(['D', ['a', 'b'], 1]);
});

test('a list that a reader changes is not the one that is kept', () => {
  const { cache } = start({ a: tenant('A') });
  cache.ids('tenant').push('x');
  expect(cache.ids('tenant')).toEqual(['a']);
});

test('a long queue is left to the engine', () => {
  const queue = Array.from({ length: 500 }, (_, index) => ({ ...event, seq: index + 1 }));
  const { cache } = start({}, queue);
  expect(cache.events('c', 490, 100)).toHaveLength(11);
  expect(cache.events('c', 1, 300)).toHaveLength(300);
});
