import { expect, test } from 'vitest';
import { channelEvent } from '../model/channel.ts';
import type { Tenant } from '../model/registration.ts';
import { linesOf, writesOf } from './journalLines.ts';
import { type Base, WriteSet } from './writeSet.ts';

const tenant: Tenant = { id: 'a', domain: 'a', displayName: 'A\t\n', allowedOrigins: ['http://a'], xframeOrigins: [] };

/** A state that has one tenant and nothing else. */
const before: Base = {
  get: ((kind: string, id: string) => (kind === 'tenant' && id === 'a' ? tenant : undefined)) as Base['get'],
  ids: () => [],
  events: () => [],
  timer: () => undefined,
  timersDue: () => [],
  lastSeq: () => 4,
};

test('a set comes back as it was', () => {
  const writes = new WriteSet(before);
  const { xframeOrigins: _gone, ...rest } = tenant;
  writes.put('tenant', 'a', { ...rest, displayName: 'B' });
  writes.put('tenant', 'new\t\n', { ...tenant, id: 'new' });
  writes.delete('person', 'sip:ann@contoso.com');
  const event = { link: { rel: 'ms:rtc:saas:conversation', href: '/c' }, type: 'deleted' } as const;
  writes.append('service:1', channelEvent({ rel: 'r', href: '/h' }, event, 'high'));
  writes.append('service:1', channelEvent({ rel: 'r', href: '/h' }, { ...event, type: 'updated' }, 'medium'));
  writes.trim('service:1', 4);
  writes.schedule({ name: 't', dueAt: 7, kind: 'k', id: 'i' });
  writes.unschedule('u\t');
  const read = writesOf(linesOf(writes, before), before);
  expect(read.documents).toEqual(writes.documents);
  expect(read.appended).toEqual(writes.appended);
  expect(read.appended.get('service:1')?.map(({ seq }) => seq)).toEqual([5, 6]);
  expect(read.trims).toEqual(writes.trims);
  expect(read.timers).toEqual(writes.timers);
});

test('of a document that was there only what has changed is written', () => {
  const writes = new WriteSet(before);
  writes.put('tenant', 'a', { ...tenant, displayName: 'B' });
  expect(linesOf(writes, before)).toBe('p\ttenant\t"a"\t{"displayName":"B"}\t\n');
});

test('a line that nobody knows is an error, not nothing', () => {
  expect(() => writesOf('z\tx\n', before)).toThrow('unknown operation');
});
