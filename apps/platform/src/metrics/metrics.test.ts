/** What /metrics answers, to whom, and that docs/operations.md lists exactly that. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settle } from '../testing/manualClock.ts';
import { helpdesk, operatorToken, startTestPlatform, type TestPlatform } from '../testing/testPlatform.ts';
import { createMetrics } from './metrics.ts';

/** For `expect.poll`: the machine may be busy. */
const patient = { timeout: 5_000 };

const metricsToken = 'token-of-the-prometheus-server';
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform({ operations: { metricsToken } });
});
afterAll(() => platform.app.close());

const read = (headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
  platform.app.inject({ method: 'GET', url: '/metrics', headers, remoteAddress });
const countOf = async (line: string): Promise<number> => {
  const text = (await read()).body;
  return Number(
    text
      .split('\n')
      .find((one) => one.startsWith(line))
      ?.slice(line.length) ?? 0,
  );
};

describe('who may read', () => {
  test('this machine may, and whoever has the token of the metrics or of the operator', async () => {
    expect((await read()).statusCode).toBe(200);
    for (const token of [metricsToken, operatorToken])
      expect((await read({ authorization: `Bearer ${token}` }, '203.0.113.7')).statusCode).toBe(200);
  });

  test('others may not, nor somebody whom a proxy on this machine brings', async () => {
    expect((await read({}, '203.0.113.7')).statusCode).toBe(401);
    expect((await read({ authorization: 'Bearer wrong' }, '203.0.113.7')).statusCode).toBe(401);
    expect((await read({ 'x-forwarded-for': '203.0.113.7' })).statusCode).toBe(401);
    expect((await read({ forwarded: 'for=203.0.113.7' })).statusCode).toBe(401);
  });
});

describe('what is counted', () => {
  test('requests by face, rel and status; an address that is none has one name', async () => {
    const line = 'platform_request_seconds_count{face="none",rel="unknown",method="GET",status="404"} ';
    const before = await countOf(line);
    await platform.app.inject('/one/address');
    await platform.app.inject('/another/address');
    expect(await countOf(line)).toBe(before + 2);
    const tenants = 'platform_request_seconds_count{face="management",rel="tenant",method="PUT",status="200"} ';
    expect(await countOf(tenants)).toBeGreaterThan(0);
  });

  test('commits, waiting events, parked requests, callbacks', async () => {
    const commits = await countOf('platform_commit_seconds_count ');
    const { token } = await platform.visitorToken();
    const headers = { authorization: `Bearer ${token}` };
    const url = '/ucwa/psanon/v1/applications';
    const made = await platform.app.inject({ method: 'POST', url, headers, payload: { anonymousDisplayName: 'Vera' } });
    const { self, events } = made.json<{ _links: Record<'self' | 'events', { href: string }> }>()._links;
    await platform.app.inject({
      method: 'POST',
      url: `${self.href}/communication/messagingInvitations`,
      headers,
      payload: { operationId: 'o', to: helpdesk },
    });
    await settle();
    expect(await countOf('platform_commit_seconds_count ')).toBeGreaterThan(commits);
    expect(await countOf('platform_channel_depth_count{face="ucwa"} ')).toBeGreaterThan(0);
    expect(await countOf('platform_channel_depth_count{face="service"} ')).toBeGreaterThan(0);
    await expect.poll(() => countOf('platform_callback_post_seconds_count{status="200"} '), patient).toBeGreaterThan(0);
    await expect
      .poll(() => countOf('platform_callback_lag_seconds_count{ending="delivered"} '), patient)
      .toBeGreaterThan(0);
    const first = await platform.app.inject({ method: 'GET', url: events.href, headers });
    const next = first.json<{ _links: { next: { href: string } } }>()._links.next.href;
    const parked = platform.app.inject({ method: 'GET', url: next, headers });
    await settle();
    expect(await countOf('platform_parked_requests ')).toBe(1);
    platform.app.pendingGets.close();
    await parked;
    expect(await countOf('platform_parked_requests ')).toBe(0);
  });
});

test('docs/operations.md lists every metric of this server and no other', async () => {
  const text = readFileSync(join(import.meta.dirname, '../../../../docs/operations.md'), 'utf8');
  const documented = Array.from(text.matchAll(/^\| `(platform_\w+)`/gm), ([, name]) => name);
  const served = Array.from((await read()).body.matchAll(/^# TYPE (\w+)/gm), ([, name]) => name);
  expect(documented.toSorted()).toEqual(served.toSorted());
  expect(createMetrics(true).registry.getSingleMetric('nodejs_eventloop_lag_seconds')).toBeDefined();
  expect(createMetrics(true).registry.getSingleMetric('process_resident_memory_bytes')).toBeDefined();
});
