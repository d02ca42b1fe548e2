import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createKeepAlivePost, type PostOptions } from '../../events/keepAlivePost.ts';
import { openMemoryStore } from '../../store/memory.ts';
import { settle } from '../../testing/manualClock.ts';
import { helpdesk, operatorToken, startTestPlatform, type TestPlatform } from '../../testing/testPlatform.ts';

const callbacks = '/management/tenants/contoso.com/callbacks';
const subject = 'Nobody but the SA reads this';
// Keys and digests of secrets take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

let platform: TestPlatform;
let status: number;
let posts: { url: string; body: string }[];

const post = async (url: string, { body }: PostOptions) => {
  posts.push({ url, body });
  if (status === 0) throw new Error('refused');
  return new Response(null, { status });
};
beforeEach(async () => {
  status = 200;
  posts = [];
  platform = await startTestPlatform({ post });
});
afterEach(() => platform.app.close());

const ask = (method: 'GET' | 'POST' | 'DELETE', url: string) =>
  platform.app.inject({ method, url, headers: { authorization: `Bearer ${operatorToken}` } });
const list = async (query = '') => (await ask('GET', `${callbacks}${query}`)).json();

const askForMeeting = async (payload: object) =>
  platform.app.inject({
    method: 'POST',
    url: `/platformservice/tgt-1${platform.applicationPath.replace('/platformservice', '')}/communication/onlineMeetingInvitations/startAdhocMeeting?endpointId=${helpdesk}`,
    headers: { authorization: `Bearer ${await platform.serviceToken()}` },
    payload,
  });

/** The SA starts a meeting and is told of it. @returns the conversation's id */
async function startMeeting(operationId: string): Promise<string> {
  const before = posts.length;
  const answer = await askForMeeting({ operationId, subject });
  expect(answer.statusCode).toBe(201);
  // The token of the callback is signed outside of the event loop.
  while (posts.length === before) await settle();
  await settle();
  const ids = await platform.store.read((snapshot) => snapshot.ids('conversation'));
  const made = await platform.store.read((snapshot) => ids.map((id) => snapshot.get('conversation', id)));
  return made.toSorted((a, b) => (a?.createdAt ?? 0) - (b?.createdAt ?? 0)).at(-1)?.id ?? '';
}

describe('the delivery log', () => {
  test('has every attempt with its outcome and size, and no text', async () => {
    const conversationId = await startMeeting('op1');
    const { attempts, givenUp } = await list();
    expect(givenUp).toEqual([]);
    expect(attempts[0]).toEqual({
      conversationId,
      endpoint: helpdesk,
      ack: 1,
      attempt: 1,
      startedAt: new Date(platform.clock.now()).toISOString(),
      ms: 0,
      outcome: 'delivered',
      status: 200,
      bytes: Buffer.byteLength(posts[0]?.body ?? ''),
    });
    expect(posts[0]?.body).toContain(subject);
    expect((await ask('GET', callbacks)).body).not.toContain(subject);
    expect((await ask('GET', `${callbacks}/${conversationId}`)).json().attempts).toEqual(attempts);
  });

  test('repeated attempts are counted; the list is filtered by outcome and endpoint', async () => {
    status = 503;
    await startMeeting('op1');
    await platform.clock.advance(1_000);
    status = 0;
    await platform.clock.advance(2_000);
    status = 200;
    await platform.clock.advance(5_000);
    const { attempts } = await list();
    expect(attempts.map((one: object) => one).reverse()).toMatchObject([
      { attempt: 1, outcome: 'failed', status: 503 },
      { attempt: 2, outcome: 'failed', status: 503 },
      { attempt: 3, outcome: 'failed', problem: 'unreachable' },
      { attempt: 4, outcome: 'delivered', status: 200 },
    ]);
    expect((await list('?outcome=failed')).attempts).toHaveLength(3);
    expect((await list(`?outcome=delivered&endpoint=SIP:Helpdesk@contoso.com`)).attempts).toHaveLength(1);
    expect((await list(`?endpoint=sip:sales@contoso.com`)).attempts).toEqual([]);
    expect((await list(`?limit=2`)).attempts).toHaveLength(2);
    expect((await ask('GET', `${callbacks}?outcome=odd`)).statusCode).toBe(400);
  });

  test('successes cost no commit of their own; a failure is in the store at once, and both survive a restart', async () => {
    let commits = 0;
    const store = openMemoryStore();
    await platform.app.close();
    const counting = {
      ...store,
      commit: ((decide) => {
        commits += 1;
        return store.commit(decide);
      }) as typeof store.commit,
    };
    platform = await startTestPlatform({ post, store: counting });
    const conversationId = await startMeeting('op1');
    const record = () => store.read((snapshot) => snapshot.get('deliveryRecord', conversationId));
    expect(await record()).toBeUndefined();
    const before = commits;
    await platform.clock.advance(30_000);
    expect((await record())?.attempts).toMatchObject([{ outcome: 'delivered' }]);
    // The note of the answer itself, and one for the log of all conversations.
    expect(commits - before).toBeLessThanOrEqual(2);

    status = 500;
    const failing = await startMeeting('op2');
    expect((await store.read((snapshot) => snapshot.get('deliveryRecord', failing)))?.attempts).toMatchObject([
      { outcome: 'failed', status: 500 },
    ]);
    await platform.app.close();
    platform = await startTestPlatform({ post, store });
    expect((await list('?outcome=delivered')).attempts).toMatchObject([{ conversationId }]);
  });

  test('it is bounded, and another tenant sees nothing of it', async () => {
    status = 503;
    const conversationId = await startMeeting('op1');
    for (let round = 0; round < 30; round += 1) {
      platform.clock.jump(30_000);
      await platform.clock.advance(1);
    }
    const record = await platform.store.read((snapshot) => snapshot.get('deliveryRecord', conversationId));
    expect(record?.attempts).toHaveLength(20);
    expect(record?.attempts.at(-1)?.attempt).toBeGreaterThan(25);
    await platform.app.inject({
      method: 'PUT',
      url: '/management/tenants/fabrikam.com',
      headers: { authorization: `Bearer ${operatorToken}` },
      payload: { displayName: 'Fabrikam' },
    });
    const foreign = '/management/tenants/fabrikam.com/callbacks';
    expect((await ask('GET', foreign)).json()).toEqual({ attempts: [], givenUp: [] });
    expect((await ask('GET', `${foreign}/${conversationId}`)).statusCode).toBe(404);
    expect((await ask('POST', `${foreign}/${conversationId}/1/replay`)).statusCode).toBe(404);
  });
});

describe('replay', () => {
  test('a batch that was given up is delivered again with its key and ack, once', async () => {
    status = 400;
    const conversationId = await startMeeting('op1');
    const failed = (await list('?outcome=givenUp')).givenUp;
    expect(failed).toEqual([
      {
        conversationId,
        endpoint: helpdesk,
        ack: 1,
        events: expect.any(Number),
        failedAt: new Date(platform.clock.now()).toISOString(),
        keptUntil: new Date(platform.clock.now() + 24 * 3_600_000).toISOString(),
      },
    ]);
    const [first] = posts;
    const replay = `${callbacks}/${conversationId}/1/replay`;

    await platform.app.inject({
      method: 'PUT',
      url: '/management/tenants/fabrikam.com',
      headers: { authorization: `Bearer ${operatorToken}` },
      payload: { displayName: 'Fabrikam' },
    });
    const foreign = await ask('POST', replay.replace('contoso.com', 'fabrikam.com'));
    expect([foreign.statusCode, posts.length]).toEqual([404, 1]);

    status = 503;
    expect((await ask('POST', replay)).json()).toEqual({ conversationId, ack: 1, outcome: 'failed', status: 503 });
    expect((await list('?outcome=givenUp')).givenUp).toHaveLength(1);
    status = 200;
    expect((await ask('POST', replay)).json()).toEqual({ conversationId, ack: 1, outcome: 'delivered', status: 200 });
    expect(posts.at(-1)).toEqual(first);
    expect(JSON.parse(first?.body ?? '{}')._links.self.href).toMatch(/ack=1/);
    expect((await list('?outcome=givenUp')).givenUp).toEqual([]);
    expect((await ask('POST', replay)).statusCode).toBe(404);
    expect((await list()).attempts[0]).toMatchObject({ outcome: 'delivered', replay: true });
  });

  test('what is kept is forgotten after a day', async () => {
    status = 400;
    const conversationId = await startMeeting('op1');
    status = 200;
    platform.clock.jump(24 * 3_600_000);
    expect((await ask('POST', `${callbacks}/${conversationId}/1/replay`)).statusCode).toBe(404);
    await platform.app.ready();
    await platform.clock.advance(1_000);
    expect(await platform.store.read((snapshot) => snapshot.ids('givenUpBatch'))).toEqual([]);
  });
});

describe('removing an endpoint', () => {
  test('with a living conversation: refused; with force the conversation ends and its meeting is over', async () => {
    const conversationId = await startMeeting('op1');
    const endpoint = `/management/tenants/contoso.com/endpoints/${helpdesk}`;
    expect((await ask('DELETE', endpoint)).statusCode).toBe(409);
    expect((await ask('GET', endpoint)).statusCode).toBe(200);
    expect((await ask('DELETE', `${endpoint}?force`)).statusCode).toBe(204);
    expect((await ask('GET', endpoint)).statusCode).toBe(404);
    const { conversation, meeting } = await platform.store.read((snapshot) => {
      const conversation = snapshot.get('conversation', conversationId);
      return { conversation, meeting: snapshot.get('meeting', conversation?.meetingUri ?? '') };
    });
    expect(conversation?.endedAt).toBe(platform.clock.now());
    expect(meeting?.ended).toBe(true);
    await list();
    expect(await platform.store.read((snapshot) => snapshot.ids('deliveryRecord'))).toEqual([conversationId]);
    // Nothing that is scheduled stumbles over it, and the log goes with the conversation.
    await platform.clock.advance(1_000);
    platform.clock.jump(25 * 3_600_000);
    await platform.clock.advance(1_000);
    expect(
      await platform.store.read((snapshot) => [snapshot.ids('conversation'), snapshot.ids('deliveryRecord')]),
    ).toEqual([[], []]);
  });
});

describe('where callbacks may go', () => {
  test('a name that leads to this machine is called when its block is allowed, and not before', async () => {
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      request.resume();
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const http = createKeepAlivePost(async () => [{ address: '127.0.0.1', family: 4 }]);
    await platform.app.close();
    platform = await startTestPlatform({ post: http.post });
    const put = (path: string, payload: object) =>
      platform.app.inject({
        method: 'PUT',
        url: `/management/tenants/contoso.com${path}`,
        headers: { authorization: `Bearer ${operatorToken}` },
        payload,
      });
    const callbackUrl = `http://sa.example:${port}/callback`;
    await put('/applications/desk', { callbackHosts: ['sa.example', `sa.example:${port}`] });
    expect((await put(`/endpoints/${helpdesk}`, { callbackUrl })).statusCode).toBe(200);

    // The test of a URL of its own, and then callbacks to the default one.
    const refused = await askForMeeting({ operationId: 'op1', callbackUrl });
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({ subcode: 'CallbackUriUnreachable' });
    expect((await askForMeeting({ operationId: 'op2' })).statusCode).toBe(201);
    const attempts = async (outcome: string) => (await list(`?outcome=${outcome}`)).attempts;
    while ((await attempts('failed')).length === 0) await settle();
    expect(await attempts('failed')).toMatchObject([{ problem: 'addressNotAllowed' }]);
    expect(asked).toBe(0);

    await put('/applications/desk', { callbackCidrs: ['127.0.0.0/8'] });
    expect((await askForMeeting({ operationId: 'op3', callbackUrl })).statusCode).toBe(201);
    while ((await attempts('delivered')).length === 0) await settle();
    expect(asked).toBeGreaterThan(1);
    http.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
