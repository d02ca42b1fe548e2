import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openMemoryStore } from './store/memory.ts';
import type { Store } from './store/store.ts';
import { helpdesk, operatorToken, startTestPlatform, type TestPlatform } from './testing/testPlatform.ts';

let platform: TestPlatform;
let token: string;
beforeEach(async () => {
  platform = await startTestPlatform();
  token = await platform.serviceToken();
});
afterEach(() => platform.app.close());

const tokens = (): string => `${platform.applicationPath}/anonApplicationTokens?endpointId=${helpdesk}`;
const post = (payload: string | Buffer | undefined, contentType?: string) =>
  platform.app.inject({
    method: 'POST',
    url: tokens(),
    headers: {
      authorization: `Bearer ${token}`,
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
    },
    ...(payload === undefined ? {} : { payload }),
  });
const good = JSON.stringify({ applicationSessionId: 's', allowedOrigins: 'https://a.example' });

describe('bodies', () => {
  test('names in any case, unknown members, and the alias media type are accepted', async () => {
    const body = JSON.stringify({
      APPLICATIONSESSIONID: 's',
      AllowedOrigins: 'https://a.example',
      more: { x: 1 },
      meetingUrl: null,
    });
    expect((await post(body, 'application/json')).statusCode).toBe(200);
    expect((await post(good, 'application/vnd.microsoft.com.ucwa+json; charset=utf-8')).statusCode).toBe(200);
    expect((await post(good)).statusCode).toBe(200);
  });

  test('bad JSON: 400 DeserializationFailure', async () => {
    const answer = await post('{"a":', 'application/json');
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.json()).toMatchObject({ code: 'BadRequest', subcode: 'DeserializationFailure' });
  });

  test('a missing input: 400 that names it, also without any body', async () => {
    for (const answer of [
      await post('{"allowedOrigins":"https://a.example"}', 'application/json'),
      await post(undefined),
    ]) {
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({
        subcode: 'ParameterValidationFailure',
        parameters: { applicationSessionId: 'missing' },
      });
    }
  });

  test('what is no text, NUL or half a surrogate pair: 400 that names it', async () => {
    for (const broken of ['a\\u0000b', 'a\\ud800b']) {
      const answer = await post(
        `{"applicationSessionId":"${broken}","allowedOrigins":"https://a.example"}`,
        'application/json',
      );
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ parameters: { applicationSessionId: 'invalid' } });
    }
  });

  test('beyond 64 KiB: 413 EntityTooLarge', async () => {
    const answer = await post(JSON.stringify({ x: 'y'.repeat(64 * 1024) }), 'application/json');
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ code: 'EntityTooLarge' });
    expect(answer.headers['x-ms-correlation-id']).toBeDefined();
  });

  test('other media types, forms included: 415', async () => {
    for (const type of ['application/xml', 'application/x-www-form-urlencoded', 'image/png']) {
      const answer = await post('a=b', type);
      expect(answer.statusCode).toBe(415);
      expect(answer.json()).toMatchObject({ code: 'UnsupportedMediaType' });
    }
  });

  test('multipart/related: the first part is the input', async () => {
    const body = `\r\n--b1\r\nContent-Type: application/json; charset=utf-8\r\n\r\n${good}\r\n--b1\r\nContent-ID: 2\r\nContent-Type: text/x-cart\r\n\r\nitem=4711\r\n--b1--\r\n`;
    expect((await post(body, 'multipart/related; boundary="b1"; type="application/json"')).statusCode).toBe(200);
    expect((await post('--b1\r\nrubbish', 'multipart/related; boundary=b1')).statusCode).toBe(400);
  });
});

describe('addresses', () => {
  test('unknown: 404; another verb: 405 with Allow', async () => {
    const unknown = await platform.app.inject({ method: 'GET', url: '/nowhere' });
    expect(unknown.statusCode).toBe(404);
    expect(unknown.json()).toMatchObject({ code: 'NotFound' });
    const other = await platform.app.inject({ method: 'DELETE', url: '/PlatformService/Discover' });
    expect(other.statusCode).toBe(405);
    expect(other.headers.allow).toBe('GET, OPTIONS');
    expect(other.json()).toMatchObject({ code: 'MethodNotAllowed' });
    expect(other.headers['x-ms-server-fqdn']).toBe('platform.example');
  });

  test('what breaks inside says nothing to the caller', async () => {
    const store = openMemoryStore();
    let isBroken = false;
    const breaking: Store = {
      ...store,
      read: (look) => {
        if (isBroken) throw new Error('secret detail');
        return store.read(look);
      },
    };
    const broken = await startTestPlatform({ store: breaking });
    isBroken = true;
    const answer = await broken.app.inject({ method: 'GET', url: '/readyz' });
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'ServiceFailure' });
    expect(answer.body).not.toContain('secret detail');
  });
});

describe('management', () => {
  const put = (path: string, payload: object) =>
    platform.app.inject({
      method: 'PUT',
      url: `/management/tenants/contoso.com${path}`,
      headers: { authorization: `Bearer ${operatorToken}` },
      payload,
    });

  test('a repeated PUT keeps ids, and a callback host that is not listed is refused', async () => {
    const endpoint = { clientId: 'desk', displayName: 'Help desk', callbackUrl: 'https://sa.example/other' };
    const answer = await put(`/endpoints/${helpdesk}`, endpoint);
    expect(platform.applicationPath).toContain(answer.json<{ applicationId: string }>().applicationId);
    expect(answer.json<{ applicationId: string }>().applicationId).toMatch(/^\d{10}$/);
    const refused = await put(`/endpoints/${helpdesk}`, { ...endpoint, callbackUrl: 'https://evil.example/callback' });
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({ parameters: { callbackUrl: expect.any(String) } });
  });

  test('an address of another domain is refused', async () => {
    expect((await put('/people/sip:ann@fabrikam.com', { displayName: 'Ann' })).statusCode).toBe(400);
  });
});
