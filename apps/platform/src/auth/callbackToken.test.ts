/** The token with which an SA is called back: who it is from, whom it is for, how long it holds, and that it opens nothing here (reference/auth.md 6). */
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Call } from '../testing/injectedCall.ts';
import { createManualClock, type ManualClock, settle } from '../testing/manualClock.ts';
import { operatorToken, publicUrl } from '../testing/testPlatform.ts';
import { openTwoTenants, type TwoTenants } from '../testing/twoTenants.ts';

let clock: ManualClock;
let two: TwoTenants;
let call: Call;
let tokens: string[];

beforeEach(async () => {
  tokens = [];
  clock = createManualClock();
  two = await openTwoTenants({
    clock,
    post: async (_url, { headers }) => {
      const authorization = headers.Authorization ?? headers.authorization ?? '';
      expect(authorization).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
      tokens.push(authorization.slice('Bearer '.length));
      return new Response(null, { status: 200 });
    },
  });
  call = await two.bridge('contoso.com', 'called-back');
  await until(0);
  await settle();
});

/** Signing takes a moment of another thread. */
const until = (before: number): Promise<void> => vi.waitFor(() => expect(tokens.length).toBeGreaterThan(before), 5_000);

/** Something that the SA has to be told. */
async function news(): Promise<string> {
  const before = tokens.length;
  const url = `/ucwa/psanon/v1/applications/${call.visitor.id}/communication/conversations/${call.visitor.conversationId}/messaging/messages`;
  const { status } = await two.send('POST', url, {
    token: call.visitor.token,
    body: 'news',
    headers: { 'content-type': 'text/plain' },
  });
  expect(status).toBe(201);
  await until(before);
  return tokens.at(-1) ?? '';
}

test('the claims, and a signature that the published keys verify', async () => {
  const token = tokens[0] ?? '';
  const seconds = Math.floor(clock.now() / 1000);
  const serviceId = '00000004-0000-0ff1-ce00-000000000000';
  const issuer = `${publicUrl}/oauth2/${call.tenantId}`;
  expect(decodeJwt(token)).toEqual({
    aud: 'https://desk.example',
    iss: issuer,
    idp: issuer,
    tid: call.tenantId,
    appid: serviceId,
    appidacr: '2',
    oid: serviceId,
    sub: serviceId,
    iat: seconds,
    nbf: seconds,
    exp: seconds + 3_900,
    ver: '1.0',
  });
  const { alg, kid, x5t } = decodeProtectedHeader(token);
  expect({ alg, kid }).toEqual({ alg: 'RS256', kid: x5t });
  const keySet = JSON.parse((await two.send('GET', '/oauth2/keys')).body) as JSONWebKeySet;
  expect(keySet.keys.every((key) => !('d' in key))).toBe(true);
  const currentDate = new Date(clock.now());
  const options = { issuer, audience: 'https://desk.example', algorithms: ['RS256'], currentDate };
  await expect(jwtVerify(token, createLocalJWKSet(keySet), options)).resolves.toBeDefined();
  await expect(
    jwtVerify(token, createLocalJWKSet(keySet), { ...options, audience: 'https://other.example' }),
  ).rejects.toThrow();
});

test('the audience of the endpoint wins over the application’s', async () => {
  const body = { audience: 'https://helpdesk.example' };
  const url = `/management/tenants/contoso.com/endpoints/${call.endpointUri}`;
  expect((await two.send('PUT', url, { token: operatorToken, body })).status).toBe(200);
  expect(decodeJwt(await news()).aud).toBe('https://helpdesk.example');
});

test('one is used again until five minutes before its end, then there is a new one', async () => {
  const first = await news();
  expect(await news()).toBe(first);
  // The visitor is heard of now and then, or its application would be over.
  const poll = async (): Promise<void> => {
    const { body } = await two.send('GET', `/ucwa/psanon/v1/applications/${call.visitor.id}`, {
      token: call.visitor.token,
    });
    expect(body).toContain('events');
  };
  clock.jump((3_900 - 300) * 1_000 - 1_000);
  await poll();
  expect(await news()).toBe(first);
  clock.jump(2_000);
  const second = await news();
  expect(second).not.toBe(first);
  expect(Number(decodeJwt(second).exp)).toBeGreaterThan(Number(decodeJwt(first).exp));
});

test('another tenant’s SA gets another token', async () => {
  const before = tokens.length;
  const foreign = await two.bridge('fabrikam.com', 'elsewhere');
  await until(before);
  expect(tokens.slice(before).map((token) => decodeJwt(token).tid)).toEqual(
    tokens.slice(before).map(() => foreign.tenantId),
  );
});

test('it opens nothing here', async () => {
  const token = tokens[0] ?? '';
  for (const url of [
    `/platformservice/v1/applications?endpointId=${call.endpointUri}`,
    `/ucwa/psanon/v1/applications/${call.visitor.id}`,
    `/ucwa/oauth/v1/applications/${call.agent.id}`,
    '/management/tenants/contoso.com',
  ])
    for (const spelling of [token, `psat=${token}`])
      expect((await two.send('GET', url, { token: spelling })).status).toBe(401);
});
