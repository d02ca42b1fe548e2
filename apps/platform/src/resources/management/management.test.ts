import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadKeys } from '../../auth/keys.ts';
import { fileSecrets } from '../../auth/secretStore.ts';
import { createLogLines, type LogLines } from '../../testing/logLines.ts';
import { createManualClock } from '../../testing/manualClock.ts';
import {
  clientSecret,
  helpdesk,
  operatorToken,
  startTestPlatform,
  type TestPlatform,
} from '../../testing/testPlatform.ts';

const tenant = '/management/tenants/contoso.com';
const application = `${tenant}/applications/desk`;
// Keys and digests of secrets take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

let platform: TestPlatform;
let log: LogLines;
beforeEach(async () => {
  log = createLogLines();
  platform = await startTestPlatform({ logger: log.options });
});
afterEach(() => platform.app.close());

const ask = (
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  url: string,
  payload?: object,
  headers: Record<string, string> = { authorization: `Bearer ${operatorToken}` },
) => platform.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
const audits = () => log.lines().filter((line) => line.audit !== undefined);

describe('tenants, applications, endpoints and people', () => {
  test('each is listed, read, changed, and removed', async () => {
    expect((await ask('GET', '/management/tenants')).json()).toEqual({
      tenants: [expect.objectContaining({ domain: 'contoso.com', xframeOrigins: [] })],
    });
    const applications = (await ask('GET', `${tenant}/applications`)).json().applications;
    expect(applications.map(({ clientId }: { clientId: string }) => clientId)).toEqual(['desk', 'other']);
    expect((await ask('GET', `${tenant}/endpoints`)).json().endpoints).toHaveLength(2);
    expect((await ask('GET', `${tenant}/people`)).json()).toEqual({
      people: [{ uri: 'sip:ann@contoso.com', displayName: 'Ann', tenantId: expect.any(String) }],
    });
    for (const url of [
      `${tenant}/people/sip:ann@contoso.com`,
      `${tenant}/endpoints/sip:sales@contoso.com`,
      `${tenant}/applications/other`,
    ]) {
      expect((await ask('GET', url)).statusCode).toBe(200);
      expect((await ask('DELETE', url)).statusCode).toBe(204);
      expect((await ask('GET', url)).statusCode).toBe(404);
      expect((await ask('DELETE', url)).statusCode).toBe(204);
    }
  });

  test('a list comes in pages', async () => {
    for (const name of ['bob', 'cem', 'dan'])
      await ask('PUT', `${tenant}/people/sip:${name}@contoso.com`, { displayName: name });
    const first = (await ask('GET', `${tenant}/people?limit=3`)).json();
    expect(first.people).toHaveLength(3);
    const rest = (await ask('GET', `${tenant}/people?limit=3&after=${first.next}`)).json();
    expect(rest).toEqual({ people: [expect.objectContaining({ uri: 'sip:dan@contoso.com' })] });
  });

  test('another tenant’s registrations are not in the lists', async () => {
    await ask('PUT', '/management/tenants/fabrikam.com', { displayName: 'Fabrikam' });
    for (const kind of ['applications', 'endpoints', 'people']) {
      expect((await ask('GET', `/management/tenants/fabrikam.com/${kind}`)).json()).toEqual({ [kind]: [] });
      expect((await ask('GET', `/management/tenants/nobody.com/${kind}`)).statusCode).toBe(404);
    }
    expect((await ask('GET', '/management/tenants/fabrikam.com/endpoints/sip:helpdesk@contoso.com')).statusCode).toBe(
      404,
    );
  });

  test('a PUT changes what it names; something new needs what has no default', async () => {
    const changed = (await ask('PUT', application, { privileged: true })).json();
    expect(changed).toMatchObject({
      displayName: 'Desk',
      callbackHosts: ['sa.example'],
      actForUsers: true,
      privileged: true,
    });
    const refused = await ask('PUT', `${tenant}/applications/new`, { privileged: true });
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({ parameters: { displayName: 'missing', audience: 'missing' } });
    const origins = { xframeOrigins: ['https://Old.example/'], anonymousMeetingOrigins: ['https://meet.example'] };
    expect((await ask('PUT', tenant, origins)).json()).toMatchObject({
      displayName: 'Contoso',
      xframeOrigins: ['https://old.example'],
      anonymousMeetingOrigins: ['https://meet.example'],
    });
  });

  test.each([
    ['a host with a path', { callbackHosts: ['sa.example/x'] }, 'callbackHosts'],
    ['a URL as a host', { callbackHosts: ['https://sa.example'] }, 'callbackHosts'],
    ['an address as a block', { callbackCidrs: ['10.0.0.1'] }, 'callbackCidrs'],
    ['a permission that nobody knows', { permissions: ['Everything'] }, 'permissions'],
    ['a short secret', { clientSecret: 'x' }, 'clientSecret'],
  ])('%s is refused', async (_what, input, parameter) => {
    const answer = await ask('PUT', application, input);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().parameters).toHaveProperty(parameter);
  });

  test('what others hang on is removed with force only', async () => {
    for (const url of [tenant, application]) expect((await ask('DELETE', url)).statusCode).toBe(409);
    expect((await ask('GET', `${tenant}/endpoints/${helpdesk}`)).statusCode).toBe(200);
    expect((await ask('DELETE', `${application}?force`)).statusCode).toBe(204);
    expect((await ask('GET', `${tenant}/endpoints/${helpdesk}`)).statusCode).toBe(404);
    expect((await ask('DELETE', `${tenant}?force=true`)).statusCode).toBe(204);
    expect((await ask('GET', '/management/tenants')).json()).toEqual({ tenants: [] });
    expect(audits().at(-1)).toMatchObject({ audit: 'tenant.delete', applications: 1, endpoints: 1, people: 1 });
  });
});

describe('secrets of an application', () => {
  const signsIn = async (secret: string): Promise<boolean> => {
    const answer = await platform.app.inject({
      method: 'POST',
      url: '/oauth2/contoso.com/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'desk',
        client_secret: secret,
      }).toString(),
    });
    return answer.statusCode === 200;
  };
  const secrets = async () =>
    (await ask('GET', `${application}/secrets`)).json<{ secrets: { id: string }[] }>().secrets;

  test('two are valid at once, a third is refused, the retired one is worth nothing', async () => {
    const [first] = await secrets();
    const added = await ask('POST', `${application}/secrets`);
    expect(added.statusCode).toBe(201);
    const { id, clientSecret: second, createdAt } = added.json();
    expect(createdAt).toBe(new Date(platform.clock.now()).toISOString());
    expect([await signsIn(clientSecret), await signsIn(second)]).toEqual([true, true]);
    expect((await ask('POST', `${application}/secrets`)).statusCode).toBe(409);

    expect((await ask('DELETE', `${application}/secrets/${first?.id}`)).statusCode).toBe(204);
    expect((await ask('DELETE', `${application}/secrets/${first?.id}`)).statusCode).toBe(204);
    expect([await signsIn(clientSecret), await signsIn(second)]).toEqual([false, true]);
    expect(await secrets()).toEqual([{ id, createdAt }]);
    expect((await ask('POST', `${application}/secrets`)).statusCode).toBe(201);
  });

  test('the last one goes with force only', async () => {
    const [only] = await secrets();
    expect((await ask('DELETE', `${application}/secrets/${only?.id}`)).statusCode).toBe(409);
    expect(await signsIn(clientSecret)).toBe(true);
    expect((await ask('DELETE', `${application}/secrets/${only?.id}?force`)).statusCode).toBe(204);
    expect(await signsIn(clientSecret)).toBe(false);
  });

  test('putting the application with a valid secret keeps both; with a new one it is the only one', async () => {
    const { clientSecret: second } = (await ask('POST', `${application}/secrets`)).json();
    await ask('PUT', application, { clientSecret });
    expect([await signsIn(clientSecret), await signsIn(second)]).toEqual([true, true]);
    await ask('PUT', application, { clientSecret: 'another-secret-of-the-application' });
    expect([await signsIn(clientSecret), await signsIn(second)]).toEqual([false, false]);
    expect(await signsIn('another-secret-of-the-application')).toBe(true);
  });

  test('one that is made with the application is shown once', async () => {
    const put = () => ask('PUT', `${tenant}/applications/new`, { displayName: 'New', audience: 'https://new.example' });
    expect((await put()).json().clientSecret).toMatch(/^[\w-]{43}$/);
    expect((await put()).json()).not.toHaveProperty('clientSecret');
  });
});

describe('signing keys', () => {
  const keys = async () =>
    (await ask('GET', '/management/signingKeys')).json<{ signingKeys: { kid: string; state: string }[] }>().signingKeys;
  const published = async () =>
    (await ask('GET', '/oauth2/keys')).json<{ keys: { kid: string }[] }>().keys.map(({ kid }) => kid);

  test('a next key is published at once, takes over at its time, and the old one is deleted when it has retired', async () => {
    // The ring of a platform of its own.
    await platform.app.close();
    const clock = createManualClock();
    const ring = await loadKeys(fileSecrets(mkdtempSync(join(tmpdir(), 'bridgedesk-ring-'))), clock);
    platform = await startTestPlatform({ keys: ring, clock, logger: log.options });
    const [old] = await keys();
    const visitor = await platform.visitorToken();

    const added = await ask('POST', '/management/signingKeys', { activatesInSeconds: 600 });
    expect(added.statusCode).toBe(201);
    const next = added.json<{ kid: string; activeFrom: string }>();
    expect(next.activeFrom).toBe(new Date(clock.now() + 600_000).toISOString());
    expect(await published()).toEqual([old?.kid, next.kid]);
    expect((await ask('POST', '/management/signingKeys')).statusCode).toBe(409);
    expect((await ask('DELETE', `/management/signingKeys/${next.kid}`)).statusCode).toBe(409);

    clock.jump(600_000);
    expect((await keys()).map(({ state }) => state)).toEqual(['retiring', 'active']);
    expect((await ask('DELETE', `/management/signingKeys/${old?.kid}`)).statusCode).toBe(409);
    const discover = visitor.discoverHref.replace('http://platform.example', '');
    expect((await ask('GET', discover, undefined, {})).statusCode).toBe(200);

    clock.jump(9 * 3_600_000);
    expect(await published()).toEqual([next.kid]);
    expect((await ask('DELETE', `/management/signingKeys/${old?.kid}`)).statusCode).toBe(204);
    expect(await keys()).toEqual([expect.objectContaining({ kid: next.kid, state: 'active' })]);
    expect((await ask('DELETE', `/management/signingKeys/${next.kid}`)).statusCode).toBe(409);
    expect((await ask('DELETE', '/management/signingKeys/unknown')).statusCode).toBe(204);
    expect(audits().map((line) => line.audit)).toEqual(expect.arrayContaining(['signingKey.add', 'signingKey.delete']));
  });

  test('one that somebody else has is deleted with force: its tokens end, and another key signs at once', async () => {
    const visitor = await platform.visitorToken();
    const discover = visitor.discoverHref.replace('http://platform.example', '');
    expect((await ask('GET', discover, undefined, {})).statusCode).toBe(200);
    const kids = (await ask('GET', '/management/signingKeys'))
      .json()
      .signingKeys.map(({ kid }: { kid: string }) => kid);
    const stolen = kids.at(-1);
    expect((await ask('DELETE', `/management/signingKeys/${stolen}`)).statusCode).toBe(409);
    expect((await ask('DELETE', `/management/signingKeys/${stolen}?force`)).statusCode).toBe(204);
    expect((await ask('GET', discover, undefined, {})).statusCode).toBe(401);
    const { signingKeys } = (await ask('GET', '/management/signingKeys')).json();
    expect(signingKeys.at(-1)).toMatchObject({ state: 'active' });
    expect(kids).not.toContain(signingKeys.at(-1).kid);
    const line = {
      audit: 'signingKey.delete',
      kid: stolen,
      state: 'active',
      forced: true,
      signing: signingKeys.at(-1).kid,
    };
    expect(audits().at(-1)).toMatchObject(line);
    const again = (await platform.visitorToken()).discoverHref.replace('http://platform.example', '');
    expect((await ask('GET', again, undefined, {})).statusCode).toBe(200);
  });

  test('it cannot sign before everybody has it', async () => {
    expect((await ask('POST', '/management/signingKeys', { activatesInSeconds: 60 })).statusCode).toBe(400);
  });

  test('no secret member is shown', async () => {
    const text = (await ask('GET', '/management/signingKeys')).body + (await ask('GET', '/oauth2/keys')).body;
    expect(text).not.toMatch(/"(d|p|q|dp|dq|qi)"/);
  });
});

describe('the audit', () => {
  test('has a line for each change, none for what changed nothing, and no secret', async () => {
    const before = audits().length;
    const input = { displayName: 'Desk', audience: 'https://desk.example', clientSecret };
    await ask('PUT', application, input);
    expect(audits()).toHaveLength(before);
    await ask('PUT', application, { ...input, displayName: 'Service desk' });
    await ask('PUT', `${tenant}/people/sip:ann@contoso.com`, { displayName: 'Ann B.' });
    const callbackUrl = 'https://sa.example/called?code=of-the-callback';
    expect((await ask('PUT', `${tenant}/endpoints/sip:sales@contoso.com`, { callbackUrl })).statusCode).toBe(200);
    const { clientSecret: second } = (await ask('POST', `${application}/secrets`)).json();
    expect(audits().slice(before)).toMatchObject([
      {
        audit: 'application.put',
        by: 'operator',
        domain: 'contoso.com',
        clientId: 'desk',
        displayName: 'Service desk',
      },
      { audit: 'person.put', uri: 'sip:ann@contoso.com', displayName: 'Ann B.' },
      { audit: 'endpoint.put', callbackUrl: 'https://sa.example/called' },
      { audit: 'secret.add', clientId: 'desk', id: expect.any(String) },
    ]);
    const text = JSON.stringify(log.lines());
    for (const secret of [clientSecret, second, operatorToken, 'scrypt', 'code=']) expect(text).not.toContain(secret);
  });
});

describe('strangers', () => {
  test('without the operator token every route is closed, before anything is read', async () => {
    const visitor = await platform.visitorToken();
    const tokens = [
      'wrong',
      operatorToken.slice(0, -1),
      `${operatorToken}x`,
      await platform.serviceToken(),
      visitor.token,
    ];
    tokens.push(await platform.agentToken('sip:ann@contoso.com'));
    const secretsOf = `${application}/secrets`;
    const routes = [
      ['GET', '/management/tenants'],
      ['GET', tenant],
      ['PUT', tenant],
      ['DELETE', `${tenant}?force`],
      ['GET', `${tenant}/applications`],
      ['GET', application],
      ['PUT', application],
      ['DELETE', `${application}?force`],
      ['GET', secretsOf],
      ['POST', secretsOf],
      ['DELETE', `${secretsOf}/x`],
      ['GET', `${tenant}/endpoints`],
      ['PUT', `${tenant}/endpoints/${helpdesk}`],
      ['DELETE', `${tenant}/endpoints/${helpdesk}?force`],
      ['GET', `${tenant}/people`],
      ['DELETE', `${tenant}/people/sip:ann@contoso.com`],
      ['GET', '/management/signingKeys'],
      ['POST', '/management/signingKeys'],
      ['DELETE', '/management/signingKeys/x'],
      ['GET', `${tenant}/callbacks`],
      ['GET', `${tenant}/callbacks/x`],
      ['POST', `${tenant}/callbacks/x/1/replay`],
    ] as const;
    for (const [method, url] of routes) {
      for (const headers of [{}, ...tokens.map((token) => ({ authorization: `Bearer ${token}` }))]) {
        const answer = await ask(method, url, method === 'GET' || method === 'DELETE' ? undefined : {}, headers);
        expect([401, 403], `${method} ${url}`).toContain(answer.statusCode);
        expect(answer.body).not.toMatch(/contoso|desk|sip:/i);
      }
    }
    expect((await ask('GET', application)).statusCode).toBe(200);
    expect(await platform.serviceToken()).not.toBe('undefined');
  });

  test('a body that cannot be read is no matter without the token', async () => {
    const answer = await platform.app.inject({
      method: 'PUT',
      url: tenant,
      headers: { 'content-type': 'application/json' },
      payload: '{"broken',
    });
    expect(answer.statusCode).toBe(401);
  });
});
