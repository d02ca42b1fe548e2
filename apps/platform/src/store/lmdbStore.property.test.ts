/** The embedded engine against the one in memory: random commits, with a checkpoint or an end of the process after any of them. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channelEvent } from '../model/channel.ts';
import type { Tenant } from '../model/registration.ts';
import { seeds } from '../testing/seeds.ts';
import { type LmdbStore, openLmdbStore } from './lmdb.ts';
import { openMemoryStore } from './memory.ts';
import type { Snapshot, Store, Transaction } from './store.ts';

const id = fc.constantFrom('a', 'b\t\n', 'ü');
const write = fc.oneof(
  fc.record({
    do: fc.constant('put' as const),
    id,
    name: fc.string(),
    origins: fc.array(fc.webUrl(), { maxLength: 2 }),
  }),
  fc.record({ do: fc.constant('delete' as const), id }),
  fc.record({ do: fc.constant('append' as const), id, text: fc.string() }),
  fc.record({ do: fc.constant('trim' as const), id, seq: fc.nat(12) }),
  fc.record({ do: fc.constant('schedule' as const), id, dueAt: fc.nat(9) }),
  fc.record({ do: fc.constant('unschedule' as const), id }),
);
type Write = typeof write extends fc.Arbitrary<infer W> ? W : never;
const step = fc.oneof(
  { weight: 6, arbitrary: fc.array(write, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom('kill' as const, 'close' as const, 'copy' as const) },
);

function carryOut(transaction: Transaction, one: Write): void {
  if (one.do === 'put') {
    const { name, origins } = one;
    const tenant: Tenant = { id: 'x', domain: one.id, displayName: name, allowedOrigins: origins };
    // A member that comes and goes.
    transaction.put('tenant', one.id, origins.length === 1 ? { ...tenant, xframeOrigins: origins } : tenant);
  } else if (one.do === 'delete') transaction.delete('tenant', one.id);
  else if (one.do === 'trim') transaction.trim(one.id, one.seq);
  else if (one.do === 'unschedule') transaction.unschedule(one.id);
  else if (one.do === 'schedule') transaction.schedule({ name: one.id, dueAt: one.dueAt, kind: 'test', id: one.id });
  else {
    const event = { link: { rel: 'message', href: one.text }, type: 'completed' } as const;
    transaction.append(one.id, channelEvent({ rel: 'conversation', href: `/${one.text}` }, event, 'high'));
  }
}

function view(look: Snapshot): unknown {
  const ids = ['a', 'b\t\n', 'ü'];
  return {
    ids: look.ids('tenant'),
    tenants: ids.map((one) => look.get('tenant', one)),
    events: ids.map((one) => [look.events(one, 1, 100), look.events(one, 3, 2)]),
    timers: ids.map((one) => look.timer(one)),
    due: look.timersDue(5, 10).map(({ dueAt }) => dueAt),
  };
}

test.each(seeds)(
  'whatever is committed is there, whenever the process ends (seed %i)',
  async (seed) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const folders: string[] = [];
        const newFolder = (): string => {
          const folder = mkdtempSync(join(tmpdir(), 'bridgedesk-lmdb-'));
          folders.push(folder);
          return folder;
        };
        const memory = openMemoryStore();
        const open: LmdbStore[] = [];
        let folder = newFolder();
        const start = (): LmdbStore => {
          const store = openLmdbStore(folder);
          open.push(store);
          return store;
        };
        let store = start();
        try {
          for (const one of steps) {
            if (one === 'close') await store.close();
            if (one === 'close' || one === 'kill' || one === 'copy') {
              const next = newFolder();
              if (one === 'copy') await store.copyTo(next);
              // What is on the disk at this moment is what a killed process leaves behind.
              else cpSync(folder, next, { recursive: true });
              if (one !== 'close') await store.close();
              open.pop();
              folder = next;
              store = start();
            } else {
              const both: Store[] = [memory, store];
              for (const each of both)
                await each.commit((transaction) => {
                  for (const change of one) carryOut(transaction, change);
                });
            }
            expect(await store.read(view)).toEqual(memory.look(view));
          }
        } finally {
          for (const each of open) await each.close();
          for (const each of folders) rmSync(each, { recursive: true });
        }
      }),
      { seed, numRuns: 60 },
    );
  },
  120_000,
);
