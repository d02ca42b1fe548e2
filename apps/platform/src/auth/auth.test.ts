import { generateKeyPair, SignJWT } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  deskOrigin,
  helpdesk,
  operatorToken,
  startTestPlatform,
  type TestPlatform,
  visitorOrigin,
} from '../testing/testPlatform.ts';

let platform: TestPlatform;
beforeEach(async () => {
  platform = await startTestPlatform();
});

const applications = `/platformservice/v1/applications?endpointId=${helpdesk}`;
const get = (url: string, headers: Record<string, string> = {}) => platform.app.inject({ method: 'GET', url, headers });
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe('service tokens', () => {
  test('without a token: 401, both challenges on lines of their own, HTML', async () => {
    const answer = await get(applications, { 'client-request-id': 'job-7' });
    expect(answer.statusCode).toBe(401);
    const challenges = answer.headers['www-authenticate'];
    expect(challenges).toHaveLength(2);
    expect(challenges?.[1]).toMatch(/^MsRtcOAuth href="[^"]+",grant_type="[^"]+"$/);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.headers['x-ms-correlation-id']).toMatch(/^\d+$/);
    expect(answer.headers['x-ms-server-fqdn']).toBe('platform.example');
    expect(answer.headers['client-request-id']).toBe('job-7');
  });

  test('a good token opens its own endpoint, written in any way', async () => {
    const token = await platform.serviceToken();
    for (const endpointId of [helpdesk, 'sip%3ahelpdesk%40contoso.com', 'SIP:Helpdesk@contoso.com']) {
      const answer = await get(`/platformService/V1/Applications?ENDPOINTID=${endpointId}`, bearer(token));
      expect(answer.statusCode).toBe(200);
    }
  });

  test('an endpoint of another application, an unknown one or none: 403 ApplicationNotFound', async () => {
    const token = await platform.serviceToken();
    for (const query of ['?endpointId=sip:sales@contoso.com', '?endpointId=sip:nobody@contoso.com', '']) {
      const answer = await get(`/platformservice/v1/applications${query}`, bearer(token));
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'Forbidden', subcode: 'ApplicationNotFound' });
    }
  });

  test('another application id in the path: 404 ApplicationNotFound', async () => {
    const answer = await get(
      `/platformservice/v1/applications/123?endpointId=${helpdesk}`,
      bearer(await platform.serviceToken()),
    );
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'NotFound', subcode: 'ApplicationNotFound' });
  });

  test('expired, after the allowed skew: 401', async () => {
    const token = await platform.serviceToken();
    platform.clock.jump(3_600_000 + 299_000);
    expect((await get(applications, bearer(token))).statusCode).toBe(200);
    platform.clock.jump(2_000);
    expect((await get(applications, bearer(token))).statusCode).toBe(401);
  });

  test('signed by somebody else, with another algorithm, or with none: 401', async () => {
    const seconds = platform.clock.now() / 1000;
    const claims = {
      iss: 'http://platform.example/oauth2/x',
      aud: 'http://platform.example',
      appid: 'desk',
      tid: 'x',
      exp: seconds + 60,
    };
    const { privateKey } = await generateKeyPair('RS256');
    const foreign = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
    const symmetric = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode('x'.repeat(32)));
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
    for (const token of [foreign, symmetric, none, 'rubbish']) {
      expect((await get(applications, bearer(token))).statusCode).toBe(401);
    }
  });

  test("a person's or a visitor's token is no application's", async () => {
    const visitor = await platform.visitorToken();
    for (const token of [await platform.agentToken('sip:ann@contoso.com'), visitor.token, visitor.token.slice(5)]) {
      expect((await get(applications, bearer(token))).statusCode).toBe(401);
    }
  });

  test('a wrong secret is refused in the shape of OAuth', async () => {
    const answer = await platform.app.inject({
      method: 'POST',
      url: '/oauth2/contoso.com/token',
      headers: { 'content-type': "application/x-www-form-urlencoded;charset='utf-8'" },
      payload: 'grant_type=client_credentials&client_id=desk&client_secret=wrong',
    });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toEqual({ error: 'invalid_client' });
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe('visitor tokens', () => {
  test('discover takes the token with its escapes in any depth, and refuses rubbish', async () => {
    const { token, discoverHref } = await platform.visitorToken();
    expect(discoverHref).toContain('?anonymousContext=psat%253d');
    const jwt = token.slice('psat='.length);
    for (const context of [`psat%253d${jwt}`, `psat%3d${jwt}`, `psat=${jwt}`, `PSAT%253D${jwt}`]) {
      const answer = await get(`/platformservice/discover?anonymousContext=${context}`);
      expect(answer.json()._links.anonApplications.href).toBe('http://platform.example/ucwa/psanon/v1/applications');
    }
    expect((await get(`/platformservice/discover?anonymousContext=${jwt}`)).statusCode).toBe(401);
    expect((await get(`/platformservice/discover?anonymousContext=psat=x`)).statusCode).toBe(401);
  });

  test('a header that comes along has to carry the same token', async () => {
    const first = await platform.visitorToken('one');
    const second = await platform.visitorToken('two');
    const url = first.discoverHref.replace('http://platform.example', '');
    expect((await get(url, bearer(first.token))).statusCode).toBe(200);
    expect((await get(url, bearer(second.token))).statusCode).toBe(401);
  });

  test('an origin of the list may read the answer, another gets 403 that no script can read', async () => {
    const url = (await platform.visitorToken()).discoverHref.replace('http://platform.example', '');
    const good = await get(url, { origin: visitorOrigin });
    expect(good.statusCode).toBe(200);
    expect(good.headers['access-control-allow-origin']).toBe(visitorOrigin);
    expect(good.headers.vary).toContain('Origin');
    for (const origin of ['http://shop.example', 'https://www.shop.example', 'https://shop.example:8443', 'null']) {
      const bad = await get(url, { origin });
      expect(bad.statusCode).toBe(403);
      expect(bad.headers['access-control-allow-origin']).toBeUndefined();
      expect(bad.headers['x-ms-diagnostics']).toContain('reason="');
      expect(bad.json()).toMatchObject({ code: 'Forbidden' });
    }
    expect((await get(url)).statusCode).toBe(200);
  });

  test('expired: 401 that the page may read, another page may not', async () => {
    const url = (await platform.visitorToken()).discoverHref.replace('http://platform.example', '');
    platform.clock.jump(8 * 3_600_000);
    const answer = await get(url, { origin: visitorOrigin });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['access-control-allow-origin']).toBe(visitorOrigin);
    const foreign = await get(url, { origin: 'https://evil.example' });
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('the claims are those of the captures', async () => {
    const { token } = await platform.visitorToken();
    const [header = '', payload = ''] = token.slice('psat='.length).split('.');
    expect(Object.keys(JSON.parse(Buffer.from(header, 'base64url').toString())).sort()).toEqual(['alg', 'typ', 'x5t']);
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect(claims).toMatchObject({ asi: 'session-1', aeu: helpdesk, ao: visitorOrigin });
    expect(claims.exp - claims.nbf).toBe(28_800);
  });
});

describe('people and operators', () => {
  test("an agent's token works from the tenant's origins only", async () => {
    const token = await platform.agentToken('sip:ann@contoso.com');
    const url = '/ucwa/oauth/v1/user';
    const good = await get(url, { ...bearer(token), origin: deskOrigin });
    expect(good.statusCode).toBe(200);
    expect(good.headers['access-control-allow-origin']).toBe(deskOrigin);
    const bad = await get(url, { ...bearer(token), origin: visitorOrigin });
    expect(bad.statusCode).toBe(403);
    expect(bad.headers['access-control-allow-origin']).toBeUndefined();
    const stranger = await get(url, { origin: deskOrigin });
    expect(stranger.statusCode).toBe(401);
    expect(stranger.headers['access-control-allow-origin']).toBe(deskOrigin);
    expect((await get(url, bearer(await platform.serviceToken()))).statusCode).toBe(401);
  });

  test('no token for somebody who is not of the tenant', async () => {
    expect(await platform.agentToken('sip:eve@contoso.com')).toBe('undefined');
  });

  test('preflights: any origin for visitors, listed ones for agents', async () => {
    const ask = (url: string, origin: string) =>
      platform.app.inject({ method: 'OPTIONS', url, headers: { origin, 'access-control-request-method': 'POST' } });
    const visitor = await ask('/ucwa/psanon/v1/applications', 'https://anywhere.example');
    expect(visitor.statusCode).toBe(204);
    expect(visitor.headers['access-control-allow-origin']).toBe('https://anywhere.example');
    expect(visitor.headers['access-control-allow-headers']).toContain('Authorization');
    expect((await ask('/ucwa/oauth/v1/applications', deskOrigin)).headers['access-control-allow-origin']).toBe(
      deskOrigin,
    );
    const foreign = await ask('/ucwa/oauth/v1/applications', visitorOrigin);
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
    expect(foreign.headers['access-control-allow-methods']).toBeUndefined();
  });

  test('management is the operator’s, and shows no secret', async () => {
    const url = '/management/tenants/contoso.com/applications/desk';
    expect((await get(url)).statusCode).toBe(401);
    expect((await get(url, bearer(await platform.serviceToken()))).statusCode).toBe(401);
    const answer = await get(url, bearer(operatorToken));
    expect(answer.statusCode).toBe(200);
    expect(answer.body).not.toContain('scrypt');
  });
});
