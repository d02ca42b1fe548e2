import type { Resource } from '@repo/ucwa-protocol/hal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deskOrigin, helpdesk, startTestPlatform, type TestPlatform } from '../testing/testPlatform.ts';

let platform: TestPlatform;
beforeEach(async () => {
  platform = await startTestPlatform();
});
afterEach(() => platform.app.close());

const link = (resource: Resource | undefined, rel: string): string =>
  (resource?._links?.[rel] as { href: string } | undefined)?.href ?? '';

async function signIn(token: string, root: string, payload: object) {
  const authorization = { authorization: `Bearer ${token}` };
  const send = (method: 'GET' | 'POST', url: string, headers: Record<string, string> = {}, body?: object) =>
    platform.app.inject({ method, url, headers: { ...authorization, ...headers }, ...(body && { payload: body }) });
  const answer = await send('POST', root, {}, payload);
  expect(answer.statusCode).toBe(201);
  return { send, resource: answer.json<Resource>(), self: link(answer.json(), 'self') };
}
const visitor = async () =>
  signIn((await platform.visitorToken()).token, '/ucwa/psanon/v1/applications', { anonymousDisplayName: 'Vera' });
const agent = async (root = '/ucwa/oauth/v1/applications') =>
  signIn(await platform.agentToken('sip:ann@contoso.com'), root, {
    userAgent: 'desk',
    culture: 'en-us',
    endpointId: 'tab',
  });

describe('the version of an application', () => {
  test('304 as long as nothing changed; an acknowledged batch makes a new one', async () => {
    const { send, resource, self } = await visitor();
    const etag = String(resource.etag);
    expect(etag).toMatch(/^\d+$/);
    for (const known of [etag, `"${etag}"`, `"1", "${etag}"`, '*']) {
      const same = await send('GET', self, { 'if-none-match': known });
      expect([same.statusCode, same.body, same.headers.etag]).toEqual([304, '', `"${etag}"`]);
    }
    const start = `${self}/communication/messagingInvitations`;
    await send('POST', start, {}, { operationId: 'o', to: helpdesk });
    const batch = await send('GET', `${self}/events?ack=1`);
    const parked = send('GET', link(batch.json(), 'next'));
    await expect.poll(() => platform.app.pendingGets.isParked(`ucwa:${self.split('/').at(-1)}`)).toBe(true);
    // The acknowledgement is noted with the next batch, or after two seconds.
    await platform.clock.advance(2_000);
    const changed = await send('GET', self, { 'if-none-match': etag });
    expect(changed.statusCode).toBe(200);
    expect(changed.json<Resource>().etag).not.toBe(etag);
    expect(link(changed.json(), 'events')).toContain('ack=2');
    await platform.app.close();
    await parked;
  });

  test('a later version than is served: 404 APIVersionNotSupported', async () => {
    const { send, self } = await visitor();
    const get = (path: string, version: string) =>
      send('GET', `${self}${path}`, { 'x-ms-requiresminresourceversion': version });
    expect((await get('', '1')).statusCode).toBe(200);
    const refused = await get('/communication', '2');
    expect(refused.statusCode).toBe(404);
    expect(refused.json()).toMatchObject({ code: 'NotFound', subcode: 'APIVersionNotSupported' });
    const start = `${self}/communication/messagingInvitations`;
    for (const [version, status] of [
      ['2', 201],
      ['3', 404],
    ] as const) {
      const headers = { 'x-ms-requiresminresourceversion': version };
      const answer = await send('POST', start, headers, { operationId: version, to: helpdesk });
      expect(answer.statusCode).toBe(status);
    }
  });
});

describe('every link leads somewhere', () => {
  test('a visitor’s', async () => {
    const { send, resource, self } = await visitor();
    const policies = await send('GET', link(resource, 'policies'));
    expect(policies.json()).toMatchObject({ rel: 'policies', htmlMessaging: 'Disabled' });
    for (const path of ['people', 'people/contacts', 'onlineMeetings'])
      expect((await send('GET', `${self}/${path}`)).statusCode).toBe(403);
  });

  test('an agent’s', async () => {
    const { send, resource } = await agent();
    const people = resource._embedded?.people as Resource;
    const meetings = resource._embedded?.onlineMeetings as Resource;
    expect((await send('GET', link(people, 'self'))).json()).toEqual(people);
    expect((await send('GET', link(people, 'myContacts'))).json()).toMatchObject({
      rel: 'myContacts',
      _embedded: { contact: [] },
    });
    expect((await send('GET', link(meetings, 'self'))).json()).toEqual(meetings);
    expect((await send('GET', link(resource, 'policies'))).json()).toMatchObject({ htmlMessaging: 'Enabled' });
  });

  test('a service application’s', async () => {
    const headers = { authorization: `Bearer ${await platform.serviceToken()}` };
    const get = async (url: string) =>
      (await platform.app.inject({ method: 'GET', url: url.replace('http://platform.example', ''), headers })).json();
    const application: Resource = await get(`${platform.applicationPath}?endpointId=${helpdesk}`);
    const meetings = application._embedded?.myOnlineMeetings as Resource;
    expect(await get(link(meetings, 'self'))).toEqual(meetings);
    const discover: Resource = await get('/platformservice/discover');
    const mine = await get(`${link(discover, 'myApplications')}?endpointId=${helpdesk}`);
    expect(mine).toMatchObject({ rel: 'myApplications' });
    expect(link(mine, 'ms:rtc:saas:application')).toBe(link(application, 'self'));
  });
});

test('both roots of agents are one', async () => {
  const { send, self } = await agent('/UCWA/v1/applications?x=1');
  expect(self).toMatch(/^\/ucwa\/oauth\/v1\/applications\/\d+$/);
  const other = self.replace('/oauth', '');
  expect((await send('GET', other, { origin: deskOrigin })).headers['access-control-allow-origin']).toBe(deskOrigin);
  await send('POST', `${other}/me/makeMeAvailable`);
  const batch = send('GET', `${other}/events?ack=1`);
  await platform.clock.advance(5_000);
  expect((await batch).json()).toMatchObject({ sender: [{ rel: 'me' }] });
  expect((await platform.app.inject({ method: 'GET', url: '/ucwa/v1/user' })).statusCode).toBe(401);
});
