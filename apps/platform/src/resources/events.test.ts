import type { EventBatch } from '@repo/ucwa-protocol/events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { channelEvent, idleTimerKind, ucwaChannelId } from '../model/channel.ts';
import { openMemoryStore } from '../store/memory.ts';
import type { Store } from '../store/store.ts';
import { settle } from '../testing/manualClock.ts';
import { helpdesk, startTestPlatform, type TestPlatform, visitorOrigin } from '../testing/testPlatform.ts';

let platform: TestPlatform;
let token: string;
let application: string;
beforeEach(async () => {
  platform = await startTestPlatform();
  ({ token, application } = await signInVisitor(platform));
});
afterEach(() => platform.app.close());

async function signInVisitor({ app, visitorToken }: TestPlatform) {
  const { token } = await visitorToken();
  const headers = { authorization: `Bearer ${token}`, origin: visitorOrigin };
  const send = (method: 'GET' | 'POST', url: string, payload?: object) =>
    app.inject({ method, url, headers, ...(payload && { payload }) });
  const answer = await send('POST', '/ucwa/psanon/v1/applications', { AnonymousDisplayName: 'Visitor' });
  expect(answer.statusCode).toBe(201);
  return { send, token, application: answer.json<{ _links: { self: { href: string } } }>()._links.self.href };
}

const id = (): string => application.split('/').at(-1) ?? '';
const get = (query: string) =>
  platform.app.inject({
    method: 'GET',
    url: `${application}/events?${query}`,
    headers: { authorization: `Bearer ${token}`, origin: visitorOrigin },
  });
async function append(href: string, priority: 'high' | 'medium' = 'high'): Promise<void> {
  await platform.store.commit((transaction) =>
    transaction.append(
      ucwaChannelId(id()),
      channelEvent(
        { rel: 'communication', href: '/c' },
        { link: { rel: 'message', href }, type: 'completed' },
        priority,
      ),
    ),
  );
}
const hrefs = (body: string): string[] =>
  (JSON.parse(body) as EventBatch).sender?.flatMap((block) => block.events.map((event) => event.link.href)) ?? [];

/** Starts a GET and lets it park. */
async function park(query: string): Promise<{ answer: ReturnType<typeof get>; isDone: () => boolean }> {
  const answer = get(query);
  let done = false;
  answer.then(
    () => {
      done = true;
    },
    () => {
      done = true;
    },
  );
  await vi.waitFor(() => expect(platform.app.pendingGets.isParked(ucwaChannelId(id()))).toBe(true), { interval: 1 });
  return { answer, isDone: () => done };
}

describe('P-GET', () => {
  test('what is pending comes at once; the same ack again is the same text; the next ack goes on', async () => {
    await append('1');
    await append('2');
    const first = await get('ack=1');
    expect(hrefs(first.body)).toEqual(['1', '2']);
    expect(first.json()._links).toEqual({
      self: { href: `${application}/events?ack=1` },
      next: { href: `${application}/events?ack=2` },
    });
    await append('3');
    expect((await get('ack=1')).body).toBe(first.body);
    expect(hrefs((await get('ack=2')).body)).toEqual(['3']);
    expect(first.headers['access-control-allow-origin']).toBe(visitorOrigin);
  });

  test('an ack that is out of order gets resync and nothing else', async () => {
    await append('1');
    await get('ack=1');
    for (const ack of [0, 5]) {
      const answer = await get(`ack=${ack}`);
      expect(answer.statusCode).toBe(200);
      expect(Object.keys(answer.json()._links).sort()).toEqual(['resync', 'self']);
      expect(answer.json()._links.resync.href).toBe(`${application}/events?ack=1`);
      expect(answer.json().sender).toBeUndefined();
    }
    expect((await get('')).statusCode).toBe(400);
  });

  test('a parked one ends empty after its time-out, and takes an ack', async () => {
    const { answer, isDone } = await park('ack=1&timeout=10');
    await platform.clock.advance(179_000);
    expect(isDone()).toBe(false);
    await platform.clock.advance(2_000);
    const body = (await answer).json();
    expect(body.sender).toEqual([]);
    expect(body._links.next.href).toContain('ack=2');
    await append('1');
    expect(hrefs((await get('ack=2')).body)).toEqual(['1']);
  });

  test('a newer one takes the place of a parked one, unless its priority is lower', async () => {
    const first = await park('ack=1&priority=2');
    const lower = await get('ack=1&priority=1');
    expect(lower.statusCode).toBe(409);
    expect(lower.json()).toMatchObject({ code: 'Conflict', subcode: 'PGetReplaced' });
    expect(first.isDone()).toBe(false);
    const second = await park('ack=1&priority=2');
    expect((await first.answer).statusCode).toBe(409);
    expect(second.isDone()).toBe(false);
    await platform.app.close();
    expect((await second.answer).statusCode).toBe(200);
  });

  test('a newer one takes its place although its batch is being built', async () => {
    const memory = openMemoryStore();
    let synced: () => void = () => undefined;
    const sync = new Promise<void>((resolve) => {
      synced = resolve;
    });
    let quick = Number.POSITIVE_INFINITY;
    const slow: Store = {
      ...memory,
      commit: (decide) => {
        quick -= 1;
        return quick >= 0 ? memory.commit(decide) : memory.commit(decide).finally(() => sync);
      },
    };
    const { send, application: self } = await signInVisitor(await startTestPlatform({ store: slow }));
    await send('POST', `${self}/communication/messagingInvitations`, { operationId: 'o', to: helpdesk });
    quick = 0;
    const first = send('GET', `${self}/events?ack=1`).then((answer) => answer);
    // It is building its batch by now.
    await settle();
    const second = send('GET', `${self}/events?ack=1`).then((answer) => answer);
    await settle();
    synced();
    expect((await first).json()).toMatchObject({ code: 'Conflict', subcode: 'PGetReplaced' });
    expect((await second).json<EventBatch>().sender).not.toEqual([]);
    expect((await send('GET', `${self}/events?ack=1`)).body).toBe((await second).body);
  });

  test('the same while its events wait for companions', async () => {
    await append('slow', 'medium');
    const first = await park('ack=1');
    const second = get('ack=1');
    expect((await first.answer).statusCode).toBe(409);
    await append('fast');
    await platform.clock.advance(5_000);
    expect(hrefs((await second).body)).toEqual(['slow', 'fast']);
  });

  test('one whose connection closed is forgotten, what it acknowledged is noted', async () => {
    await append('1');
    await get('ack=1');
    const origin = await platform.app.listen({ port: 0, host: '127.0.0.1' });
    const abort = new AbortController();
    const headers = { authorization: `Bearer ${token}` };
    const closed = fetch(`${origin}${application}/events?ack=2`, { headers, signal: abort.signal });
    const isParked = () => platform.app.pendingGets.isParked(ucwaChannelId(id()));
    await expect.poll(isParked).toBe(true);
    abort.abort();
    await expect(closed).rejects.toThrow();
    await expect.poll(isParked).toBe(false);
    const acknowledged = () =>
      platform.store.read((snapshot) => snapshot.get('channel', ucwaChannelId(id()))?.acknowledged);
    await expect.poll(acknowledged).toBe(1);
    await append('2');
    expect(hrefs((await get('ack=2')).body)).toEqual(['2']);
  });

  test('an acknowledgement is noted within two seconds although nothing comes', async () => {
    await append('1');
    await get('ack=1');
    const { answer } = await park('ack=2');
    const channel = () => platform.store.read((snapshot) => snapshot.get('channel', ucwaChannelId(id())));
    expect((await channel())?.acknowledged).toBe(0);
    await platform.clock.advance(2_000);
    expect(await channel()).toMatchObject({ acknowledged: 1, acknowledgedSeq: 1 });
    expect((await channel())?.batch).toBeUndefined();
    await platform.app.close();
    await answer;
  });

  test('after a long silence the answer carries next as ever, and nothing is forgotten', async () => {
    await append('1');
    await get('ack=1&medium=30');
    platform.clock.jump(14 * 60_000);
    await append('2');
    const back = await get('ack=2');
    expect(hrefs(back.body)).toEqual(['2']);
    expect(back.json()._links).toEqual({
      self: { href: `${application}/events?ack=2` },
      next: { href: `${application}/events?ack=3` },
    });
    const channel = await platform.store.read((snapshot) => snapshot.get('channel', ucwaChannelId(id())));
    expect(channel?.settings).toMatchObject({ medium: 30 });
  });

  test('medium events wait for their interval, and go along with a high one', async () => {
    await append('slow', 'medium');
    const { answer, isDone } = await park('ack=1');
    await platform.clock.advance(4_900);
    expect(isDone()).toBe(false);
    await platform.clock.advance(200);
    expect(hrefs((await answer).body)).toEqual(['slow']);
    await append('slow2', 'medium');
    await append('fast');
    expect(hrefs((await get('ack=2')).body)).toEqual(['slow2', 'fast']);
  });

  test('somebody else, no token and an ended application are refused', async () => {
    const other = (await platform.visitorToken('another')).token;
    const url = `${application}/events?ack=1`;
    const foreign = await platform.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${other}` } });
    expect(foreign.statusCode).toBe(403);
    expect((await platform.app.inject({ method: 'GET', url })).statusCode).toBe(401);
  });

  test('an application that no longer asks ends after 15 minutes; one that is parked does not', async () => {
    const timerOf = () => platform.store.read((snapshot) => snapshot.timer(`${idleTimerKind}:${id()}`));
    const parked = await park('ack=1&timeout=1800');
    platform.clock.jump(15 * 60_000);
    await platform.clock.advance(1_000);
    expect((await timerOf())?.dueAt).toBeGreaterThan(platform.clock.now());
    expect(parked.isDone()).toBe(false);
    await append('1');
    platform.clock.jump(16 * 60_000);
    await platform.clock.advance(1_000);
    await parked.answer;
    platform.clock.jump(16 * 60_000);
    await platform.clock.advance(1_000);
    const gone = await get('ack=2');
    expect(gone.statusCode).toBe(410);
    expect(gone.json()).toMatchObject({ code: 'Gone', subcode: 'InactiveApplicationExpired' });
  });
});
