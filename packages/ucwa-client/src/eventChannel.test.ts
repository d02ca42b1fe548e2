import type { EventBatch, WireEvent } from '@repo/ucwa-protocol/events';
import { describe, expect, it } from 'vitest';
import { eventsOf } from './eventBatch.ts';
import { type ChannelState, createEventChannel, type EventHandlers } from './eventChannel.ts';
import { createSend, type SendRequest } from './request.ts';
import { createFakeChannel } from './testing/fakeChannel.ts';
import { createFakeHttp, type FakeAnswer, refusal } from './testing/fakeHttp.ts';
import { createManualClock } from './testing/manualClock.ts';

const numbered = (n: number): WireEvent => ({ link: { rel: 'message', href: `/messages/${n}` }, type: 'completed' });

function setUp(handlers: Partial<EventHandlers> & { readonly probe?: boolean; readonly eventsHref?: string } = {}) {
  const clock = createManualClock();
  const server = createFakeChannel({ clock, eventsPath: '/events' });
  const http = createFakeHttp({
    clock,
    handle: (request) => (request.path === '/events' ? server.get(request) : { status: 200, body: {} }),
    lastBatch: () => server.lastAnswer(),
  });
  const applied: string[] = [];
  const states: ChannelState[] = [];
  const resets: string[] = [];
  const asked: SendRequest[] = [];
  const send = createSend({ fetch: http.fetch, clock, baseUrl: 'https://platform.test' });
  const channel = createEventChannel({
    send: (request) => {
      asked.push(request);
      return send(request);
    },
    clock,
    random: () => 0,
    eventsHref: handlers.eventsHref ?? server.href(),
    ...(handlers.probe ? { probeHref: '/application' } : {}),
    onBatch: (batch) => {
      if (handlers.onBatch) return handlers.onBatch(batch);
      applied.push(...hrefsIn(batch));
    },
    onState: (state) => states.push(state),
    onReset: (why) => {
      resets.push(why);
      return handlers.onReset?.(why);
    },
  });
  let pushed = 0;
  const push = (count = 1) => {
    for (let i = 0; i < count; i += 1) {
      pushed += 1;
      server.push({ sender: { rel: 'conversation', href: '/c' }, event: numbered(pushed) });
    }
  };
  const expected = () => Array.from({ length: pushed }, (_, i) => `https://platform.test/messages/${i + 1}`);
  const lastState = () => {
    const { connection, reason } = states.at(-1) ?? {};
    return `${connection} ${reason}`;
  };
  return { clock, server, http, channel, applied, states, resets, asked, push, expected, lastState };
}

function hrefsIn(batch: EventBatch): string[] {
  return eventsOf(batch).map(({ event }) => event.link.href);
}

describe('the good course', () => {
  it('applies batches in order, asks with the server’s time-out and its own cap', async () => {
    const { clock, channel, applied, asked, push, expected, lastState, http } = setUp();
    channel.start();
    push(2);
    await clock.settle();
    push();
    await clock.settle();
    expect(applied).toEqual(expected());
    expect(lastState()).toBe('online answered');
    expect(asked[0]).toMatchObject({ query: { timeout: '180' }, timeoutMs: 200_000 });
    expect(http.requests[1]?.query.get('ack')).toBe('2');
    expect(channel.position()).toBe('https://platform.test/events?ack=3&key=k1');
    channel.stop();
    expect(lastState()).toBe('ended stopped');
    expect(clock.pending()).toBe(1); // the fake server's own parked request
  });

  it('is online after a quiet moment', async () => {
    const { clock, channel, lastState } = setUp();
    channel.start();
    await clock.advance(999);
    expect(lastState()).toBe('connecting started');
    await clock.advance(1);
    expect(lastState()).toBe('online answered');
    channel.stop();
  });

  it('does not ask again before the batch is applied', async () => {
    let release = () => {};
    const waiting = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { clock, channel, asked, push } = setUp({ onBatch: () => waiting });
    push();
    channel.start();
    await clock.advance(60_000);
    expect(asked).toHaveLength(1);
    expect(channel.position()).toContain('ack=1');
    release();
    await clock.settle();
    expect(asked).toHaveLength(2);
    expect(channel.position()).toContain('ack=2');
    channel.stop();
  });

  it('an empty answer moves on and is not applied', async () => {
    const { clock, channel, applied, push, expected } = setUp();
    channel.start();
    await clock.advance(180_000);
    expect(channel.position()).toContain('ack=2');
    push();
    await clock.settle();
    expect(applied).toEqual(expected());
    channel.stop();
  });

  it('goes on from a stored position', async () => {
    const first = setUp();
    first.push();
    first.channel.start();
    await first.clock.settle();
    first.channel.stop();
    const eventsHref = first.channel.position();
    expect(eventsHref).toBe('https://platform.test/events?ack=2&key=k1');
    const seen: string[] = [];
    const next = createEventChannel({
      send: createSend({ fetch: first.http.fetch, clock: first.clock, baseUrl: 'https://platform.test' }),
      clock: first.clock,
      eventsHref,
      onBatch: (batch) => void seen.push(...hrefsIn(batch)),
    });
    first.push();
    next.start();
    await first.clock.settle();
    expect(seen).toEqual(first.expected().slice(1));
    next.stop();
  });
});

describe('trouble', () => {
  it.each([
    ['network', { kind: 'network' }],
    ['serverError', { kind: 'status', status: 500, code: 'ServiceFailure' }],
    ['serverError', { kind: 'status', status: 404 }],
    ['refused', { kind: 'status', status: 403, code: 'Forbidden' }],
    ['malformedBatch', { kind: 'html' }],
  ] as const)('%s is waited out', async (reason, fault) => {
    const { clock, channel, http, applied, push, expected, lastState } = setUp();
    http.addFault(fault);
    push();
    channel.start();
    await clock.settle();
    expect(lastState()).toBe(`waiting ${reason}`);
    await clock.advance(500);
    expect(applied).toEqual(expected());
    expect(lastState()).toBe('online answered');
    channel.stop();
  });

  it('a Retry-After is kept to', async () => {
    const { clock, channel, http, states, push, applied } = setUp();
    http.addFault({ kind: 'status', status: 429, code: 'TooManyRequests', retryAfterS: 20 });
    push();
    channel.start();
    await clock.settle();
    expect(states.at(-1)).toMatchObject({ connection: 'waiting', retryAtMs: clock.now() + 20_000 });
    await clock.advance(19_999);
    expect(applied).toHaveLength(0);
    await clock.advance(1);
    expect(applied).toHaveLength(1);
    channel.stop();
  });

  it('retryNow cuts the wait', async () => {
    const { clock, channel, http, applied, push } = setUp();
    http.addFault({ kind: 'network', times: 6 });
    push();
    channel.start();
    await clock.advance(20_000);
    expect(applied).toHaveLength(0);
    channel.retryNow();
    await clock.settle();
    expect(applied).toHaveLength(1);
    channel.stop();
  });

  it('retryNow asks anew when the request has gone silent', async () => {
    const { clock, channel, http, applied, push, expected, states } = setUp();
    http.addFault({ kind: 'slow', ms: 1_000_000 });
    channel.start();
    await clock.advance(5000);
    push();
    await clock.settle();
    expect(applied).toEqual([]);
    channel.retryNow();
    await clock.settle();
    expect(applied).toEqual(expected());
    expect(states.map(({ connection }) => connection)).toEqual(['connecting', 'online']);
    channel.stop();
  });

  it('a server that says nothing at all is given up on after its own time-out', async () => {
    const { clock, channel, http, states } = setUp();
    http.addFault({ kind: 'slow', ms: 1_000_000 });
    channel.start();
    await clock.advance(199_999);
    expect(states.at(-1)).toMatchObject({ connection: 'online' });
    await clock.advance(1);
    expect(states.at(-1)).toMatchObject({ connection: 'waiting', reason: 'timeout' });
    channel.stop();
  });

  it('after a failure the probe tells when the server is back, not the silent P-GET', async () => {
    const { clock, channel, http, lastState } = setUp({ probe: true });
    channel.start();
    await clock.advance(5000);
    http.setOffline(true);
    await clock.advance(60_000);
    expect(lastState()).toBe('waiting network');
    http.setOffline(false);
    channel.retryNow();
    await clock.settle();
    expect(lastState()).toBe('online answered');
    expect(http.requests.at(-1)?.path).toBe('/events');
    channel.stop();
  });

  it('a lost answer comes again, a doubled one is not applied twice', async () => {
    const { clock, channel, http, applied, push, expected } = setUp();
    push();
    http.addFault({ kind: 'lostAnswer' });
    channel.start();
    await clock.advance(500);
    expect(applied).toEqual(expected());
    http.setOffline(true);
    http.setOffline(false);
    http.addFault({ kind: 'doubled', times: 2 });
    push();
    await clock.advance(5000);
    expect(applied).toEqual(expected());
    channel.stop();
  });

  it('a batch without a way on is not used', async () => {
    const answers: FakeAnswer[] = [
      { status: 200, body: { sender: [{ rel: 'c', href: '/c', events: [numbered(1)] }] } },
      { status: 200, body: { _links: { next: {} }, sender: 'no' } },
      { status: 200, body: { _links: null } },
    ];
    const clock = createManualClock();
    const http = createFakeHttp({
      clock,
      handle: () => answers.shift() ?? refusal(410, 'Gone'),
      lastBatch: () => undefined,
    });
    const send = createSend({ fetch: http.fetch, clock, baseUrl: 'https://platform.test' });
    const reasons: string[] = [];
    const channel = createEventChannel({
      send,
      clock,
      eventsHref: '/events?ack=1',
      onBatch: () => expect.unreachable(),
      onState: ({ reason }) => reasons.push(reason),
    });
    channel.start();
    await clock.advance(20_000);
    expect(reasons.filter((reason) => reason === 'malformedBatch')).toHaveLength(3);
    expect(reasons.at(-1)).toBe('gone');
  });

  it('a batch that cannot be applied comes again, and in the end does not block the rest', async () => {
    let calls = 0;
    const got: string[] = [];
    const { clock, channel, push, lastState, states, expected } = setUp({
      onBatch: (batch) => {
        calls += 1;
        if (hrefsIn(batch)[0]?.endsWith('/1') && calls < 10) throw new Error('no room');
        got.push(...hrefsIn(batch));
      },
    });
    push();
    channel.start();
    await clock.settle();
    expect(lastState()).toBe('waiting applyFailed');
    await clock.advance(500);
    expect(calls).toBe(2);
    await clock.advance(60_000);
    expect(calls).toBe(5);
    expect(states.some(({ connection, reason }) => `${connection} ${reason}` === 'online applyFailed')).toBe(true);
    push();
    await clock.settle();
    expect(got).toEqual([expected()[1]]);
    channel.stop();
  });

  it('an empty answer at once does not make a hot loop', async () => {
    const clock = createManualClock();
    let ack = 0;
    const handle = () => {
      ack += 1;
      return { status: 200, body: { _links: { next: { href: `/events?ack=${ack + 1}` } }, sender: [] } };
    };
    const http = createFakeHttp({ clock, handle, lastBatch: () => undefined });
    const send = createSend({ fetch: http.fetch, clock, baseUrl: 'https://platform.test' });
    const channel = createEventChannel({ send, clock, eventsHref: '/events?ack=1', onBatch: () => {} });
    channel.start();
    await clock.advance(10_000);
    expect(http.requests.length).toBeLessThan(15);
    channel.stop();
    expect(clock.pending()).toBe(0);
  });
});

describe('resets', () => {
  it('resume: resets, applies what came along, goes on at the new channel', async () => {
    const { clock, server, channel, resets, applied, push, expected } = setUp();
    channel.start();
    await clock.settle();
    server.rebuild();
    push();
    await clock.settle();
    expect(resets).toEqual(['resume']);
    expect(channel.position()).toBe('https://platform.test/events?ack=1&key=k2');
    push();
    await clock.settle();
    expect(applied).toEqual(expected());
    channel.stop();
  });

  it('resync: an old position leads to the first batch that was not acknowledged', async () => {
    const { clock, channel, resets, applied, push, expected } = setUp({ eventsHref: '/events?ack=7&key=k1' });
    push(2);
    channel.start();
    await clock.settle();
    expect(resets).toEqual(['resync']);
    expect(applied).toEqual(expected());
    channel.stop();
  });

  it('the reset is over before anything is asked', async () => {
    const { clock, channel, asked } = setUp({
      eventsHref: '/events?ack=7&key=k1',
      onReset: () => new Promise((resolve) => void clock.setTimeout(resolve, 5000)),
    });
    channel.start();
    await clock.advance(4999);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    expect(asked).toHaveLength(2);
    channel.stop();
  });
});

describe('the end', () => {
  it.each([
    ['replaced', { status: 409, code: 'Conflict', subcode: 'PGetReplaced' }],
    ['unauthorized', { status: 401, code: 'x' }],
    ['notFound', { status: 404, code: 'NotFound', subcode: 'ApplicationNotFound' }],
    ['gone', { status: 410, code: 'Gone', subcode: 'InactiveApplicationExpired' }],
  ])('%s', async (reason, fault) => {
    const { clock, channel, http, states, asked, applied, push } = setUp();
    http.addFault({ kind: 'status', ...fault });
    channel.start();
    await clock.settle();
    expect(states.at(-1)).toMatchObject({ connection: 'ended', reason, error: { status: fault.status } });
    await clock.advance(600_000);
    expect(asked).toHaveLength(1);
    push();
    channel.start();
    await clock.settle();
    expect(applied).toHaveLength(1);
    channel.stop();
  });

  it('the parked request is replaced by a newer one of somebody else', async () => {
    const { clock, channel, server, lastState } = setUp();
    channel.start();
    await clock.settle();
    server.replace();
    await clock.settle();
    expect(lastState()).toBe('ended replaced');
  });

  it('is not the end when the newer request can be an own one that arrived late', async () => {
    const { clock, channel, server, http, states, lastState } = setUp();
    channel.start();
    await clock.settle();
    http.setOffline(true);
    http.setOffline(false);
    await clock.advance(2000);
    server.replace();
    await clock.settle();
    expect(states.at(-1)).toMatchObject({ connection: 'waiting', reason: 'refused' });
    await clock.advance(2000);
    expect(lastState()).toBe('online answered');
    server.replace();
    await clock.settle();
    expect(lastState()).toBe('ended replaced');
  });

  it('stop and start while a batch is being applied: it is applied once', async () => {
    const { clock, channel, push, asked } = setUp({
      onBatch: () => new Promise((resolve) => void clock.setTimeout(resolve, 100)),
    });
    push();
    channel.start();
    await clock.settle();
    channel.stop();
    channel.start();
    await clock.settle();
    expect(asked).toHaveLength(1);
    await clock.advance(100);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.href).toContain('ack=2');
    channel.stop();
    channel.stop();
  });

  it('stop cuts a wait for good', async () => {
    const { clock, channel, http, asked } = setUp();
    http.addFault({ kind: 'network' });
    channel.start();
    await clock.settle();
    channel.stop();
    await clock.advance(60_000);
    expect(asked).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });
});
