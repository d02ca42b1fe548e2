import { beforeEach, describe, expect, test } from 'vitest';
import { createCallbackTokens } from '../auth/callbackToken.ts';
import type { Keys } from '../auth/keys.ts';
import { channelEvent, openServiceChannel, serviceChannelId } from '../model/channel.ts';
import { openMemoryStore } from '../store/memory.ts';
import type { Store } from '../store/store.ts';
import { createManualClock, type ManualClock, settle } from '../testing/manualClock.ts';
import { type CallbackDelivery, createCallbackDelivery } from './callbackDelivery.ts';
import { createDeliveryLog } from './deliveryLog.ts';
import { Wakes } from './wakes.ts';

interface Call {
  readonly url: string;
  readonly token: string;
  readonly ack: number;
  readonly key: string;
  readonly hrefs: string[];
  readonly body: string;
  readonly answer: (status: number, body?: string) => Promise<void>;
  readonly fail: () => Promise<void>;
}

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
let store: Store;
let clock: ManualClock;
let wakes: Wakes;
let calls: Call[];
let delivery: CallbackDelivery;
let tokenCount: number;
const keys: Keys = {
  published: async () => ({ keys: [] }),
  ring: async () => ({ keys: [] }),
  change: async () => undefined,
  sign: async () => {
    tokenCount += 1;
    return `token${tokenCount}`;
  },
  verify: async () => ({}),
};

function start(concurrency = 10): void {
  delivery = createCallbackDelivery({
    store,
    clock,
    wakes,
    newId: () => 'id',
    settings: {},
    tokens: createCallbackTokens(keys, clock, 'http://platform.example'),
    publicUrl: 'http://platform.example',
    log,
    deliveryLog: createDeliveryLog({ store, clock, log }),
    concurrency,
    post: (url, init) =>
      new Promise((resolve, reject) => {
        const { body } = init;
        const batch = JSON.parse(body);
        const self = new URL(batch._links.self.href, 'http://x');
        init.signal.addEventListener('abort', () => reject(new Error('aborted')));
        calls.push({
          url,
          body,
          token: String(init.headers.Authorization),
          ack: Number(self.searchParams.get('ack')),
          key: self.searchParams.get('key') ?? '',
          hrefs: batch.sender.flatMap((block: { events: { link: { href: string } }[] }) =>
            block.events.map((event) => event.link.href),
          ),
          answer: async (status, text = '') => {
            resolve(new Response(status === 204 ? null : text, { status }));
            await settle();
          },
          fail: async () => {
            reject(new Error('refused'));
            await settle();
          },
        });
      }),
  });
  delivery.start();
}

beforeEach(async () => {
  store = openMemoryStore();
  clock = createManualClock();
  wakes = new Wakes(clock);
  calls = [];
  tokenCount = 0;
  await store.commit((transaction) => {
    transaction.put('serviceClient', 't:desk', {
      clientId: 'desk',
      tenantId: 't',
      displayName: 'Desk',
      audience: 'https://desk.example',
      relPrefix: 'ms:rtc:saas:',
      permissions: [],
      privileged: false,
      callbackHosts: ['sa.example'],
      actForUsers: false,
      secretHashes: [],
    });
    transaction.put('endpoint', 'sip:helpdesk@contoso.com', {
      uri: 'sip:helpdesk@contoso.com',
      tenantId: 't',
      clientId: 'desk',
      applicationId: '1234567890',
      displayName: 'Help desk',
      callbackUrl: 'https://sa.example/callback?x={1}',
    });
    for (const id of ['C1', 'C2']) {
      transaction.put('channel', serviceChannelId(id), openServiceChannel({ endpointUri: 'sip:helpdesk@contoso.com' }));
    }
  });
});

async function emitInvitation(conversationId: string): Promise<void> {
  const rel = 'ms:rtc:saas:messagingInvitation';
  await store.commit((transaction) =>
    transaction.append(
      serviceChannelId(conversationId),
      channelEvent(
        { rel: 'ms:rtc:saas:communication', href: '/communication' },
        { link: { rel, href: 'invitation' }, type: 'started', _embedded: { [rel]: { direction: 'Incoming' } } },
        'high',
      ),
    ),
  );
  wakes.wake(serviceChannelId(conversationId));
  await settle();
}

async function emit(conversationId: string, ...names: string[]): Promise<void> {
  await store.commit((transaction) => {
    for (const name of names) {
      transaction.append(
        serviceChannelId(conversationId),
        channelEvent(
          { rel: 'ms:rtc:saas:conversation', href: '/conversation' },
          { link: { rel: 'ms:rtc:saas:message', href: name }, type: 'completed' },
          'high',
        ),
      );
    }
  });
  wakes.wake(serviceChannelId(conversationId));
  await settle();
}
const call = (index: number): Call => {
  const one = calls[index];
  if (one === undefined) throw new Error(`There is no call ${index}, only ${calls.length}`);
  return one;
};

describe('callback delivery', () => {
  test('one POST at a time per conversation; what queues meanwhile goes in the next batch, in order', async () => {
    start();
    await emit('C1', '1');
    await emit('C1', '2');
    await emit('C1', '3');
    await emit('C2', 'other');
    expect(calls.map((one) => [one.ack, one.hrefs])).toEqual([
      [1, ['1']],
      [1, ['other']],
    ]);
    await call(0).answer(200);
    expect(calls[2]).toMatchObject({ ack: 2, hrefs: ['2', '3'], url: 'https://sa.example/callback?x={1}' });
    expect(call(2).key).toBe(call(0).key);
    expect(JSON.parse(call(0).body).baseuri).toBe('http://platform.example');
  });

  test('a context in the answer goes along with every later POST', async () => {
    start();
    await emit('C1', '1');
    await call(0).answer(200, '{"CallbackContext":"{\\"id\\":\\"a b\\"}"}');
    await emit('C1', '2');
    expect(call(1).url).toBe('https://sa.example/callback?x={1}&callbackContext=%7B%22id%22%3A%22a%20b%22%7D');
  });

  test('an unreachable SA gets an invitation again after 1, 2, 5, 10 and 30 seconds, then the next batch', async () => {
    start();
    await emitInvitation('C1');
    for (const [index, seconds] of [1, 2, 5, 10, 30].entries()) {
      await (index % 2 === 0 ? call(index).answer(500) : call(index).fail());
      await emit('C1', `late${index}`);
      await clock.advance(seconds * 1000 - 1);
      expect(calls).toHaveLength(index + 1);
      await clock.advance(1);
      expect(calls).toHaveLength(index + 2);
      expect(call(index + 1).body).toBe(call(0).body);
    }
    await call(5).answer(503);
    expect(call(6)).toMatchObject({ ack: 2, hrefs: ['late0', 'late1', 'late2', 'late3', 'late4'] });
  });

  test('in mid-conversation nothing is given up for a day, and nothing is lost', async () => {
    start();
    await emit('C1', '1');
    for (const seconds of [1, 2, 5, 10, 30, 30, 30]) {
      await call(calls.length - 1).fail();
      await clock.advance(seconds * 1000);
    }
    await emit('C1', '2');
    const repeats = calls.length;
    expect(new Set(calls.map(({ body }) => body)).size).toBe(1);
    await call(repeats - 1).answer(200);
    expect(call(repeats)).toMatchObject({ ack: 2, hrefs: ['2'] });
    await call(repeats).fail();
    clock.jump(24 * 60 * 60_000);
    for (const seconds of [1, 2, 5, 10, 30]) {
      await clock.advance(seconds * 1000);
      await call(calls.length - 1).fail();
    }
    await emit('C1', '3');
    expect(calls.at(-1)).toMatchObject({ ack: 3, hrefs: ['3'] });
  });

  test('lines that wait to repeat keep nobody from being called', async () => {
    start(1);
    await emit('C1', '1');
    await call(0).fail();
    await emit('C2', 'other');
    expect(call(1).hrefs).toEqual(['other']);
    await clock.advance(1_000);
    expect(calls).toHaveLength(2);
    await call(1).answer(200);
    expect(call(2).body).toBe(call(0).body);
  });

  test('a batch ends at about a megabyte, with one event at least', async () => {
    start();
    const long = 'x'.repeat(700_000);
    await emit('C1', '1');
    await emit('C1', `${long}a`);
    await emit('C1', `${long}b`);
    for (const n of [0, 1]) await call(n).answer(200);
    expect(calls.map(({ hrefs }) => hrefs.map((href) => href.slice(-1)))).toEqual([['1'], ['a'], ['b']]);
  });

  test('no answer within 15 seconds counts as a failure', async () => {
    start();
    await emit('C1', '1');
    await clock.advance(15_000);
    await clock.advance(1_000);
    expect(calls).toHaveLength(2);
  });

  test('a rejected token is replaced once at once', async () => {
    start();
    await emit('C1', '1');
    await call(0).answer(401);
    expect(calls.map((one) => [one.token, one.ack])).toEqual([
      ['Bearer token1', 1],
      ['Bearer token2', 1],
    ]);
    await call(1).answer(200);
    await emit('C1', '2');
    expect(call(2).token).toBe('Bearer token2');
  });

  test('400 is final: no retry, the next batch goes out', async () => {
    start();
    await emit('C1', '1');
    await emit('C1', '2');
    await call(0).answer(400);
    expect(call(1)).toMatchObject({ ack: 2, hrefs: ['2'] });
  });

  test('a redirect is not followed', async () => {
    start();
    await emit('C1', '1');
    await call(0).answer(307);
    expect(calls).toHaveLength(1);
    await clock.advance(1_000);
    expect(calls).toHaveLength(2);
  });

  test('a host that is not registered is never called', async () => {
    await store.commit((transaction) =>
      transaction.put(
        'channel',
        serviceChannelId('C1'),
        openServiceChannel({ endpointUri: 'sip:helpdesk@contoso.com', callbackUrl: 'https://evil.example/callback' }),
      ),
    );
    start();
    await emit('C1', '1');
    expect(calls).toHaveLength(0);
  });

  test('after a restart an unanswered batch comes again with its ack, and nothing else does', async () => {
    start();
    await emit('C1', '1');
    await emit('C2', 'done');
    await call(1).answer(200);
    await emit('C1', '2');
    const stopping = delivery.stop();
    await call(0).fail();
    await clock.advance(1_000);
    await stopping;
    const before = calls.length;
    start();
    await settle();
    expect(calls.slice(before).map((one) => [one.ack, one.hrefs])).toEqual([[1, ['1']]]);
    await call(before).answer(200);
    expect(call(before + 1)).toMatchObject({ ack: 2, hrefs: ['2'] });
  });

  test('after a restart the repeats go on where they were, and an invitation is given up after six in all', async () => {
    start();
    await emitInvitation('C1');
    for (const [at, pause] of [1_000, 2_000, 5_000].entries()) {
      await call(at).answer(500);
      await clock.advance(pause);
    }
    const stopping = delivery.stop();
    await call(3).answer(500);
    await stopping;
    start();
    await settle();
    await call(4).answer(500);
    await clock.advance(29_000);
    expect(calls).toHaveLength(5);
    await clock.advance(1_000);
    await call(5).answer(500);
    await clock.advance(60_000);
    expect(calls.map(({ ack }) => ack)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test('stopping waits for the POST in flight and notes its answer', async () => {
    start();
    await emit('C1', '1');
    let isStopped = false;
    const stopping = delivery.stop().then(() => {
      isStopped = true;
    });
    await settle();
    expect(isStopped).toBe(false);
    await call(0).answer(200);
    await stopping;
    start();
    await settle();
    expect(calls).toHaveLength(1);
  });

  test('a delivered batch is noted with the next one, or within two seconds', async () => {
    start();
    const channel = () => store.read((snapshot) => snapshot.get('channel', serviceChannelId('C1')));
    await emit('C1', '1');
    await call(0).answer(200);
    expect(await channel()).toMatchObject({ acknowledged: 0, batch: { ack: 1 } });
    await emit('C1', '2');
    expect(await channel()).toMatchObject({ acknowledged: 1, batch: { ack: 2, fromSeq: 2 } });
    await call(1).answer(200);
    await clock.advance(2_000);
    expect(await channel()).toMatchObject({ acknowledged: 2, acknowledgedSeq: 2 });
    expect((await channel())?.batch).toBeUndefined();
    expect(calls).toHaveLength(2);
  });

  test('an idle line has its batch built in the commit that brings the news', async () => {
    start();
    await emit('C1', '1');
    await call(0).answer(200);
    const hold = wakes.hold();
    await store.commit((transaction) => {
      const seq = transaction.append(
        serviceChannelId('C1'),
        channelEvent({ rel: 'x', href: '/x' }, { link: { rel: 'message', href: '2' }, type: 'completed' }, 'high'),
      );
      hold.touch(serviceChannelId('C1'), seq);
      wakes.prepare(transaction, serviceChannelId('C1'));
    });
    const channel = await store.read((snapshot) => snapshot.get('channel', serviceChannelId('C1')));
    expect(channel).toMatchObject({ acknowledged: 1, batch: { ack: 2 } });
    wakes.wake(serviceChannelId('C1'));
    await settle();
    expect(calls).toHaveLength(1);
    hold.release();
    await settle();
    expect(call(1)).toMatchObject({ ack: 2, hrefs: ['2'] });
  });

  test('no more lines at a time than allowed, and all get their turn', async () => {
    start(1);
    await emit('C1', '1');
    await emit('C2', '2');
    expect(calls).toHaveLength(1);
    await call(0).answer(200);
    expect(call(1).hrefs).toEqual(['2']);
  });

  test('events are held until the answer that caused them is on the wire', async () => {
    start();
    const hold = wakes.hold();
    const seq = await store.commit((transaction) =>
      transaction.append(
        serviceChannelId('C1'),
        channelEvent({ rel: 'x', href: '/x' }, { link: { rel: 'message', href: 'held' }, type: 'completed' }, 'high'),
      ),
    );
    hold.touch(serviceChannelId('C1'), seq);
    wakes.wake(serviceChannelId('C1'));
    await settle();
    expect(calls).toHaveLength(0);
    hold.release();
    await settle();
    expect(call(0).hrefs).toEqual(['held']);
  });
});
