/** Calls that the service application makes itself: to an agent, to a visitor who is signed in, in another name; and what they carry. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Occurrence } from './eventLog.ts';
import { expectCreated, expectEmpty, expectOrder, expectRefusal } from './expectations.ts';
import { dataText, embeddedOf, hasLink, hrefOf, linkOf, linksOf, type Resource, s } from './hal.ts';
import type { SignedInAgent, Story } from './story.ts';
import { concerns } from './story.ts';
import { target } from './target.ts';
import { useStory } from './useStory.ts';
import { hears, sayIn, signInVisitor } from './visitorCall.ts';
import type { Answer } from './wire.ts';

async function startHref(story: Story, word = 'startMessaging'): Promise<string> {
  const { application } = await story.capabilities();
  return hrefOf(embeddedOf(application.resource, s('communication')), s(word));
}

/** A call of the service application; everything it was told of it is found by the operationId. */
async function call(story: Story, to: string, more: object = {}): Promise<{ answer: Answer; operationId: string }> {
  const operationId = randomUUID();
  const json = { operationId, to, subject: 'A word with you', callbackContext: 'outgoing', ...more };
  return { answer: await story.service.send('POST', await startHref(story), { json }), operationId };
}

function outcome(story: Story, operationId: string, type: 'started' | 'completed'): Promise<Occurrence> {
  const where = ({ resource }: Occurrence): boolean => resource.operationId === operationId;
  return story.receiver.log.wait({ rel: s('messagingInvitation'), type, where });
}

/** The call that rings at an agent, newest first. */
async function ringing(agent: SignedInAgent, subject: string): Promise<Occurrence> {
  const where = ({ resource }: Occurrence): boolean => resource.subject === subject;
  return agent.channel.log.wait({ rel: 'messagingInvitation', type: 'started', where });
}

describe('to an agent', () => {
  const story = useStory();

  test('accepted: a conversation of two, without a meeting', async () => {
    const agent = await story().agent();
    const { answer, operationId } = await call(story(), agent.uri);
    const location = expectCreated(answer);
    const started = await outcome(story(), operationId, 'started');
    expect(story().service.resolve(started.event.link.href)).toBe(location);
    expect(started.resource).toMatchObject({ direction: 'Outgoing', state: 'Connecting', to: agent.uri });
    expect(hasLink(started.resource, s('cancel'))).toBe(true);
    const c1Href = hrefOf(started.resource, s('conversation'));

    const rung = await ringing(agent, 'A word with you');
    expect(embeddedOf(rung.resource, 'from')).toMatchObject({ uri: story().site.endpointUri });
    expectEmpty(await agent.caller.send('POST', hrefOf(rung.resource, 'accept')), 204);
    const completed = await outcome(story(), operationId, 'completed');
    expect(completed.event.status).toBe('Success');
    expect(completed.resource.state).toBe('Connected');
    expect(hasLink(completed.resource, s('cancel'))).toBe(false);
    expect(embeddedOf(completed.resource, s('acceptedByParticipant')).uri).toBe(agent.uri);
    const own = (o: Occurrence): boolean => concerns(o, c1Href);
    const { log } = story().receiver;
    const connected = (o: Occurrence): boolean => own(o) && o.resource.state === 'Connected';
    const participant = await log.wait({ rel: s('participant'), type: 'added', in: null, where: own });
    expectOrder(await log.wait({ rel: s('messaging'), type: 'updated', where: connected }), completed);
    expectOrder(await log.wait({ rel: s('conversation'), type: 'updated', where: connected }), completed);
    expectOrder(participant, completed);
    expect(participant.resource).toMatchObject({ uri: agent.uri });

    const agentHref = hrefOf(rung.resource, 'conversation');
    await agent.channel.log.wait({ rel: 'messagingInvitation', type: 'completed' });
    await sayIn(story().service, c1Href, 'are you there?');
    await hears(agent.channel, 'are you there?');
    await sayIn(agent.caller, agentHref, '<b>yes</b>', 'text/html');
    const read = await hears(story().receiver, '<b>yes</b>');
    expect(linkOf(read.resource, s('participant')).title).toBe('Ann');
    expect(linkOf(read.resource, 'htmlMessage').href).toMatch(/^data:text\/html;charset=utf-8,/);
    const conversation = await story().service.read(c1Href);
    for (const word of ['conversationBridge', 'onlineMeeting', 'addParticipant'])
      expect(hasLink(conversation, s(word)), word).toBe(false);

    // stopMessaging on a conversation of two ends it, for both.
    const messaging = await story().service.read(hrefOf(conversation, s('messaging')));
    expectEmpty(await story().service.send('POST', hrefOf(messaging, s('stopMessaging'))), 204);
    const gone = await agent.channel.log.wait({ rel: 'conversation', type: 'deleted' });
    expect(gone.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'CallTerminated' });
    const ended = await log.wait({ rel: s('conversation'), type: 'deleted', where: own });
    expect(ended.event.reason).toBeUndefined();
    const late = await story().service.send('GET', hrefOf(messaging, 'self'));
    expectRefusal(late, 404, 'NotFound', 'ConversationNotFound');
  });

  test('declined, cancelled, nobody there, nobody of that name', async () => {
    const agent = await story().agent();
    const declined = await call(story(), agent.uri, { subject: 'declined' });
    const rung = await ringing(agent, 'declined');
    expectEmpty(await agent.caller.send('POST', hrefOf(rung.resource, 'decline'), { json: { reason: 'Local' } }), 204);
    const refused = await outcome(story(), declined.operationId, 'completed');
    expect(refused.event.status).toBe('Failure');
    expect(refused.resource.state).toBe('Failed');
    expect(refused.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Declined' });

    const cancelled = await call(story(), agent.uri, { subject: 'cancelled' });
    const started = await outcome(story(), cancelled.operationId, 'started');
    const calling = await ringing(agent, 'cancelled');
    expectEmpty(await story().service.send('POST', hrefOf(started.resource, s('cancel'))), 204);
    const own = await outcome(story(), cancelled.operationId, 'completed');
    expect(own.event.reason).toMatchObject({ code: 'LocalFailure', subcode: 'Canceled' });
    const seen = await agent.channel.log.wait({
      rel: 'messagingInvitation',
      type: 'completed',
      where: ({ event }) => event.link.href === calling.event.link.href,
    });
    expect(seen.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Canceled' });
    expectRefusal(await agent.caller.send('POST', hrefOf(calling.resource, 'accept')), 404, 'NotFound');

    const domain = agent.uri.split('@')[1];
    for (const [to, code, subcode] of [
      [story().agentUri(1), 'RemoteFailure', 'Unreachable'],
      [`sip:nobody@${domain}`, 'NotFound', 'DestinationNotFound'],
      ['sip:999999999@anonymous.invalid', 'NotFound', 'DestinationNotFound'],
    ] as const) {
      const { operationId } = await call(story(), to);
      const failed = await outcome(story(), operationId, 'completed');
      expect(failed.resource.state).toBe('Failed');
      expect(failed.event.reason, to).toMatchObject({ code, subcode });
    }
    const none = await call(story(), 'nobody');
    expectRefusal(none.answer, 400, 'BadRequest', 'ParameterValidationFailure');
  });

  test('a public application does not speak in another name', async () => {
    const { application } = await story().capabilities();
    const communication = embeddedOf(application.resource, s('communication'));
    expect(hasLink(communication, s('startMessagingWithIdentity'))).toBe(false);
    const { answer } = await call(story(), story().agentUri(0), { localUserDisplayName: 'The boss' });
    expectRefusal(answer, 403, 'Forbidden', 'NotAllowed');
  });
});

describe.skipIf(target().operatorToken === undefined)('with identity', () => {
  const story = useStory({ privileged: true });

  test('the agent sees the name and the uri that were given', async () => {
    const agent = await story().agent();
    const { application } = await story().capabilities();
    const communication = embeddedOf(application.resource, s('communication'));
    expect(hasLink(communication, s('startMessaging'))).toBe(false);
    const href = await startHref(story(), 'startMessagingWithIdentity');
    const localUserUri = agent.uri.replace('sip:ann@', 'sip:night.desk@');
    const json = {
      operationId: randomUUID(),
      to: agent.uri,
      subject: 'as somebody else',
      localUserDisplayName: 'Night desk',
      localUserUri,
    };
    expectCreated(await story().service.send('POST', href, { json }));
    const rung = await ringing(agent, 'as somebody else');
    expect(embeddedOf(rung.resource, 'from')).toMatchObject({ uri: localUserUri, name: 'Night desk' });
    expectEmpty(await agent.caller.send('POST', hrefOf(rung.resource, 'accept')), 204);
    const completed = await outcome(story(), json.operationId, 'completed');
    await sayIn(story().service, hrefOf(completed.resource, s('conversation')), 'good evening');
    const read = await hears(agent.channel, 'good evening');
    expect(linkOf(read.resource, 'participant').title).toBe('Night desk');
  });
});

describe('to a visitor who is signed in', () => {
  const story = useStory();

  test('accepted, and both can talk', async () => {
    const visitor = await signInVisitor(story(), 'Vera');
    const { answer, operationId } = await call(story(), visitor.uri);
    expectCreated(answer);
    const rung = await visitor.channel.log.wait({ rel: 'messagingInvitation', type: 'started' });
    expect(rung.resource).toMatchObject({ direction: 'Incoming', state: 'Connecting' });
    expectEmpty(await visitor.caller.send('POST', hrefOf(rung.resource, 'accept')), 204);
    const completed = await outcome(story(), operationId, 'completed');
    expect(completed.event.status).toBe('Success');
    await sayIn(story().service, hrefOf(completed.resource, s('conversation')), 'may I help you?');
    await hears(visitor.channel, 'may I help you?');
    await sayIn(visitor.caller, hrefOf(rung.resource, 'conversation'), 'please');
    await hears(story().receiver, 'please');
  });

  test('declined, and not found any more once signed out', async () => {
    const visitor = await signInVisitor(story(), 'Victor');
    const { operationId } = await call(story(), visitor.uri);
    const rung = await visitor.channel.log.wait({ rel: 'messagingInvitation', type: 'started' });
    expectEmpty(await visitor.caller.send('POST', hrefOf(rung.resource, 'decline')), 204);
    const failed = await outcome(story(), operationId, 'completed');
    expect(failed.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Declined' });
    expectEmpty(await visitor.caller.send('DELETE', hrefOf(visitor.created.resource, 'self')), 204);
    const again = await call(story(), visitor.uri);
    const unreachable = await outcome(story(), again.operationId, 'completed');
    expect(unreachable.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Unreachable' });
  });
});

describe('what an invitation carries', () => {
  const story = useStory();
  const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00, 0xfe]);

  const related = (json: object, parts: readonly (readonly [string, Buffer | string])[]): Buffer =>
    Buffer.concat([
      Buffer.from(`--b1\r\nContent-Type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(json)}`),
      ...parts.flatMap(([type, body], index) => [
        Buffer.from(`\r\n--b1\r\nContent-ID: ${index + 2}\r\nContent-Type: ${type}\r\n\r\n`),
        Buffer.from(body),
      ]),
      Buffer.from('\r\n--b1--\r\n'),
    ]);

  async function sent(parts: readonly (readonly [string, Buffer | string])[], json: object): Promise<Resource> {
    const visitor = await signInVisitor(story(), 'Vera');
    const threadId = randomUUID();
    const text = related({ operationId: randomUUID(), to: story().site.endpointUri, threadId, ...json }, parts);
    const contentType = 'multipart/related; boundary="b1"; type="application/json"';
    expectCreated(await visitor.caller.send('POST', visitor.startHref, { text, contentType }));
    const where = ({ resource }: Occurrence): boolean => resource.threadId === threadId;
    return (await story().receiver.log.wait({ rel: s('messagingInvitation'), type: 'started', where })).resource;
  }

  test.each([
    ['foo/foo', 'item=4711 & more', /^data:foo\/foo,item%3d4711\+%26\+more$/],
    ['text/x-cart; charset="UTF-8"; format=flowed', 'ä', /^data:text\/x-cart;charset=utf-8,%c3%a4$/],
    ['application/json', '{"page":"/cart"}', /^data:application\/json,%7b%22page%22%3a%22%2fcart%22%7d$/],
    ['image/png', bytes, new RegExp(`^data:image/png;base64,${bytes.toString('base64').replace(/[+/]/g, '\\$&')}$`)],
  ])('customContent by multipart/related, part of type %s', async (type, body, expected) => {
    const invitation = await sent([[type, body]], { customContent: 'CID:2' });
    expect(hrefOf(invitation, 'customContent')).toMatch(expected);
  });

  test('message and customContent by CID in links, in any order of the parts', async () => {
    const parts = [
      ['text/x-cart', 'item=1'],
      ['text/plain; charset=utf-8', 'first words'],
    ] as const;
    const links = { _links: { customContent: { href: 'CID:2' }, message: { href: 'cid:3' } } };
    const invitation = await sent(parts, links);
    expect(dataText(hrefOf(invitation, 'customContent'))).toBe('item=1');
    const { meetingUri } = await story().startAdhocMeeting();
    const json = { onlineMeetingUri: meetingUri };
    await story().service.send('POST', hrefOf(invitation, s('acceptAndBridge')), { json });
    const said = await hears(story().receiver, 'first words');
    expect(said.resource.direction).toBe('Incoming');
    expect(linksOf(said.resource, s('participant'))[0]?.title).toBe('Vera');
  });

  test('a part that is not there, and a message that is no text', async () => {
    const visitor = await signInVisitor(story(), 'Vera');
    const contentType = 'multipart/related; boundary=b1; type="application/json"';
    const post = (text: Buffer): Promise<Answer> =>
      visitor.caller.send('POST', visitor.startHref, { text, contentType });
    const base = { operationId: randomUUID(), to: story().site.endpointUri };
    const missing = await post(related({ ...base, customContent: 'CID:7' }, []));
    expectRefusal(missing, 400, 'BadRequest', 'DeserializationFailure');
    const image = await post(related({ ...base, message: 'CID:2' }, [['image/png', bytes]]));
    expect([400, 415]).toContain(image.status);
  });

  test('the service application’s own content reaches the agent as a link', async () => {
    const agent = await story().agent();
    const links = {
      customContent: { href: 'data:application/json,%7b%22case%22%3a7%7d' },
      message: { href: 'data:text/plain;charset=utf-8,have+a+look' },
    };
    await call(story(), agent.uri, { subject: 'with content', _links: links });
    const rung = await ringing(agent, 'with content');
    expect(dataText(hrefOf(rung.resource, 'customContent'))).toBe('{"case":7}');
    expect(dataText(hrefOf(rung.resource, 'message'))).toBe('have a look');
  });
});
