/** Limits of several processes on one Redis. */
import { createClient } from 'redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultLimits } from './limits.ts';
import { createRateLimits } from './rateLimits.ts';
import { type RedisServer, startRedisServer } from './testing/redisServer.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedisServer();
}, 30_000);
afterAll(() => server.stop());

test('processes count together, and each for itself while Redis is away', async () => {
  // A command that finds no connection fails at once, as in a server that has to answer.
  const client = await createClient({ url: server.url, disableOfflineQueue: true })
    .on('error', () => undefined)
    .connect();
  const limits = { ...defaultLimits, invitationsPerToken: 2, tokenFailuresPerClient: 1 };
  const counts = { client, prefix: '{one}:' };
  const [first, second] = [createRateLimits(limits, counts), createRateLimits(limits, counts)];
  const elsewhere = { key: '203.0.113.7', isLocal: false };
  await first.countInvitation('person', 'vera', elsewhere);
  await second.countInvitation('person', 'vera', elsewhere);
  await expect(first.countInvitation('person', 'vera', elsewhere)).rejects.toMatchObject({ status: 429 });
  await expect(second.countInvitation('person', 'vera', elsewhere)).rejects.toMatchObject({ status: 429 });
  await second.countInvitation('person', 'walter', elsewhere);
  const another = createRateLimits(limits, { client, prefix: '{another}:' });
  await another.countInvitation('person', 'vera', elsewhere);
  const attempt = await first.tokenAttempt('desk', elsewhere);
  await attempt.count();
  await expect(second.tokenAttempt('desk', elsewhere)).rejects.toMatchObject({ status: 429 });
  await attempt.notRefused();
  await (await second.tokenAttempt('desk', elsewhere)).refused();
  await expect(first.tokenAttempt('desk', elsewhere)).rejects.toMatchObject({ status: 429 });

  await server.kill();
  await first.countInvitation('person', 'xaver', elsewhere);
  await first.countInvitation('person', 'xaver', elsewhere);
  await expect(first.countInvitation('person', 'xaver', elsewhere)).rejects.toMatchObject({ status: 429 });
  await second.countInvitation('person', 'xaver', elsewhere);
  client.destroy();
}, 30_000);
