import { beforeEach, expect, test } from 'vitest';
import type { Tenant } from '../model/registration.ts';
import { type DurableState, GroupCommit } from './groupCommit.ts';
import { LmdbReader } from './lmdbLayout.ts';
import { Resident } from './resident.ts';
import type { Transaction } from './store.ts';

const tenant = (displayName: string): Tenant => ({ id: 'a', domain: 'a', displayName, allowedOrigins: [] });
const name = (look: Pick<Transaction, 'get'>): string | undefined => look.get('tenant', 'a')?.displayName;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A disk that the test lets go on, or refuse. */
let syncs: { readonly done: () => void; readonly refuse: (error: Error) => void }[];
let durable: DurableState;
let group: GroupCommit;
beforeEach(() => {
  syncs = [];
  const empty = { get: () => undefined, getRange: () => [], getKeys: () => [] } as never;
  durable = new Resident(new LmdbReader(empty));
  group = new GroupCommit(
    durable,
    () => new Promise((resolve, reject) => syncs.push({ done: resolve, refuse: reject })),
  );
});
const rename = (to: string) => group.commit((transaction) => transaction.put('tenant', 'a', tenant(to)));

test('commits of one turn share one sync; those that come meanwhile share the next', async () => {
  const first = [rename('1'), rename('2')];
  await nextTurn();
  expect(syncs).toHaveLength(1);
  const second = [rename('3'), rename('4')];
  await nextTurn();
  expect(syncs).toHaveLength(1);
  syncs[0]?.done();
  await Promise.all(first);
  expect(name(durable)).toBe('2');
  await nextTurn();
  syncs[1]?.done();
  await Promise.all(second);
  expect(name(durable)).toBe('4');
});

test('a decision sees what is not on the disk yet, and is answered when that is', async () => {
  const writing = rename('new');
  let seen: string | undefined;
  let isAnswered = false;
  const looking = group.commit((transaction) => {
    seen = name(transaction);
  });
  void looking.then(() => {
    isAnswered = true;
  });
  const refusal = group.commit(() => {
    throw new Error('refused');
  });
  let isRefused = false;
  refusal.catch(() => {
    isRefused = true;
  });
  await nextTurn();
  expect([seen, name(durable)]).toEqual(['new', undefined]);
  expect([isAnswered, isRefused]).toEqual([false, false]);
  syncs[0]?.done();
  await Promise.all([writing, looking]);
  await expect(refusal).rejects.toThrow('refused');
});

test('when the disk refuses, what was decided upon the group fails with it, and the next one goes on from before', async () => {
  const before = rename('kept');
  await nextTurn();
  syncs[0]?.done();
  await before;
  const lost = rename('lost');
  await nextTurn();
  const dependent = group.commit((transaction) => transaction.put('tenant', 'a', tenant(`${name(transaction)} too`)));
  const outcomes = Promise.allSettled([lost, dependent]);
  syncs[1]?.refuse(new Error('no room'));
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(name(durable)).toBe('kept');
  const next = group.commit((transaction) => transaction.put('tenant', 'a', tenant(`${name(transaction)} on`)));
  await nextTurn();
  syncs[2]?.done();
  await next;
  expect(name(durable)).toBe('kept on');
});
