/** What the old JavaScript samples need to sign in, to call and to be called (client-expectations 2). */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { concernsOwn, openChannel, type Person } from './agentChannel.ts';
import { createCaller } from './caller.ts';
import { expectJson } from './expectations.ts';
import { dataText, embeddedOf, hasLink, hrefOf, linkOf, s, wireMs } from './hal.ts';
import { startMessaging } from './people.ts';
import { must } from './story.ts';
import { target } from './target.ts';
import { useStory } from './useStory.ts';
import { type Answer, send } from './wire.ts';

const story = useStory();
let ann: Person;
let bob: Person;

beforeAll(async () => {
  ann = await openChannel(story(), story().agentUri(0));
  bob = await openChannel(story(), story().agentUri(1));
  return async () => {
    await ann.close();
    await bob.close();
  };
});

/** Ann calls Bob, who takes it. */
async function connect(more: object = {}) {
  const operationId = randomUUID();
  await startMessaging(ann, bob.uri, { operationId, ...more });
  const mine = concernsOwn(operationId);
  const started = await ann.channel.log.wait({ rel: 'messagingInvitation', type: 'started', where: mine });
  const ringing = await bob.channel.log.wait({
    rel: 'messagingInvitation',
    type: 'started',
    where: ({ resource }) => resource.threadId === started.resource.threadId,
  });
  return { operationId, mine, started, ringing };
}

describe('signing in', () => {
  test('U14 from the challenge over the token form to makeMeAvailable', async () => {
    const root = must(await send('GET', target().agentRootUrl), 200);
    const userUrl = new URL(hrefOf(root.resource, 'user'), target().agentRootUrl).href;
    const challenge = await send('GET', userUrl);
    expect(challenge.status).toBe(401);
    const lines = challenge.rawHeaders.filter((_, at) =>
      /^www-authenticate$/i.test(challenge.rawHeaders[at - 1] ?? ''),
    );
    const oauth = lines.find((line) => line.startsWith('MsRtcOAuth')) ?? '';
    const [, href = '', grants = ''] = /href="([^"]+)",grant_type="([^"]+)"/.exec(oauth) ?? [];
    expect(grants.split(',')).toContain('urn:ietf:params:oauth:grant-type:token-exchange');
    const form = (fields: Record<string, string>): Promise<Answer> =>
      send('POST', href, {
        text: new URLSearchParams(fields).toString(),
        contentType: "application/x-www-form-urlencoded;charset='utf-8'",
      });
    const granted = await form({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: await story().site.serviceToken(),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_subject: story().agentUri(0),
    });
    expectJson(granted, 200);
    expect(granted.headers['cache-control']).toBe('no-store');
    expect(granted.resource.token_type).toBe('Bearer');
    for (const [fields, error] of [
      [{ grant_type: 'password', username: 'ann', password: 'x' }, 'unsupported_grant_type'],
      [{ grant_type: 'urn:microsoft.rtc:windows' }, 'unsupported_grant_type'],
      [{}, 'invalid_request'],
    ] as const) {
      const refused = await form(fields);
      expectJson(refused, 400);
      expect(refused.resource.error).toBe(error);
      expect(refused.headers['x-ms-diagnostics']).toMatch(/reason="/);
    }
    const caller = createCaller(userUrl, String(granted.resource.access_token));
    const user = await caller.read(userUrl);
    const json = { userAgent: 'samples', endpointId: randomUUID(), culture: 'en-US' };
    const created = must(await caller.send('POST', hrefOf(user, 'applications'), { json }), 201);
    const available = hrefOf(embeddedOf(created.resource, 'me'), 'makeMeAvailable');
    const modalities = { SupportedModalities: ['Messaging'] };
    must(await caller.send('POST', available, { json: modalities }), 204);
    const again = await caller.read(hrefOf(created.resource, 'self'));
    expect(hasLink(embeddedOf(again, 'me'), 'makeMeAvailable')).toBe(false);
    expect(hasLink(embeddedOf(again, 'me'), 'reportMyActivity')).toBe(true);
    must(await caller.send('DELETE', hrefOf(again, 'self')), 204);
  });

  test('U15 the root document leads to user, and on to no other root; its xframe is looked at in hiddenFrame.test.ts', async () => {
    const root = must(await send('GET', target().agentRootUrl), 200);
    expect(linkOf(root.resource, 'user').href).toMatch(/^https?:\/\//);
    expect(hasLink(root.resource, 'redirect')).toBe(false);
  });

  test('U18 links that are read without looking', () => {
    const { application } = ann;
    expect(hasLink(embeddedOf(application, 'me'), 'self')).toBe(true);
    expect(hasLink(embeddedOf(application, 'people'), 'myContacts')).toBe(true);
    for (const rel of ['startMessaging', 'joinOnlineMeeting'])
      expect(hasLink(embeddedOf(application, 'communication'), rel), rel).toBe(true);
  });
});

describe('calls', () => {
  test('U10 operationId in the body of startMessaging, addMessaging and addParticipant comes back in every event', async () => {
    const operationId = randomUUID();
    const json = { operationId, subject: 'Standing room' };
    const start = hrefOf(embeddedOf(ann.application, 'communication'), 'startOnlineMeeting');
    must(await ann.caller.send('POST', start, { json }), 201);
    const joined = await ann.channel.log.wait({
      rel: 'onlineMeetingInvitation',
      type: 'completed',
      where: concernsOwn(operationId),
    });
    const conversation = await ann.caller.read(hrefOf(joined.resource, 'conversation'));
    const messaging = await ann.caller.read(hrefOf(conversation, 'messaging'));
    for (const [href, rel, more] of [
      [hrefOf(messaging, 'addMessaging'), 'messagingInvitation', {}],
      [hrefOf(conversation, 'addParticipant'), 'participantInvitation', { to: 'sip:nobody@nowhere.example' }],
      [hrefOf(embeddedOf(ann.application, 'communication'), 'startMessaging'), 'messagingInvitation', { to: bob.uri }],
    ] as const) {
      const own = randomUUID();
      must(await ann.caller.send('POST', href, { json: { operationId: own, ...more } }), 201);
      await ann.channel.log.wait({ rel, type: 'started', where: concernsOwn(own) });
      if (rel === 'participantInvitation')
        await ann.channel.log.wait({ rel, type: 'completed', where: concernsOwn(own) });
    }
  });

  test('U19 an incoming invitation names its caller; accept 204, decline with a reason', async () => {
    const { mine, ringing } = await connect({ subject: 'Hello' });
    const from = embeddedOf(ringing.resource, 'from');
    expect(from.name).toBe('Ann');
    expect(await bob.caller.read(hrefOf(from, 'contact'))).toMatchObject({ name: 'Ann', uri: ann.uri });
    expect((await bob.caller.read(hrefOf(from, 'contactPresence'))).availability).toBe('Online');
    must(await bob.caller.send('POST', hrefOf(ringing.resource, 'decline'), { json: { reason: 'Local' } }), 204);
    const over = await ann.channel.log.wait({ rel: 'messagingInvitation', type: 'completed', where: mine });
    expect(over.event).toMatchObject({ status: 'Failure', reason: { code: 'RemoteFailure', subcode: 'Declined' } });
  });

  test('U20 outgoing operations are 201; stopping is 204, and 404 once it has stopped', async () => {
    const { started, mine, ringing } = await connect();
    const messaging = await ann.caller.read(hrefOf(started.resource, 'messaging'));
    expect(hrefOf(started.resource, 'cancel')).toBe(hrefOf(messaging, 'stopMessaging'));
    must(await ann.caller.send('POST', hrefOf(messaging, 'stopMessaging')), 204);
    const over = await ann.channel.log.wait({ rel: 'messagingInvitation', type: 'completed', where: mine });
    expect(over.event.reason).toMatchObject({ code: 'LocalFailure', subcode: 'Canceled' });
    must(await ann.caller.send('POST', hrefOf(messaging, 'stopMessaging')), 404);
    await bob.channel.log.wait({
      rel: 'messagingInvitation',
      type: 'completed',
      where: ({ event }) => event.link.href === ringing.event.link.href && event.reason?.subcode === 'Canceled',
    });
  });

  test('U21 U26 Connected has its links; the end is told as updated, then deleted, and offers no addMessaging', async () => {
    const { started, mine, ringing } = await connect();
    must(await bob.caller.send('POST', hrefOf(ringing.resource, 'accept')), 204);
    await ann.channel.log.wait({ rel: 'messagingInvitation', type: 'completed', where: mine });
    const href = hrefOf(started.resource, 'conversation');
    const of = ({ sender, event }: { sender: { href: string }; event: { link: { href: string } } }): boolean =>
      sender.href === href || event.link.href === href;
    const connected = ann.channel.log.all({ rel: 'messaging', type: 'updated', where: of }).at(-1);
    expect(connected?.resource.state).toBe('Connected');
    for (const rel of ['sendMessage', 'stopMessaging', 'conversation'])
      expect(hasLink(connected?.resource ?? {}, rel), rel).toBe(true);
    expect(hasLink(await ann.caller.read(href), 'addParticipant')).toBe(true);
    must(await bob.caller.send('POST', hrefOf(await bobsMessaging(ringing.resource), 'stopMessaging')), 204);
    const deleted = await ann.channel.log.wait({ rel: 'conversation', type: 'deleted', where: of });
    expect(deleted.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'CallTerminated' });
    const told = ann.channel.log.all({ where: of }).filter(({ at }) => at >= (connected?.at ?? 0));
    const disconnected = told.filter(({ resource }) => resource.state === 'Disconnected');
    expect(disconnected.map(({ event }) => `${event.link.rel} ${event.type}`)).toEqual([
      'messaging updated',
      'conversation updated',
    ]);
    expect(disconnected.at(-1)?.at).toBeLessThan(deleted.at);
    expect(hasLink(disconnected[0]?.resource ?? {}, 'addMessaging')).toBe(false);
    const add = `${hrefOf(embeddedOf(ann.application, 'communication'), 'startMessaging')}?conversation=${href.split('/').at(-1)}`;
    const answer = await ann.caller.send('POST', add, { json: { operationId: randomUUID() } });
    expect([404, 409]).toContain(answer.status);
  });

  const bobsMessaging = async (invitation: Parameters<typeof hrefOf>[0]) =>
    bob.caller.read(hrefOf(await bob.caller.read(hrefOf(invitation, 'conversation')), 'messaging'));

  test('U22 U23 U24 a message: whose it is, when it was said, and its text', async () => {
    const { started, mine, ringing } = await connect();
    must(await bob.caller.send('POST', hrefOf(ringing.resource, 'accept')), 204);
    await ann.channel.log.wait({ rel: 'messagingInvitation', type: 'completed', where: mine });
    const conversation = hrefOf(started.resource, 'conversation');
    const text = '1 + 1 = 2; "50%" & done?';
    const href = hrefOf(await bobsMessaging(ringing.resource), 'sendMessage');
    must(await bob.caller.send('POST', href, { text, contentType: 'text/plain' }), 201);
    const heard = await ann.channel.log.wait({
      rel: 'message',
      type: 'completed',
      where: ({ sender, resource }) => sender.href === conversation && resource.direction === 'Incoming',
    });
    expect(heard.event.status).toBe('Success');
    const participant = linkOf(heard.resource, 'participant');
    const added = await ann.channel.log.wait({
      rel: 'participant',
      type: 'added',
      where: ({ event }) => event.link.href === participant.href,
    });
    expect(added.event.link.title).toBe('Bob');
    expect((await ann.caller.read(participant.href)).name).toBe('Bob');
    expect((await ann.caller.read(hrefOf(heard.resource, 'contact'))).uri).toBe(bob.uri);
    expect(heard.resource.timeStamp).toMatch(/^\/Date\(\d+\)\/$/);
    expect(Math.abs(wireMs(heard.resource.timeStamp) - Date.now())).toBeLessThan(60_000);
    const data = hrefOf(heard.resource, 'plainMessage');
    expect(data).toMatch(/^data:text\/plain(;charset=[^;,]+)?(;base64)?,/);
    expect(dataText(data)).toBe(text);
  });

  test('U25 joinUrl can be turned into the uri of its meeting', async () => {
    const { application } = await story().capabilities();
    const adhocMeetings = hrefOf(embeddedOf(application.resource, s('adhocMeetings')), 'self');
    const { resource } = must(await story().service.send('POST', adhocMeetings, { json: { subject: 'x' } }), 201);
    const [, domain = '', user = '', key = ''] =
      /^https:\/\/[^./]+\.([^/]+)\/([^/]+)\/([A-Za-z0-9]+)$/.exec(String(resource.joinUrl)) ?? [];
    expect(resource.onlineMeetingUri).toBe(`sip:${user}@${domain};gruu;opaque=app:conf:focus:id:${key}`);
  });
});
