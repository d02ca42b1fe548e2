/**
 * The 20 steps of reference/call-flow.md over real HTTP: an SA with a callback route, a visitor and an agent, each following
 * the links it was given. At the end the callbacks are compared with the captured ones.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { wordOf } from '@repo/ucwa-protocol/rels';
import type { FastifyInstance } from 'fastify';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from './app.ts';
import { systemClock } from './clock.ts';
import { openMemoryStore } from './store/memory.ts';
import { type CallbackReceiver, startCallbackReceiver, type Told } from './testing/callbackReceiver.ts';
import { type CapturedShape, capturedShapes } from './testing/capturedShapes.ts';
import {
  type ChannelReader,
  createChannelReader,
  createHttpActor,
  type HttpActor,
  hasLink,
  linkOf,
  resourceOf,
} from './testing/httpActor.ts';
import { clientSecret, helpdesk, operatorToken } from './testing/testPlatform.ts';

const ann = 'sip:ann@contoso.com';
const visitorOrigin = 'https://shop.example';
let app: FastifyInstance;
let receiver: CallbackReceiver;
let origin: string;
let folder: string;
let sa: HttpActor;
let visitor: HttpActor;
let agent: HttpActor;
let visitorChannel: ChannelReader;
let agentChannel: ChannelReader;

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/bridgedesk-flow-`);
  receiver = await startCallbackReceiver(() => 'hds_0123456789abcdef');
  app = await buildApp({
    store: openMemoryStore(),
    clock: systemClock,
    publicUrl: 'http://platform.example',
    secretsFolder: folder,
    operatorToken,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const operator = createHttpActor(origin, operatorToken);
  const put = async (path: string, body: object) => {
    const { status } = await operator.send('PUT', `/management/tenants/contoso.com${path}`, body);
    expect([200, 201]).toContain(status);
  };
  await put('', { displayName: 'Contoso', allowedOrigins: ['https://desk.example'] });
  await put('/applications/desk', {
    displayName: 'Desk',
    audience: 'https://desk.example',
    clientSecret,
    actForUsers: true,
    callbackHosts: [receiver.host],
    callbackCidrs: ['127.0.0.0/8', '::1/128'],
  });
  await put(`/endpoints/${helpdesk}`, { clientId: 'desk', displayName: 'Help desk', callbackUrl: receiver.url });
  await put(`/people/${ann}`, { displayName: 'Ann' });
});
afterAll(async () => {
  await app.close();
  await receiver.close();
  await rm(folder, { recursive: true });
});

async function tokenFor(fields: Record<string, string>): Promise<string> {
  const response = await fetch(`${origin}/oauth2/contoso.com/token`, {
    method: 'POST',
    body: new URLSearchParams(fields),
  });
  return String(((await response.json()) as { access_token?: string }).access_token);
}

const of = (word: string, type: string) => (told: Told) =>
  told.event.type === type && wordOf(told.event.link.rel) === word;
const ofConversation = (href: string) => (told: Told) => told.sender.href === href;
const state = (resource: Resource) => resource.state;

describe.sequential('the 20 steps', () => {
  let application: Resource;
  let anonymousToken: Resource;
  let ucwaRoot: string;
  let visitorApplication: Resource;
  let incoming: Resource;
  let c1Href: string;
  let c2Href: string;
  let c2: Resource;
  let meetingUri: string;
  let ccHref: string;
  let visitorMessaging: Resource;
  let agentMessaging: Resource;

  test('1, 2: the SA discovers, is challenged, reads its capabilities', async () => {
    const nobody = createHttpActor(origin, undefined);
    const discover = await nobody.send('GET', '/platformService/discover');
    const applicationsHref = `${linkOf(discover.resource, 'applications')}?endpointId=${helpdesk}`;
    const challenged = await nobody.send('GET', applicationsHref);
    expect(challenged.status).toBe(401);
    sa = createHttpActor(
      origin,
      await tokenFor({ grant_type: 'client_credentials', client_id: 'desk', client_secret: clientSecret }),
    );
    const applications = await sa.send('GET', applicationsHref);
    ({ resource: application } = await sa.send('GET', linkOf(applications.resource, 'application')));
    const communication = application._embedded?.['ms:rtc:saas:communication'] as Resource;
    expect(hasLink(communication, 'inviteUserToMeeting')).toBe(true);
    expect((await sa.send('GET', linkOf(communication, 'self'))).resource).toEqual(communication);
  });

  test('3, 4: a token for the visitor, who discovers', async () => {
    ({ resource: anonymousToken } = await sa.send('POST', linkOf(application, 'anonApplicationTokens'), {
      applicationSessionId: 'visit-1',
      allowedOrigins: visitorOrigin,
    }));
    visitor = createHttpActor(origin, String(anonymousToken.token));
    const discover = await visitor.send('GET', linkOf(anonymousToken, 'discover'), undefined, {
      Origin: visitorOrigin,
    });
    expect(discover.headers.get('access-control-allow-origin')).toBe(visitorOrigin);
    ucwaRoot = linkOf(discover.resource, 'anonApplications');
  });

  test('5: the visitor creates its application', async () => {
    const answer = await visitor.send('POST', ucwaRoot, {
      AnonymousDisplayName: 'Vera',
      UserAgent: 'widget',
      Culture: 'en-us',
    });
    expect(answer.status).toBe(201);
    visitorApplication = answer.resource;
    expect(visitorApplication).toMatchObject({ endpointId: 'visit-1', _embedded: { me: { name: 'Vera' } } });
    expect(linkOf(visitorApplication, 'events')).toContain('?ack=');
    expect((await visitor.send('POST', ucwaRoot, { anonymousDisplayName: 'Vera' })).status).toBe(200);
    visitorChannel = createChannelReader(visitor, linkOf(visitorApplication, 'events'));
  });

  test('6: the visitor rings; only its own helpdesk may be called', async () => {
    const communication = visitorApplication._embedded?.communication as Resource;
    const body = {
      operationId: 'op-1',
      to: helpdesk,
      subject: 'Where is my parcel?',
      threadId: 'AdJrBgU25DrC5QvbS0GP/SoXvvDHpA==',
      _links: { customContent: { href: 'data:application/json,%7b%22page%22%3a%22%2fcart%22%7d' } },
    };
    const foreign = await visitor.send('POST', linkOf(communication, 'startMessaging'), { ...body, to: ann });
    expect(foreign).toMatchObject({ status: 403, resource: { code: 'Forbidden' } });
    const missing = await visitor.send('POST', linkOf(communication, 'startMessaging'), { to: helpdesk });
    expect(missing).toMatchObject({ status: 400, resource: { parameters: { operationId: 'missing' } } });
    const answer = await visitor.send('POST', linkOf(communication, 'startMessaging'), body);
    expect(answer.status).toBe(201);
    const repeated = await visitor.send('POST', linkOf(communication, 'startMessaging'), body);
    expect(repeated.headers.get('location')).toBe(answer.headers.get('location'));
    const started = await visitorChannel.until('messagingInvitation');
    expect(started.link.href).toBe(answer.headers.get('location'));
    ccHref = linkOf(resourceOf(started), 'conversation');
    await visitorChannel.until('messaging');
    expect(visitorChannel.events.map(({ link, type }) => `${link.rel} ${type}`)).toEqual([
      'messagingInvitation started',
      'conversation added',
      'localParticipant added',
      'messaging updated',
    ]);
  });

  test('7: the SA is called back with the links, without a context; later ones carry it', async () => {
    const told = await receiver.event('messagingInvitation', of('messagingInvitation', 'started'));
    expect(told.url.searchParams.has('callbackContext')).toBe(false);
    incoming = resourceOf(told.event);
    expect(incoming).toMatchObject({ direction: 'Incoming', to: helpdesk, subject: 'Where is my parcel?' });
    expect(incoming._embedded?.['ms:rtc:saas:application']).toEqual(application);
    c1Href = linkOf(incoming, 'conversation');
    expect((await sa.send('GET', linkOf(incoming, 'self'))).resource).toEqual(incoming);
    const claims = decodeJwt(receiver.callbacks[0]?.authorization.replace('Bearer ', '') ?? '');
    expect(claims).toMatchObject({ aud: 'https://desk.example', appid: '00000004-0000-0ff1-ce00-000000000000' });
  });

  test('8: the SA starts the meeting and joins its chat', async () => {
    const answer = await sa.send('POST', linkOf(incoming, 'startAdhocMeeting'), {
      operationId: 'hds:startAdhocMeeting:1',
      subject: 'Vera: Where is my parcel?',
      callbackContext: 'hds_0123456789abcdef',
    });
    expect(answer.status).toBe(201);
    const started = resourceOf(
      (await receiver.event('onlineMeetingInvitation', of('onlineMeetingInvitation', 'started'))).event,
    );
    meetingUri = String(started.onlineMeetingUri);
    c2Href = linkOf(started, 'conversation');
    await receiver.event('onlineMeetingInvitation', of('onlineMeetingInvitation', 'completed'));
    c2 = (await sa.send('GET', c2Href)).resource;
    expect(state(c2)).toBe('Conferenced');
    const messaging = (await sa.send('GET', linkOf(c2, 'messaging'))).resource;
    const added = await sa.send('POST', linkOf(messaging, 'addMessaging'), { operationId: 'hds:addMessaging:1' });
    expect(added.status).toBe(201);
    await receiver.event('messagingInvitation', (told) => told.event.status === 'Success');
    expect(state((await sa.send('GET', linkOf(c2, 'messaging'))).resource)).toBe('Connected');
  });

  test('9, 10: accepted and bridged', async () => {
    const body = { onlineMeetingUri: meetingUri, impersonatedDisplayName: 'Contoso help' };
    const unknown = { ...body, onlineMeetingUri: 'sip:m@contoso.com;gruu;opaque=app:conf:focus:id:X' };
    expect((await sa.send('POST', linkOf(incoming, 'acceptAndBridge'), unknown)).resource).toMatchObject({
      subcode: 'DestinationNotFound',
    });
    expect((await sa.send('POST', linkOf(incoming, 'acceptAndBridge'), body)).status).toBe(200);
    const bridge = await receiver.event('conversationBridge', of('conversationBridge', 'added'));
    expect(bridge.url.searchParams.get('callbackContext')).toBe('hds_0123456789abcdef');
    expect((await sa.send('GET', bridge.event.link.href)).resource).toEqual(resourceOf(bridge.event));
    const again = await sa.send('POST', linkOf(incoming, 'acceptAndBridge'), body);
    expect(again).toMatchObject({ status: 409, resource: { subcode: 'AlreadyExists' } });
    const completed = await visitorChannel.until('messagingInvitation', ({ type }) => type === 'completed');
    expect(resourceOf(completed)).toMatchObject({
      state: 'Connected',
      _embedded: { acceptedByParticipant: [{ name: 'Contoso help', uri: helpdesk }] },
    });
    expect(visitorChannel.events.at(-1)).toBe(completed);
    visitorMessaging = (await visitor.send('GET', `${ccHref}/messaging`)).resource;
    expect(linkOf(visitorMessaging, 'sendMessage')).not.toContain('?');
  });

  test('11 to 13: the agent is named, the welcome text reaches the visitor', async () => {
    const bridge = (await sa.send('GET', linkOf((await sa.send('GET', c1Href)).resource, 'conversationBridge')))
      .resource;
    const href = linkOf(bridge, 'bridgedParticipants');
    const refused = await sa.send('POST', href, { participantUri: ann });
    expect(refused).toMatchObject({ status: 400, resource: { parameters: { displayName: 'missing' } } });
    const named = await sa.send('POST', href, {
      displayName: 'Ann C.',
      participantUri: ann,
      messageFilterState: 'Disabled',
    });
    expect(named.status).toBe(201);
    const added = await receiver.event('bridgedParticipant', of('bridgedParticipant', 'added'));
    expect(named.headers.get('location')).toBe(added.event.link.href);
    expect((await sa.send('GET', href)).resource._embedded?.['ms:rtc:saas:bridgedParticipant']).toHaveLength(1);

    const messaging = (await sa.send('GET', `${c1Href.split('?')[0]}/messaging?endpointId=${helpdesk}`)).resource;
    const sent = await sa.say(`${linkOf(messaging, 'sendMessage')}&operationId=welcomeop`, 'Welcome, one moment');
    expect(sent.status).toBe(201);
    const completed = await receiver.event('message', ({ event }) => event.link.href === sent.headers.get('location'));
    expect(completed.event.status).toBe('Success');
    const received = await visitorChannel.until('message');
    expect(resourceOf(received)).toMatchObject({
      direction: 'Incoming',
      _links: { plainMessage: { href: 'data:text/plain;charset=utf-8,Welcome%2c+one+moment' } },
    });
    const from = (await visitor.send('GET', linkOf(resourceOf(received), 'participant'))).resource;
    expect(from.name).toBe('Contoso help');
  });

  test('14, 15: the agent signs in, is rung, joins', async () => {
    agent = createHttpActor(
      origin,
      await tokenFor({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: await tokenFor({
          grant_type: 'client_credentials',
          client_id: 'desk',
          client_secret: clientSecret,
        }),
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        requested_subject: ann,
      }),
    );
    const root = (await agent.send('GET', '/autodiscover/root')).resource;
    const user = (await agent.send('GET', linkOf(root, 'user'))).resource;
    const signedIn = await agent.send('POST', linkOf(user, 'applications'), {
      userAgent: 'desk',
      endpointId: 'tab-1',
      culture: 'en-us',
    });
    expect(signedIn.resource).toMatchObject({
      _embedded: { people: { _links: { myContacts: {} } }, onlineMeetings: {} },
    });
    const me = signedIn.resource._embedded?.me as Resource;
    const available = await agent.send('POST', linkOf(me, 'makeMeAvailable'), { SupportedModalities: ['Messaging'] });
    expect(available.status).toBe(204);
    agentChannel = createChannelReader(agent, linkOf(signedIn.resource, 'events'));

    const invited = await sa.send('POST', linkOf(c2, 'addParticipant'), {
      operationId: 'hds:addParticipant:1',
      to: ann,
    });
    expect(invited.status).toBe(201);
    const ringing = resourceOf(await agentChannel.until('onlineMeetingInvitation'));
    expect(ringing).toMatchObject({
      direction: 'Incoming',
      subject: 'Vera: Where is my parcel?',
      _embedded: { from: { uri: helpdesk, _links: { contact: {} } } },
    });
    expect((await agent.send('POST', `${linkOf(ringing, 'accept')}?sessionContext=x`)).status).toBe(204);
    const completed = await agentChannel.until('onlineMeetingInvitation', ({ type }) => type === 'completed');
    const own = (await agent.send('GET', linkOf(resourceOf(completed), 'conversation'))).resource;
    const messaging = (await agent.send('GET', linkOf(own, 'messaging'))).resource;
    expect((await agent.send('POST', linkOf(messaging, 'addMessaging'), {})).status).toBe(201);
    await agentChannel.until('messagingInvitation', ({ status }) => status === 'Success');
    agentMessaging = (await agent.send('GET', linkOf(own, 'messaging'))).resource;

    await receiver.event('participantInvitation', ({ event }) => event.status === 'Success');
    const inMeeting = receiver.told().filter(ofConversation(c2Href));
    expect(inMeeting.some(({ event }) => event.type === 'added' && event.link.title === 'Ann')).toBe(true);
    await receiver.event('participantMessaging', ({ event }) => event.link.href.includes('ann@contoso.com'));
  });

  test('16, 17: typing and text both ways, on every view with one time stamp', async () => {
    expect((await agent.send('POST', linkOf(agentMessaging, 'setIsTyping'))).status).toBe(204);
    const typing = await visitorChannel.until('participant', (event) => event.in?.rel === 'typingParticipants');
    expect(typing).toMatchObject({ type: 'added', link: { title: 'Ann C.' } });
    expect((await visitor.send('GET', typing.link.href)).resource).toMatchObject({ uri: helpdesk, name: 'Ann C.' });

    const sent = await agent.say(`${linkOf(agentMessaging, 'sendMessage')}?operationContext=m1`, 'Hello & welcome');
    expect(sent.status).toBe(201);
    const seen = resourceOf(await visitorChannel.until('message', (event) => event.link.href.endsWith('/3')));
    expect(JSON.stringify(visitorChannel.events)).not.toContain('ann@contoso.com');
    const own = resourceOf(await agentChannel.until('message'));
    expect(own).toMatchObject({ direction: 'Outgoing', operationId: 'm1', timeStamp: seen.timeStamp });
    const onLeg = await receiver.event(
      'message',
      (told) => ofConversation(c1Href)(told) && hasLink(resourceOf(told.event), 'plainMessage'),
    );
    expect(resourceOf(onLeg.event)).toMatchObject({ direction: 'Outgoing', timeStamp: seen.timeStamp });
    const inMeeting = await receiver.event('message', ofConversation(c2Href));
    expect(resourceOf(inMeeting.event)).toMatchObject({ direction: 'Incoming', timeStamp: seen.timeStamp });

    expect((await visitor.send('POST', linkOf(visitorMessaging, 'setIsTyping'))).status).toBe(204);
    expect((await visitor.say(linkOf(visitorMessaging, 'sendMessage'), 'Thank you')).status).toBe(201);
    const thanks = resourceOf(
      await agentChannel.until('message', (event) => resourceOf(event).direction === 'Incoming'),
    );
    for (const href of [c1Href, c2Href]) {
      const told = await receiver.event(
        'message',
        (one) => ofConversation(href)(one) && resourceOf(one.event).timeStamp === thanks.timeStamp,
      );
      expect(resourceOf(told.event).direction).toBe('Incoming');
    }
  });

  test('refusals: strangers, wrong states, other media types, too much', async () => {
    const foreign = await agent.send('GET', ccHref.replace('psanon', 'oauth'));
    expect([403, 404]).toContain(foreign.status);
    const wrong = await sa.send('GET', c1Href.replace(/conversations\/[^?]+/, 'conversations/unknown'));
    expect(wrong).toMatchObject({ status: 404, resource: { subcode: 'ConversationNotFound' } });
    const href = linkOf(visitorMessaging, 'sendMessage');
    expect((await visitor.send('POST', href, { text: 'x' })).status).toBe(415);
    expect((await visitor.say(href, 'x'.repeat(64 * 1024 + 1))).status).toBe(413);
    expect((await visitor.say(href, '')).status).toBe(400);
    const me = await visitor.send('POST', `${linkOf(visitorApplication, 'self')}/me/makeMeAvailable`);
    expect(me).toMatchObject({ status: 403, resource: { subcode: 'AnonymousNotAllowed' } });
    const elsewhere = await visitor.send('GET', ccHref, undefined, { Origin: 'https://evil.example' });
    expect(elsewhere.status).toBe(403);
  });

  test('18, 19: the visitor closes; the SA hears the leg end', async () => {
    expect((await visitor.send('POST', linkOf(visitorMessaging, 'stopMessaging'))).status).toBe(204);
    await visitorChannel.until('conversation', ({ type }) => type === 'deleted');
    const gone = await receiver.event(
      'conversation',
      ({ event }) => event.type === 'deleted' && event.link.href === c1Href,
    );
    const ending = receiver.told().filter(({ sender }) => sender.href === c1Href || sender.href === gone.sender.href);
    const last = ending.map(({ event }) => `${wordOf(event.link.rel)} ${event.type}`);
    expect(last.slice(last.lastIndexOf('messaging updated'))).toEqual([
      'messaging updated',
      'participantMessaging deleted',
      'participant deleted',
      'participant deleted',
      'conversationBridge deleted',
      'conversation updated',
      'conversation deleted',
    ]);
    expect((await sa.send('DELETE', c1Href)).status).toBe(204);
    expect((await sa.send('GET', c1Href)).status).toBe(404);
  });

  test('20: the SA ends the meeting and deletes its leg', async () => {
    const meeting = (await sa.send('GET', linkOf(c2, 'onlineMeeting'))).resource;
    expect((await sa.send('POST', linkOf(meeting, 'terminateOnlineMeeting'))).status).toBe(204);
    const left = await agentChannel.until('conversation', ({ type }) => type === 'deleted');
    expect(left.reason).toMatchObject({ code: 'Informational', subcode: 'Ended' });
    expect((await sa.send('DELETE', c2Href)).status).toBe(204);
    await receiver.event('conversation', ({ event }) => event.type === 'deleted' && event.link.href === c2Href);
  });

  test('callbacks: acks without gaps per conversation, hrefs that do not vary, and the captured shapes', () => {
    const acks = new Map<string, number>();
    for (const { batch } of receiver.callbacks) {
      const self = new URL(batch._links.self?.href ?? '', 'http://x');
      const key = self.searchParams.get('key') ?? '';
      expect(Number(self.searchParams.get('ack'))).toBe((acks.get(key) ?? 0) + 1);
      acks.set(key, (acks.get(key) ?? 0) + 1);
      expect(batch.baseuri).toBe('http://platform.example');
    }
    for (const [name, shape] of Object.entries(capturedShapes)) {
      const alike = receiver.told().filter((told) => isAlike(told, shape));
      expect(
        alike.map(({ event }) => differences(event._embedded?.[event.link.rel], shape)),
        name,
      ).toContainEqual([]);
    }
  });
});

function isAlike({ sender, event }: Told, shape: CapturedShape): boolean {
  const resource = event._embedded?.[event.link.rel];
  const where = Object.entries(shape.where ?? {});
  return (
    wordOf(sender.rel) === shape.sender &&
    wordOf(event.link.rel) === shape.link &&
    event.type === shape.type &&
    (event.in === undefined ? undefined : wordOf(event.in.rel)) === shape.in &&
    event.status === shape.status &&
    (shape.titled !== true || event.link.title !== undefined) &&
    where.every(([member, value]) => resource?.[member] === value)
  );
}

/** What a captured resource has and ours has not, or ours has and no capture and no extension explains. */
function differences(resource: Resource | undefined, { resource: shape }: CapturedShape): string[] {
  if (shape === undefined) return resource === undefined ? [] : ['embedded'];
  const extensions = ['to', 'threadId', 'subject', 'operationId', 'eject', 'conversationBridge'];
  const have = [
    ...Object.entries(resource ?? {})
      .filter(([member]) => !member.startsWith('_'))
      .map(([member, value]) => `${member}: ${Array.isArray(value) ? 'array' : typeof value}`),
    ...Object.keys(resource?._links ?? {}).map((rel) => `link ${wordOf(rel)}`),
    ...Object.keys(resource?._embedded ?? {}).map((rel) => `embedded ${wordOf(rel)}`),
  ];
  const want = [
    ...Object.entries(shape.members).map(([member, type]) => `${member}: ${type}`),
    ...shape.links.map((word) => `link ${word}`),
    ...(shape.embedded ?? []).map((word) => `embedded ${word}`),
  ];
  return [
    ...want.filter((item) => !have.includes(item)).map((item) => `missing ${item}`),
    ...have
      .filter((item) => !want.includes(item) && !extensions.some((word) => item.includes(word)))
      .map((item) => `unexpected ${item}`),
  ];
}
