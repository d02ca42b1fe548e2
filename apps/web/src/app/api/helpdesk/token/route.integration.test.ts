import type { Database } from '@repo/db/client';
import { openTestDatabase } from '@repo/db/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHarness, type Harness, pageOrigin } from '../../../../serviceApp/testing/helpdeskHarness.ts';
import { shareServiceApp } from '../../../../serviceApp/wiring.ts';
import { POST as callback, GET as callbackProbe } from '../../callback/route.ts';
import { GET as health } from '../../health/route.ts';
import { OPTIONS, POST } from './route.ts';

let db: Database;
let harness: Harness;

beforeAll(async () => {
  db = await openTestDatabase();
}, 60_000);
afterAll(async () => {
  shareServiceApp(undefined);
  await db.close();
});
beforeEach(async () => {
  harness = await createHarness(db);
  shareServiceApp(harness.startInstance());
});

const url = 'http://localhost:3000/api/helpdesk/token';
const ask = (body: BodyInit, origin?: string) =>
  POST(new Request(url, { method: 'POST', body, headers: origin === undefined ? {} : { Origin: origin } }));
const allowOrigin = (response: Response) => response.headers.get('Access-Control-Allow-Origin');

describe('the token route', { timeout: 60_000 }, () => {
  it('answers a page that may show the helpdesk, and echoes its origin', async () => {
    const response = await ask('{"helpdesk":"contoso"}', pageOrigin);
    expect([response.status, allowOrigin(response)]).toEqual([200, pageOrigin]);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(response.headers.get('Vary')).toBe('Origin');
    expect(await response.json()).toMatchObject({ token: 'psat=x', helpdeskUri: 'sip:helpdesk@contoso.com' });
  });

  it('lets a program without origin ask, and gives it no CORS header', async () => {
    const response = await ask('{"helpdesk":"contoso"}');
    expect([response.status, allowOrigin(response)]).toEqual([200, null]);
  });

  it.each([
    ['another page', '{"helpdesk":"contoso"}', 'https://evil.example', 403, 'Forbidden', null],
    ['an unknown key', '{"helpdesk":"nobody"}', pageOrigin, 404, 'NotFound', pageOrigin],
    ['an unknown key from another page', '{"helpdesk":"nobody"}', 'https://evil.example', 404, 'NotFound', null],
    ['no JSON', 'helpdesk=contoso', pageOrigin, 400, 'BadRequest', pageOrigin],
    ['a body beyond 64 KiB', `"${'x'.repeat(64 * 1024)}"`, pageOrigin, 413, 'EntityTooLarge', pageOrigin],
  ])('refuses %s with the error body', async (_case, body, origin, status, code, allowed) => {
    const response = await ask(body, origin);
    expect([response.status, allowOrigin(response)]).toEqual([status, allowed]);
    expect(response.headers.get('Content-Type')).toMatch(/^application\/json/);
    expect(await response.json()).toMatchObject({ code, message: expect.any(String) });
  });

  it('stops reading a body that does not say its length and does not end', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        sent += 1;
        controller.enqueue(new Uint8Array(16 * 1024));
      },
    });
    const init = { method: 'POST', body: endless, duplex: 'half' } as RequestInit;
    expect((await POST(new Request(url, init))).status).toBe(413);
    expect(sent).toBeLessThan(10);
  });

  it('says when to ask again while the platform is away', async () => {
    harness.platform.setFault(() => 'unreachable');
    const response = await ask('{"helpdesk":"contoso"}', pageOrigin);
    expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '5']);
    expect(await response.json()).toMatchObject({ code: 'ServiceUnavailable' });
  });

  it('answers preflights of pages that show a helpdesk, and of no others', async () => {
    const preflight = (origin: string) => OPTIONS(new Request(url, { method: 'OPTIONS', headers: { Origin: origin } }));
    const allowed = await preflight(pageOrigin);
    expect([allowed.status, allowOrigin(allowed)]).toEqual([204, pageOrigin]);
    expect(allowed.headers.get('Access-Control-Allow-Headers')).toContain('Content-Type');
    const refused = await preflight('https://evil.example');
    expect([refused.status, allowOrigin(refused)]).toEqual([403, null]);
  });
});

describe('the callback route', { timeout: 60_000 }, () => {
  const callbackUrl = 'http://localhost:3000/api/callback';

  it('takes a batch in and answers with the context', async () => {
    harness.invite();
    await harness.platform.deliver(async ({ body }) => {
      const headers = { Authorization: `Bearer ${await harness.platform.sign({})}` };
      const response = await callback(new Request(callbackUrl, { method: 'POST', body, headers }));
      expect(response.status).toBe(200);
      const answer: { CallbackContext: string } = await response.json();
      const again = `${callbackUrl}?callbackContext=${answer.CallbackContext}`;
      expect((await callback(new Request(again, { method: 'POST', body, headers }))).status).toBe(200);
      return answer;
    });
  });

  it('refuses a stranger with 401', async () => {
    const response = await callback(new Request(callbackUrl, { method: 'POST', body: '{}' }));
    expect([response.status, response.headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer']);
  });

  it('does not take in the body of somebody whose token is not of the platform', async () => {
    const pull = vi.fn((controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(65_536)));
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    const init = { method: 'POST', body, duplex: 'half', headers: { Authorization: 'Bearer a.b.c' } } as RequestInit;
    expect((await callback(new Request(callbackUrl, init))).status).toBe(401);
    expect(pull).not.toHaveBeenCalled();
  });

  it('answers GET, which is how the platform looks whether anybody is there', () => {
    expect(callbackProbe().status).toBe(200);
  });
});

describe('the health route', () => {
  it('is 200 while the service application runs, 503 before', async () => {
    expect((await health()).status).toBe(200);
    shareServiceApp(undefined);
    expect((await health()).status).toBe(503);
  });
});
