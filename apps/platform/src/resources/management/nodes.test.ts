/** What operators do on one node holds on the others (two nodes on one Redis, without a shared folder). */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadKeys } from '../../auth/keys.ts';
import { redisSecrets } from '../../cluster/redisSecrets.ts';
import { openRedisStore } from '../../store/redis.ts';
import { connectRedis, type RedisLink } from '../../store/redisLink.ts';
import { createManualClock, settle } from '../../testing/manualClock.ts';
import { type RedisServer, startRedisServer } from '../../testing/redisServer.ts';
import { helpdesk, operatorToken, startTestPlatform, type TestPlatform } from '../../testing/testPlatform.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const clock = createManualClock();
let redis: RedisServer;
const links: RedisLink[] = [];
let status = 200;
let one: TestPlatform;
let two: TestPlatform;

async function startNode(): Promise<TestPlatform> {
  const link = await connectRedis(redis.url, 'management', () => undefined);
  links.push(link);
  const keys = await loadKeys(redisSecrets(link), clock);
  const post = async () => new Response(null, { status });
  return startTestPlatform({ clock, keys, post, store: openRedisStore(link, () => clock.now()) });
}

beforeAll(async () => {
  redis = await startRedisServer();
  one = await startNode();
  two = await startNode();
});
afterAll(async () => {
  for (const { app } of [one, two]) await app.close();
  for (const link of links) await link.close();
  await redis.stop();
});

const ask = (node: TestPlatform, method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, payload?: object) =>
  node.app.inject({
    method,
    url: `/management/${url}`,
    headers: { authorization: `Bearer ${operatorToken}` },
    ...(payload === undefined ? {} : { payload }),
  });

test('a key that is made on one node signs on all of them, and each checks what any has signed', async () => {
  const published = async (node: TestPlatform) =>
    (await node.app.inject({ method: 'GET', url: '/oauth2/keys' })).json<{ keys: { kid: string }[] }>().keys.length;
  const old = await two.visitorToken('before');
  expect((await ask(one, 'POST', 'signingKeys', { activatesInSeconds: 600 })).statusCode).toBe(201);
  expect((await ask(two, 'POST', 'signingKeys')).statusCode).toBe(409);
  clock.jump(30_000);
  expect([await published(one), await published(two)]).toEqual([2, 2]);
  clock.jump(600_000);
  const young = await two.visitorToken('after');
  for (const node of [one, two]) {
    for (const { discoverHref } of [old, young]) {
      const url = discoverHref.replace('http://platform.example', '');
      expect((await node.app.inject({ method: 'GET', url })).statusCode).toBe(200);
    }
  }
});

test('a callback that one node gave up is listed and delivered again by the other; then the endpoint is removed', async () => {
  status = 400;
  const answer = await one.app.inject({
    method: 'POST',
    url: `/platformservice/tgt-1${one.applicationPath.replace('/platformservice', '')}/communication/onlineMeetingInvitations/startAdhocMeeting?endpointId=${helpdesk}`,
    headers: { authorization: `Bearer ${await two.serviceToken()}` },
    payload: { operationId: 'op1', subject: 'x' },
  });
  expect(answer.statusCode).toBe(201);
  const callbacks = 'tenants/contoso.com/callbacks';
  const givenUp = async () =>
    (await ask(two, 'GET', callbacks)).json<{ givenUp: { conversationId: string; ack: number }[] }>().givenUp;
  while ((await givenUp()).length === 0) await settle();
  const [batch] = await givenUp();
  status = 200;
  const replayed = await ask(two, 'POST', `${callbacks}/${batch?.conversationId}/${batch?.ack}/replay`);
  expect(replayed.json()).toMatchObject({ outcome: 'delivered' });
  const { attempts } = (await ask(one, 'GET', `${callbacks}?outcome=permanent`)).json();
  expect(attempts).toMatchObject([{ conversationId: batch?.conversationId, ack: 1, status: 400 }]);

  const endpoint = `tenants/contoso.com/endpoints/${helpdesk}`;
  expect((await ask(two, 'DELETE', endpoint)).statusCode).toBe(409);
  expect((await ask(two, 'DELETE', `${endpoint}?force`)).statusCode).toBe(204);
  expect((await ask(two, 'GET', endpoint)).statusCode).toBe(404);
});
