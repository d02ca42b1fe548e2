/** What an administrator has to allow: the hidden frame of old clients, and joining a meeting by its key (reference/auth.md 4, 7). */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCaller } from './caller.ts';
import { expectJson, expectRefusal } from './expectations.ts';
import { embeddedOf, hasLink, hrefOf, type Resource, s } from './hal.ts';
import { signInPerson } from './people.ts';
import { must } from './story.ts';
import { target } from './target.ts';
import { useStory } from './useStory.ts';
import { type Answer, send } from './wire.ts';

const story = useStory();
const frameOrigin = 'https://old.example';
const meetingOrigin = 'https://meet.example';
const anonmeeting = 'urn:microsoft.rtc:anonmeeting';

/** Only the way of this repository's `/management` can change a tenant. */
const canManage = (): boolean => target().operatorToken !== undefined;

async function setTenant(settings: object): Promise<void> {
  const domain = story().site.endpointUri.split('@')[1] ?? '';
  const json = { displayName: 'Contoso', allowedOrigins: ['http://desk.example'], ...settings };
  const url = `${target().baseUrl}/management/tenants/${domain}`;
  must(await send('PUT', url, { token: String(target().operatorToken), json }), 200);
}

const frame = (headers: Record<string, string>, url: string): Promise<Answer> => send('GET', url, { headers });

describe('the hidden frame', () => {
  test('U15 is off: it is served to nobody, and X-Ms-Origin is refused', async (context) => {
    if (!canManage()) return context.skip();
    await setTenant({ xframeOrigins: [] });
    expectRefusal(
      await frame({ Referer: `${frameOrigin}/` }, `${target().baseUrl}/autodiscover/xframe`),
      403,
      'Forbidden',
    );
    const agent = await signInPerson(story(), story().agentUri(0));
    const headers = { 'X-Ms-Origin': frameOrigin, 'X-Requested-With': 'XMLHttpRequest' };
    const answer = await agent.caller.send('GET', hrefOf(agent.application, 'self'), { headers });
    expectRefusal(answer, 403, 'Forbidden');
    expect(answer.headers['x-ms-diagnostics']).toMatch(/reason="/);
  });

  test('U15 U16 with an origin listed: the root names it, its page is for that origin only, and sends for it', async (context) => {
    if (!canManage()) return context.skip();
    await setTenant({ xframeOrigins: [frameOrigin] });
    const root = must(await send('GET', target().agentRootUrl), 200);
    const url = hrefOf(root.resource, 'xframe');
    expect(new URL(url).origin).toBe(new URL(target().baseUrl).origin);
    const page = must(await frame({ Referer: `${frameOrigin}/page?x=1`, Accept: 'text/html' }, url), 200);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    const policy = page.headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/default-src 'none'/);
    expect(policy).toMatch(/script-src 'sha256-[^']+'(;|$)/);
    expect(policy).toContain(`frame-ancestors ${frameOrigin};`);
    expect(policy).not.toContain('unsafe');
    for (const headers of [{}, { Referer: 'https://evil.example/' }, { Referer: 'http://old.example/' }])
      expectRefusal(await frame(headers as Record<string, string>, url), 403, 'Forbidden');

    const agent = await signInPerson(story(), story().agentUri(0));
    const self = hrefOf(agent.application, 'self');
    const framed = { 'X-Ms-Origin': frameOrigin };
    must(await agent.caller.send('GET', self, { headers: framed }), 200);
    const own = { ...framed, Origin: new URL(target().baseUrl).origin };
    must(await agent.caller.send('POST', `${self}/me/reportMyActivity`, { headers: own }), 204);
    for (const headers of [{ 'X-Ms-Origin': 'https://evil.example' }, { ...framed, Origin: 'https://evil.example' }])
      expectRefusal(await agent.caller.send('GET', self, { headers }), 403, 'Forbidden');
  });
});

describe('a meeting’s key', () => {
  let meeting: Resource;
  beforeAll(async () => {
    const { application } = await story().capabilities();
    const href = hrefOf(embeddedOf(application.resource, s('adhocMeetings')), 'self');
    meeting = must(await story().service.send('POST', href, { json: { subject: 'Open house' } }), 201).resource;
  });
  const ask = (more: Record<string, string> = {}): Promise<Answer> =>
    send('POST', new URL('/oauth2/token', target().baseUrl).href, {
      form: {
        grant_type: anonmeeting,
        ms_rtc_conferenceuri: String(meeting.onlineMeetingUri),
        password: String(meeting.onlineMeetingId),
        ...more,
      },
    });

  test('opens nothing as long as the tenant has not allowed it', async (context) => {
    if (!canManage()) return context.skip();
    await setTenant({ anonymousMeetingOrigins: [] });
    const refused = await ask();
    expectJson(refused, 400);
    expect(refused.resource.error).toBe('invalid_grant');
  });

  test('U14 allowed: a token for an hour leads over user to this meeting; a wrong key does not', async (context) => {
    if (!canManage()) return context.skip();
    await setTenant({ anonymousMeetingOrigins: [meetingOrigin] });
    for (const wrong of [
      { password: 'AAAAAAAAAA' },
      { ms_rtc_conferenceuri: 'sip:x@nowhere.example;gruu;opaque=app:conf:focus:id:A' },
    ])
      expect((await ask(wrong)).resource.error).toBe('invalid_grant');
    const granted = await ask();
    expectJson(granted, 200);
    expect(granted.resource).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    const userUrl = hrefOf(must(await send('GET', target().agentRootUrl), 200).resource, 'user');
    const headers = { Origin: meetingOrigin };
    const guest = createCaller(userUrl, String(granted.resource.access_token), headers);
    const applications = hrefOf(await guest.read(userUrl), 'applications');
    const json = { userAgent: 'samples', endpointId: randomUUID(), culture: 'en-US' };
    const created = must(await guest.send('POST', applications, { json }), 201);
    const communication = embeddedOf(created.resource, 'communication');
    expect(hasLink(communication, 'startMessaging')).toBe(false);
    const join = { operationId: randomUUID(), onlineMeetingUri: meeting.onlineMeetingUri, anonymousDisplayName: 'Gus' };
    must(await guest.send('POST', hrefOf(communication, 'joinOnlineMeeting'), { json: join }), 201);
    const self = hrefOf(created.resource, 'self');
    expectRefusal(await guest.send('GET', self, { headers: { Origin: 'https://evil.example' } }), 403, 'Forbidden');
    const renewed = await ask({ ms_rtc_renew: String(granted.resource.access_token) });
    must(await guest.send('GET', self, { token: String(renewed.resource.access_token) }), 200);
    const stranger = await ask();
    expectRefusal(await guest.send('GET', self, { token: String(stranger.resource.access_token) }), 403, 'Forbidden');
    await setTenant({ anonymousMeetingOrigins: [] });
    expectRefusal(await guest.send('GET', self), 403, 'Forbidden');
  });
});
