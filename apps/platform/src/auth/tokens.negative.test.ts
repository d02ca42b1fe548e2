/**
 * Tokens that must not open anything: for each kind every claim wrong, missing or foreign, every trick with the signature, and good
 * tokens whose time, session or registration is over (reference/auth.md 2.2, 3.2, 7). All over HTTP, with tokens that this platform signed.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { endpointKey, personKey, serviceClientKey } from '../model/registration.ts';
import type { Call } from '../testing/injectedCall.ts';
import { createManualClock, type ManualClock } from '../testing/manualClock.ts';
import { helpdesk } from '../testing/testPlatform.ts';
import { type Answer, openTwoTenants, type TwoTenants } from '../testing/twoTenants.ts';
import { type Keys, loadKeys } from './keys.ts';
import { fileSecrets } from './secretStore.ts';

const folder = mkdtempSync(join(tmpdir(), 'bridgedesk-tokens-'));
let clock: ManualClock;
let keys: Keys;
let two: TwoTenants;
let call: Call;

/** Anew for every kind, and for every test that takes something away. */
async function begin(): Promise<void> {
  clock = createManualClock();
  keys = await loadKeys(fileSecrets(folder), clock);
  two = await openTwoTenants({ clock, keys });
  call = await two.bridge('contoso.com', 'mine');
}

const seconds = (): number => Math.floor(clock.now() / 1000);

/** One kind of token: how a good one looks, what it opens, and which of its claims must be there. */
interface Kind {
  readonly name: string;
  readonly prefix: string;
  readonly token: () => string;
  /** Something of its own, and the place where it begins. */
  readonly url: () => string;
  readonly entry: () => string;
  readonly skew: number;
  readonly required: readonly string[];
}

const kinds: readonly Kind[] = [
  {
    name: 'SA token',
    prefix: '',
    token: () => call.serviceToken,
    url: () => `/platformservice/v1/applications/${call.applicationId}?endpointId=${helpdesk}`,
    entry: () => `/platformservice/v1/applications?endpointId=${helpdesk}`,
    skew: 300,
    required: ['iss', 'aud', 'exp', 'tid', 'appid'],
  },
  {
    name: 'visitor token',
    prefix: 'psat=',
    token: () => call.visitor.token,
    url: () => `/ucwa/psanon/v1/applications/${call.visitor.id}`,
    entry: () => '/ucwa/oauth/v1/user',
    skew: 0,
    required: ['iss', 'aud', 'exp', 'tid', 'aeu', 'asi', 'ao'],
  },
  {
    name: 'agent token',
    prefix: '',
    token: () => call.agent.token,
    url: () => `/ucwa/oauth/v1/applications/${call.agent.id}`,
    entry: () => '/ucwa/oauth/v1/user',
    skew: 300,
    required: ['iss', 'aud', 'exp', 'tid', 'upn', 'scp'],
  },
];

const ask = (url: string, token: string, headers: Record<string, string> = {}): Promise<Answer> =>
  two.send('GET', url, { token, headers });

/** Refused, and nothing of the call in the answer. */
function expectRefused(answer: Answer, ...statuses: number[]): void {
  expect(statuses).toContain(answer.status);
  for (const secret of call.secrets) expect(answer.body).not.toContain(secret);
}

describe.each(kinds)('$name', ({ prefix, token, url, entry, skew, required }) => {
  beforeAll(begin);
  const claimsOf = (): JWTPayload => decodeJwt(token().slice(prefix.length));
  const headerOf = () => decodeProtectedHeader(token().slice(prefix.length));
  const signed = async (claims: JWTPayload): Promise<string> =>
    `${prefix}${await keys.sign(claims, headerOf().kid !== undefined)}`;
  const with_ = (change: JWTPayload): Promise<string> => signed({ ...claimsOf(), ...change });

  const refused = async (bad: string, ...statuses: number[]): Promise<void> => {
    for (const one of [url(), entry()]) expectRefused(await ask(one, bad), ...statuses);
  };

  test('a good one opens, also one that was signed again', async () => {
    expect((await ask(entry(), token())).status).toBe(200);
    expect((await ask(url(), token())).status).toBe(200);
    expect((await ask(url(), await with_({}))).status).toBe(200);
  });

  test('another issuer or audience', async () => {
    const foreign = 'https://evil.example';
    const { iss, aud } = claimsOf();
    for (const other of [foreign, `${String(iss)}/`, String(iss).replace(/.$/, 'x'), [String(iss), foreign]])
      await refused(await with_({ iss: other as string }), 401);
    for (const other of [foreign, `${String(aud)}/`, 'https://desk.example', ''])
      await refused(await with_({ aud: other }), 401);
  });

  test('over, to the second, and not begun', async () => {
    const now = seconds();
    expect((await ask(url(), await with_({ exp: now - skew + 1 }))).status).toBe(200);
    await refused(await with_({ exp: now - skew }), 401);
    expect((await ask(url(), await with_({ nbf: now + skew }))).status).toBe(200);
    await refused(await with_({ nbf: now + skew + 1 }), 401);
    for (const odd of ['soon', null, {}]) {
      await refused(await with_({ exp: odd as unknown as number }), 401);
      await refused(await with_({ nbf: odd as unknown as number }), 401);
    }
  });

  test.each(required)('without %s, or with something that is no text', async (name) => {
    const { [name]: _gone, ...rest } = claimsOf();
    await refused(await signed(rest), 401);
    for (const odd of [7, null, {}, ['a', 'b']])
      if (name !== 'exp' && !(name === 'aud' && Array.isArray(odd))) await refused(await with_({ [name]: odd }), 401);
  });

  test('another tenant, known and unknown', async () => {
    const fabrikam = await two.bridge('fabrikam.com', 'theirs');
    const { iss, tid } = claimsOf();
    for (const other of [fabrikam.tenantId, 'nowhere']) {
      const moved = { tid: other, iss: String(iss).replace(String(tid), other) };
      await refused(await with_(moved), 403, 404);
    }
    // The issuer names the tenant too; the two have to agree.
    if (String(iss).includes(String(tid))) await refused(await with_({ tid: fabrikam.tenantId }), 401);
  });

  test('no signature, a broken one, and one by somebody else', async () => {
    const [header = '', payload = '', signature = ''] = token().slice(prefix.length).split('.');
    const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const protectedHeader = { ...headerOf(), alg: 'RS256' };
    const foreign = await new SignJWT(claimsOf()).setProtectedHeader(protectedHeader).sign(privateKey);
    const carried = { ...protectedHeader, jwk: createPublicKey(privateKey).export({ format: 'jwk' }) };
    const withItsOwnKey = await new SignJWT(claimsOf()).setProtectedHeader(carried).sign(privateKey);
    const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
    for (const bad of [
      ...['none', 'None', 'NONE', ''].map((alg) => `${encoded({ ...headerOf(), alg })}.${payload}.`),
      `${encoded({ ...headerOf(), alg: 'none' })}.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${flipped}`,
      `${header}.${encoded({ ...claimsOf(), exp: seconds() + 999_999 })}.${signature}`,
      foreign,
      withItsOwnKey,
      '..',
      'rubbish',
    ])
      await refused(`${prefix}${bad}`, 401);
  });

  test('HS256 with the public key as the secret, in every form that somebody could take for one', async () => {
    const [jwk] = JSON.parse((await two.send('GET', '/oauth2/keys')).body).keys as [
      { n: string; kid: string; x5t: string },
    ];
    const publicKey: KeyObject = createPublicKey({ key: jwk, format: 'jwk' });
    const secrets = [
      publicKey.export({ type: 'spki', format: 'pem' }),
      String(publicKey.export({ type: 'spki', format: 'pem' })).trim(),
      publicKey.export({ type: 'pkcs1', format: 'pem' }),
      publicKey.export({ type: 'spki', format: 'der' }),
      Buffer.from(jwk.n, 'base64url'),
      jwk.n,
      JSON.stringify(jwk),
    ];
    for (const secret of secrets) {
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        const forged = await new SignJWT(claimsOf())
          .setProtectedHeader({ ...headerOf(), alg })
          .sign(new Uint8Array(Buffer.from(secret)));
        await refused(`${prefix}${forged}`, 401);
      }
    }
  });

  test('the tokens of the other kinds, with and without the prefix', async () => {
    for (const other of kinds.filter((kind) => kind.token() !== token())) {
      const bare = other.token().slice(other.prefix.length);
      for (const spelling of [other.token(), bare, `psat=${bare}`]) expectRefused(await ask(url(), spelling), 401);
    }
  });

  test('in no other place than the Authorization header', async () => {
    const request = (more: string, headers: Record<string, string> = {}): Promise<Answer> =>
      two.send('GET', `${url()}${url().includes('?') ? '&' : '?'}${more}`, { headers });
    for (const place of ['access_token', 'token', 'Authorization'])
      expectRefused(await request(`${place}=${encodeURIComponent(token())}`), 401);
    expectRefused(await request('', { cookie: `token=${token()}` }), 401);
    expectRefused(await request('', { authorization: `Basic ${token()}` }), 401);
    expectRefused(await request('', { authorization: token() }), 401);
  });

  // The last one: it moves the clock.
  test('one that was good is refused when its time is over, although it was checked before', async () => {
    expect((await ask(url(), token())).status).toBe(200);
    clock.jump((Number(claimsOf().exp) - seconds() + skew) * 1000 - 1);
    expect((await ask(url(), token())).status).not.toBe(401);
    clock.jump(1);
    await refused(token(), 401);
  });
});

describe('a good token, and what is not its own', () => {
  beforeEach(begin);
  const remove = (kind: 'serviceClient' | 'endpoint' | 'person', id: string): Promise<void> =>
    two.platform.store.commit((transaction) => transaction.delete(kind, id));

  test('SA: other endpoints, other applications, other tenants', async () => {
    const fabrikam = await two.bridge('fabrikam.com', 'theirs');
    const path = (id: string, endpoint: string): string =>
      `/platformservice/v1/applications/${id}?endpointId=${endpoint}`;
    for (const endpoint of ['sip:sales@contoso.com', fabrikam.endpointUri, 'sip:nobody@contoso.com']) {
      expectRefused(await ask(path(call.applicationId, endpoint), call.serviceToken), 403);
      expectRefused(await ask(path(fabrikam.applicationId, endpoint), call.serviceToken), 403);
    }
    expectRefused(await ask(path(fabrikam.applicationId, helpdesk), call.serviceToken), 404);
    for (const token of [fabrikam.serviceToken, await two.serviceToken('contoso.com', 'other')])
      expectRefused(await ask(path(call.applicationId, helpdesk), token), 403);
  });

  test('SA: its application or its endpoint is registered no more', async () => {
    const [service] = kinds;
    await remove('endpoint', endpointKey(helpdesk));
    expectRefused(await ask(service?.url() ?? '', call.serviceToken), 403);
    const other = await two.serviceToken('contoso.com', 'other');
    await remove('serviceClient', serviceClientKey(call.tenantId, 'other'));
    expectRefused(await ask('/platformservice/v1/applications?endpointId=sip:sales@contoso.com', other), 403);
  });

  test('visitor: only from the origins that the token names', async () => {
    const url = `/ucwa/psanon/v1/applications/${call.visitor.id}`;
    expect((await ask(url, call.visitor.token, { origin: 'https://shop.example' })).status).toBe(200);
    for (const origin of ['https://evil.example', 'http://shop.example', 'https://shop.example.evil.example', 'null']) {
      const answer = await ask(url, call.visitor.token, { origin });
      expectRefused(answer, 403);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  test('visitor: another session, another endpoint, and the meeting of another', async () => {
    const fabrikam = await two.bridge('fabrikam.com', 'theirs');
    const own = `/ucwa/psanon/v1/applications/${call.visitor.id}`;
    for (const token of [fabrikam.visitor.token, await two.visitorToken('contoso.com', 'another')])
      expectRefused(await ask(own, token), 403, 404);
    const claims = decodeJwt(call.visitor.token.slice('psat='.length));
    const elsewhere = `psat=${await keys.sign({ ...claims, aeu: 'sip:sales@contoso.com' }, false)}`;
    expectRefused(await ask(own, elsewhere), 403, 404);
    const startMessaging = `${own}/communication/messagingInvitations`;
    for (const to of ['sip:sales@contoso.com', fabrikam.endpointUri, call.agent.uri]) {
      const body = { operationId: 'call', to };
      expectRefused(await two.send('POST', startMessaging, { token: call.visitor.token, body }), 403);
    }
  });

  test('visitor: after its end the token opens nothing of the old session, and the registration counts', async () => {
    const url = `/ucwa/psanon/v1/applications/${call.visitor.id}`;
    expect((await two.send('DELETE', url, { token: call.visitor.token })).status).toBe(204);
    for (const path of ['', '/events?ack=1', `/communication/conversations/${call.visitor.conversationId}`])
      expectRefused(await ask(`${url}${path}`, call.visitor.token), 404);
    await remove('endpoint', endpointKey(helpdesk));
    expectRefused(await ask(url, call.visitor.token), 403);
    expectRefused(await two.send('POST', '/ucwa/psanon/v1/applications', { token: call.visitor.token, body: {} }), 403);
  });

  test('agent: somebody else’s application, the desks’ origins, and after its end', async () => {
    const url = `/ucwa/oauth/v1/applications/${call.agent.id}`;
    const bob = await two.agentToken('contoso.com', 'sip:bob@contoso.com');
    const eve = await two.agentToken('fabrikam.com', 'sip:eve@fabrikam.com');
    for (const token of [bob, eve]) expectRefused(await ask(url, token), 403, 404);
    for (const origin of ['https://shop.example', 'https://desk.fabrikam.example'])
      expectRefused(await ask(url, call.agent.token, { origin }), 403);
    expect((await two.send('DELETE', url, { token: call.agent.token })).status).toBe(204);
    expectRefused(await ask(url, call.agent.token), 404);
  });

  test('agent: a person who is registered no more', async () => {
    await remove('person', personKey(call.agent.uri));
    for (const url of [`/ucwa/oauth/v1/applications/${call.agent.id}`, '/ucwa/oauth/v1/user'])
      expectRefused(await ask(url, call.agent.token), 403);
    const body = { userAgent: 'desk', endpointId: 'new', culture: 'en-us' };
    expectRefused(await two.send('POST', '/ucwa/oauth/v1/applications', { token: call.agent.token, body }), 403);
  });
});
