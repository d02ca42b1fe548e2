/** A visitor with a meeting token: it joins that meeting and does nothing else (reference/auth.md 3, ucwa-api.md 4, 9). */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { concernsOwn, openChannel, type Person } from './agentChannel.ts';
import { openEventChannel } from './eventChannel.ts';
import { expectRefusal } from './expectations.ts';
import { dataText, embeddedOf, hasLink, hrefOf, linksOf, type Resource, s } from './hal.ts';
import { decodeToken } from './jsonWebToken.ts';
import { type SignedIn, signInVisitor, visitorToken } from './people.ts';
import { must } from './story.ts';
import { useStory } from './useStory.ts';
import { type Answer, send } from './wire.ts';

const story = useStory();
let agent: Person;
let meeting: Resource;

async function makeMeeting(more: object = {}): Promise<Resource> {
  const { application } = await story().capabilities();
  const href = hrefOf(embeddedOf(application.resource, s('adhocMeetings')), 'self');
  const json = { subject: 'Open house', ...more };
  return must(await story().service.send('POST', href, { json }), 201).resource;
}

beforeAll(async () => {
  agent = await openChannel(story(), story().agentUri(0));
  meeting = await makeMeeting();
  return () => agent.close();
});

const signInGuest = async (url = String(meeting.joinUrl), json?: object): Promise<SignedIn> =>
  signInVisitor(story(), await visitorToken(story(), url), json);

const joinHref = ({ application }: SignedIn): string =>
  hrefOf(embeddedOf(application, 'communication'), 'joinOnlineMeeting');

function join(guest: SignedIn, more: object = {}): Promise<Answer> {
  const json = {
    operationId: randomUUID(),
    onlineMeetingUri: meeting.onlineMeetingUri,
    anonymousDisplayName: 'Gus Guest',
    ...more,
  };
  return guest.caller.send('POST', joinHref(guest), { json });
}

describe('the token', () => {
  test('names the meeting; discover asks for it as anonymousMeetingJoinContext', async () => {
    const { token, discoverHref } = await visitorToken(story(), String(meeting.joinUrl));
    const { claims } = decodeToken(token.slice('psat='.length));
    expect(claims.confid).toBe(meeting.onlineMeetingUri);
    expect(claims.ucwaext).toMatch(/^https?:\/\/.*\/ucwa\/psanon\/v1\/applications$/);
    expect(discoverHref).toContain('anonymousMeetingJoinContext=psat%253d');
    const discover = must(await send('GET', discoverHref), 200);
    expect(hasLink(discover.resource, 'anonApplications')).toBe(true);
  });

  test('a join URL in another case names the same meeting', async () => {
    const { token } = await visitorToken(story(), String(meeting.joinUrl).toLowerCase());
    expect(decodeToken(token.slice('psat='.length)).claims.confid).toBe(meeting.onlineMeetingUri);
  });

  test('of a meeting that does not exist: 404 DestinationNotFound', async () => {
    const { application } = await story().capabilities();
    const json = {
      applicationSessionId: randomUUID(),
      allowedOrigins: 'https://a.example',
      meetingUrl: `${String(meeting.joinUrl)}X`,
    };
    const href = hrefOf(application.resource, s('anonApplicationTokens'));
    expectRefusal(await story().service.send('POST', href, { json }), 404, 'NotFound', 'DestinationNotFound');
  });

  test('opens nothing of a two-party session with the same id, nor the other way round', async () => {
    const meetingToken = await visitorToken(story(), String(meeting.joinUrl));
    const callToken = await visitorToken(story(), undefined, meetingToken.sessionId);
    const guest = await signInVisitor(story(), meetingToken);
    const caller = await signInVisitor(story(), callToken);
    expect(hrefOf(caller.application, 'self')).not.toBe(hrefOf(guest.application, 'self'));
    for (const [one, other] of [
      [guest, callToken],
      [caller, meetingToken],
    ] as const)
      expectRefusal(
        await one.caller.send('GET', hrefOf(one.application, 'self'), { token: other.token }),
        403,
        'Forbidden',
      );
  });
});

describe('what it may', () => {
  test('joinOnlineMeeting is there, startMessaging is not and is refused', async () => {
    const guest = await signInGuest();
    const communication = embeddedOf(guest.application, 'communication');
    expect(hasLink(communication, 'joinOnlineMeeting')).toBe(true);
    for (const rel of ['startMessaging', 'startOnlineMeeting']) expect(hasLink(communication, rel), rel).toBe(false);
    const json = { operationId: randomUUID(), to: story().site.endpointUri };
    const href = `${hrefOf(communication, 'self')}/messagingInvitations`;
    expectRefusal(await guest.caller.send('POST', href, { json }), 403, 'Forbidden');
  });

  test('another meeting: 403, whether it exists or not; no name: 400', async () => {
    const guest = await signInGuest();
    const other = await makeMeeting();
    for (const onlineMeetingUri of [other.onlineMeetingUri, `${String(meeting.onlineMeetingUri)}0`])
      expectRefusal(await join(guest, { onlineMeetingUri }), 403, 'Forbidden');
    const nameless = await signInGuest(undefined, { userAgent: 'x', culture: 'en-us' });
    expectRefusal(await join(nameless, { anonymousDisplayName: '' }), 400, 'BadRequest', 'ParameterValidationFailure');
  });

  test('a meeting that is not open to everybody: 403', async () => {
    const closed = await makeMeeting({ accessLevel: 'SameEnterprise' });
    const guest = await signInGuest(String(closed.joinUrl));
    expectRefusal(await join(guest, { onlineMeetingUri: closed.onlineMeetingUri }), 403, 'Forbidden');
  });

  test('a visitor of the helpdesk may join no meeting', async () => {
    const visitor = await signInVisitor(story());
    const communication = embeddedOf(visitor.application, 'communication');
    expect(hasLink(communication, 'joinOnlineMeeting')).toBe(false);
    const json = { operationId: randomUUID(), onlineMeetingUri: meeting.onlineMeetingUri, anonymousDisplayName: 'Eve' };
    const href = `${hrefOf(communication, 'self')}/onlineMeetingInvitations`;
    expectRefusal(await visitor.caller.send('POST', href, { json }), 403, 'Forbidden');
  });

  test('an agent who says an anonymousDisplayName is refused', async () => {
    const href = hrefOf(embeddedOf(agent.application, 'communication'), 'joinOnlineMeeting');
    const json = { operationId: randomUUID(), onlineMeetingUri: meeting.onlineMeetingUri, anonymousDisplayName: 'Eve' };
    expectRefusal(await agent.caller.send('POST', href, { json }), 400, 'BadRequest', 'ParameterValidationFailure');
  });
});

/** Joins with messaging. */
async function comeIn(person: SignedIn & { channel: Person['channel'] }, more: object): Promise<string> {
  const operationId = randomUUID();
  const json = { operationId, onlineMeetingUri: meeting.onlineMeetingUri, ...more };
  must(await person.caller.send('POST', joinHref(person), { json }), 201);
  const joined = await person.channel.log.wait({
    rel: 'onlineMeetingInvitation',
    type: 'completed',
    where: concernsOwn(operationId),
  });
  expect(joined.event.status).toBe('Success');
  const href = hrefOf(joined.resource, 'conversation');
  const messaging = await person.caller.read(hrefOf(await person.caller.read(href), 'messaging'));
  const add = { operationId: randomUUID() };
  must(await person.caller.send('POST', hrefOf(messaging, 'addMessaging'), { json: add }), 201);
  await person.channel.log.wait({
    rel: 'messagingInvitation',
    type: 'completed',
    where: concernsOwn(add.operationId),
  });
  return href;
}

describe('in the meeting', () => {
  test('guest and agent see and hear each other; the guest can call nobody in', async () => {
    const signedIn = await signInGuest();
    const { caller, eventsUrl } = signedIn;
    const channel = openEventChannel({
      name: 'guest',
      eventsUrl,
      token: String(caller.token),
      headers: caller.headers,
    });
    const guest = { ...signedIn, channel };
    const agentHref = await comeIn(agent, {});
    const guestHref = await comeIn(guest, { anonymousDisplayName: 'Gus Guest' });
    const conversation = await caller.read(guestHref);
    expect(conversation.state).toBe('Conferenced');
    for (const rel of ['participants', 'attendees', 'leaders', 'lobby', 'onlineMeeting', 'localParticipant'])
      expect(hasLink(conversation, rel), rel).toBe(true);
    expect(hasLink(conversation, 'addParticipant')).toBe(false);
    const seen = await agent.channel.log.wait({ rel: 'participant', type: 'added', in: null });
    expect(seen.event.link.title).toBe('Gus Guest');
    const roster = await caller.read(hrefOf(conversation, 'participants'));
    expect(linksOf(roster, 'participant').map(({ title }) => title)).toEqual(['Ann']);
    expect((await caller.read(hrefOf(conversation, 'onlineMeeting'))).joinUrl).toBe(meeting.joinUrl);

    const say = async (from: SignedIn, href: string, text: string): Promise<void> => {
      const messaging = await from.caller.read(hrefOf(await from.caller.read(href), 'messaging'));
      const options = { text, contentType: 'text/plain' };
      must(await from.caller.send('POST', hrefOf(messaging, 'sendMessage'), options), 201);
    };
    await say(guest, guestHref, 'hello agent');
    await say(agent, agentHref, 'hello guest');
    for (const [log, text] of [
      [agent.channel.log, 'hello agent'],
      [channel.log, 'hello guest'],
    ] as const) {
      const heard = await log.wait({
        rel: 'message',
        type: 'completed',
        where: ({ resource }) => resource.direction === 'Incoming',
      });
      expect(dataText(hrefOf(heard.resource, 'plainMessage'))).toBe(text);
    }
    must(await caller.send('DELETE', guestHref), 204);
    const left = await agent.channel.log.wait({ rel: 'participant', type: 'deleted' });
    expect(left.event.link.href).toBe(seen.event.link.href);
    await channel.stop();
  });
});
