import type { Resource } from '@repo/ucwa-protocol/hal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { helpdesk, startTestPlatform, type TestPlatform } from '../testing/testPlatform.ts';

const eightHours = 8 * 3_600_000;
let platform: TestPlatform;
let headers: Record<string, string>;
beforeEach(async () => {
  platform = await startTestPlatform();
  headers = { authorization: `Bearer ${await platform.serviceToken()}` };
});
afterEach(() => platform.app.close());

const make = async (payload: object): Promise<{ status: number; resource: Resource }> => {
  const url = `${platform.applicationPath}/adhocMeetings?endpointId=${helpdesk}`;
  const answer = await platform.app.inject({ method: 'POST', url, headers, payload });
  return { status: answer.statusCode, resource: answer.json<Resource>() };
};
const link = (resource: Resource, rel: string): string =>
  (resource._links?.[rel] as { href: string } | undefined)?.href ?? '';
const send = (method: 'GET' | 'DELETE' | 'POST', href: string, payload?: object) =>
  platform.app.inject({
    method,
    url: href.replace('http://platform.example', ''),
    headers,
    ...(payload && { payload }),
  });

describe('adhocMeetings', () => {
  test('nothing asked for: open to everybody for eight hours', async () => {
    const { status, resource } = await make({});
    expect(status).toBe(201);
    expect(resource).toMatchObject({
      accessLevel: 'Everyone',
      subject: '',
      leaders: [],
      organizerUri: 'sip:meetings@contoso.com',
      expirationTime: `/Date(${platform.clock.now() + eightHours})/`,
      rel: 'ms:rtc:saas:adhocMeeting',
      etag: expect.stringMatching(/^\d+$/),
    });
    const key = String(resource.onlineMeetingId);
    expect(resource.onlineMeetingUri).toBe(`sip:meetings@contoso.com;gruu;opaque=app:conf:focus:id:${key}`);
    expect(resource.joinUrl).toBe(`https://meet.contoso.com/meetings/${key}`);
    expect((await send('GET', link(resource, 'self'))).json()).toEqual(resource);
    expect((await send('GET', link(resource, 'ms:rtc:saas:discover'))).statusCode).toBe(200);
  });

  test('what is asked for is kept; what makes no sense is named', async () => {
    const asked = { subject: 'Parcel', description: 'd', accessLevel: 'Invited', leaders: ['sip:ann@contoso.com'] };
    expect((await make({ ...asked, expirationTime: '2030-01-01T00:00:00Z' })).resource).toMatchObject({
      ...asked,
      expirationTime: `/Date(${Date.parse('2030-01-01T00:00:00Z')})/`,
    });
    for (const [name, value] of [
      ['accessLevel', 'Whatever'],
      ['leaders', ['nobody']],
      ['expirationTime', 'soon'],
      ['expirationTime', '2999-01-01T00:00:00Z'],
    ] as const) {
      const { status, resource } = await make({ [name]: value });
      expect(status).toBe(400);
      expect(resource).toMatchObject({
        subcode: 'ParameterValidationFailure',
        parameters: { [name]: expect.any(String) },
      });
    }
  });

  test('its link joins it; deleted it is over, and deleting it again succeeds', async () => {
    const { resource } = await make({ subject: 'Parcel' });
    const joined = await send('POST', link(resource, 'ms:rtc:saas:joinAdhocMeeting'), { operationId: 'join' });
    expect(joined.statusCode).toBe(201);
    const invitation = (await send('GET', String(joined.headers.location))).json();
    expect(invitation).toMatchObject({ state: 'Connected', onlineMeetingUri: resource.onlineMeetingUri });
    expect((await send('DELETE', link(resource, 'self'))).statusCode).toBe(204);
    expect((await send('DELETE', link(resource, 'self'))).statusCode).toBe(204);
    expect((await send('GET', link(resource, 'self'))).statusCode).toBe(410);
    expect((await send('GET', link(invitation, 'ms:rtc:saas:conversation'))).statusCode).toBe(404);
  });

  test('an unknown key: 404; a GET of an action: 405; the collection can be read, there is nothing in it', async () => {
    const { resource } = await make({});
    const self = link(resource, 'self');
    expect((await send('GET', self.replace(/adhocMeetings\/\w+/, 'adhocMeetings/NOTHERE'))).statusCode).toBe(404);
    const collection = await send('GET', self.replace(/adhocMeetings\/\w+/, 'adhocMeetings'));
    expect(collection.json()).toMatchObject({ rel: 'ms:rtc:saas:adhocMeetings' });
    const start = '/platformservice/tgt-1/v1/applications/1/communication/onlineMeetingInvitations/startAdhocMeeting';
    const action = await send('GET', `${start}?endpointId=${helpdesk}`);
    expect([action.statusCode, action.headers.allow]).toEqual([405, 'POST']);
  });

  test('who may come without being called in', async () => {
    const agent = { authorization: `Bearer ${await platform.agentToken('sip:ann@contoso.com')}` };
    const signedIn = await platform.app.inject({
      method: 'POST',
      url: '/ucwa/v1/applications',
      headers: agent,
      payload: { userAgent: 'desk', culture: 'en-us', endpointId: 'tab' },
    });
    const url = `${link(signedIn.json(), 'self')}/communication/onlineMeetingInvitations`;
    const join = async (rules: object): Promise<number> => {
      const { onlineMeetingUri } = (await make(rules)).resource;
      const payload = { operationId: String(onlineMeetingUri).slice(-10), onlineMeetingUri };
      return (await platform.app.inject({ method: 'POST', url, headers: agent, payload })).statusCode;
    };
    expect(await join({})).toBe(201);
    expect(await join({ accessLevel: 'Locked' })).toBe(403);
    expect(await join({ accessLevel: 'Invited' })).toBe(403);
    expect(await join({ accessLevel: 'Invited', attendees: ['sip:Ann@contoso.com'] })).toBe(201);
  });
});
