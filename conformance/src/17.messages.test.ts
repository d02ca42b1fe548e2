/** Step 17: messages. What the visitor writes is read by everybody in the meeting; what agents write goes through the filter. */
import { describe, expect, test } from 'vitest';
import type { Occurrence } from './eventLog.ts';
import { expectCors, expectCreated, expectEmpty, expectJson, expectOrder } from './expectations.ts';
import { dataText, embeddedOf, hrefOf, linkOf, s, wireMs } from './hal.ts';
import { expectEventLikeSample } from './sampleCheck.ts';
import type { SignedInAgent } from './story.ts';
import { bridgedName, concerns, pageOrigin, visitorName } from './story.ts';
import { useStory } from './useStory.ts';

describe('the visitor writes', () => {
  const story = useStory();
  const text = 'Parcel 4711,\r\nplease – 100% "urgent" <b>& ünïcode</b> 📦 + plus';

  const saying = (wanted: string) => (o: Occurrence) =>
    o.resource._links?.plainMessage !== undefined && dataText(hrefOf(o.resource, 'plainMessage')) === wanted;

  async function sent(): Promise<{
    operationId: string;
    answer: Awaited<ReturnType<ReturnType<typeof story>['say']>>;
  }> {
    outcome ??= (async () => {
      await story().agentJoins();
      const { caller, messaging } = await story().visitorMessaging();
      const operationId = story().operation('visitor message');
      const href = `${hrefOf(messaging, 'sendMessage')}?operationContext=${encodeURIComponent(operationId)}`;
      const answer = await caller.send('POST', href, { text, contentType: 'text/plain; charset=utf-8' });
      return { operationId, answer };
    })();
    return outcome;
  }
  let outcome: ReturnType<typeof sent> | undefined;

  test('201 with Location, and message completed outgoing on the own channel', async () => {
    const { answer, operationId } = await sent();
    const location = expectCreated(answer);
    expectCors(answer, pageOrigin);
    const { channel } = await story().session();
    const own = await channel.log.wait({
      rel: 'message',
      type: 'completed',
      where: ({ resource }) => resource.direction === 'Outgoing',
    });
    expect(own.event.status).toBe('Success');
    expect(own.resource.operationId).toBe(operationId);
    expect(new URL(own.event.link.href, location).href).toBe(location);
  });

  test('the agent reads the same text, from the visitor', async () => {
    const { answer } = await sent();
    expectCreated(answer);
    const { channel } = await story().agent();
    const { caHref } = await story().participantInvitation();
    const received = await channel.log.wait({ rel: 'message', type: 'completed', where: saying(text) });
    expect(received.sender).toEqual({ rel: 'conversation', href: caHref });
    expect(received.event.status).toBe('Success');
    expect(received.resource.direction).toBe('Incoming');
    expect(linkOf(received.resource, 'participant').title).toBe(visitorName);
    const roster = await channel.log.wait({
      rel: 'participant',
      type: 'added',
      in: null,
      where: ({ event }) => event.link.href === linkOf(received.resource, 'participant').href,
    });
    expectOrder(roster, received);
  });

  test('the service application reads it on both legs, with the same time', async ({ annotate }) => {
    await sent();
    const { log } = story().receiver;
    const { c1Href } = await story().callback();
    const { c2Href } = await story().startAdhocMeeting();
    const onLeg = (href: string): Promise<Occurrence> =>
      log.wait({ rel: s('message'), type: 'completed', where: (o) => concerns(o, href) && saying(text)(o) });
    const c1 = await onLeg(c1Href);
    const c2 = await onLeg(c2Href);
    for (const received of [c1, c2]) {
      expect(received.event.status).toBe('Success');
      expect(received.resource.direction).toBe('Incoming');
      expect(linkOf(received.resource, s('participant')).title).toBe(visitorName);
      expect(embeddedOf(received.resource, s('senderParticipant'))).toMatchObject({ name: visitorName });
      await expectEventLikeSample(received, 'Event_MessageIncoming', annotate);
    }
    const { channel } = await story().agent();
    const seen = await channel.log.wait({ rel: 'message', type: 'completed', where: saying(text) });
    expect(wireMs(c1.resource.timeStamp)).toBe(wireMs(c2.resource.timeStamp));
    expect(wireMs(seen.resource.timeStamp)).toBe(wireMs(c1.resource.timeStamp));
  });

  test('the message can be read by its address', async () => {
    const { answer } = await sent();
    const { visitor } = await story().session();
    const read = await visitor.send('GET', String(answer.headers.location));
    expectJson(read, 200);
    expect(read.resource).toMatchObject({ rel: 'message', direction: 'Outgoing' });
  });

  test('many messages keep their order on every screen, each once, with rising times', async () => {
    await sent();
    const texts = Array.from({ length: 20 }, (_, index) => `number ${index}`);
    for (const one of texts) await story().say('visitor', one);
    const { c1Href } = await story().callback();
    const { c2Href } = await story().startAdhocMeeting();
    const views = [
      { log: (await story().agent()).channel.log, rel: 'message', where: () => true },
      { log: story().receiver.log, rel: s('message'), where: (o: Occurrence) => concerns(o, c1Href) },
      { log: story().receiver.log, rel: s('message'), where: (o: Occurrence) => concerns(o, c2Href) },
    ];
    for (const { log, rel, where } of views) {
      const last = texts.at(-1) ?? '';
      await log.wait({ rel, type: 'completed', where: (o) => where(o) && saying(last)(o) });
      const numbered = log.all({
        rel,
        type: 'completed',
        where: (o) => where(o) && texts.some((one) => saying(one)(o)),
      });
      expect(numbered.map(({ resource }) => dataText(hrefOf(resource, 'plainMessage')))).toEqual(texts);
      const times = numbered.map(({ resource }) => wireMs(resource.timeStamp));
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    }
  });
});

describe('agents write', () => {
  const story = useStory();
  const textOf = ({ resource }: Occurrence): string =>
    resource._links?.plainMessage === undefined ? '' : dataText(hrefOf(resource, 'plainMessage'));

  /** Waits for a text at the visitor's: everything sent before it has then arrived, or never will. */
  async function visitorReads(text: string): Promise<Occurrence> {
    const { log } = (await story().session()).channel;
    return log.wait({ rel: 'message', type: 'completed', where: (o) => textOf(o) === text });
  }

  async function visitorHasRead(): Promise<string[]> {
    const { log } = (await story().session()).channel;
    return log.all({ rel: 'message', type: 'completed' }).map(textOf);
  }

  /** Brings the second agent into the meeting, not bridged. */
  async function secondJoins(): Promise<{
    agent: SignedInAgent;
    say(text: string): Promise<void>;
    types(): Promise<void>;
  }> {
    joined ??= (async () => {
      await story().agentJoins();
      const agent = await story().secondAgent();
      await story().invite(agent.uri, 'second');
      const ringing = await agent.channel.log.wait({ rel: 'onlineMeetingInvitation', type: 'started' });
      await story().join(agent, ringing);
      const conversation = await agent.caller.read(hrefOf(ringing.resource, 'conversation'));
      const messaging = await agent.caller.read(hrefOf(conversation, 'messaging'));
      return {
        agent,
        say: async (text: string) => {
          const options = { text, contentType: 'text/plain' };
          expectCreated(await agent.caller.send('POST', hrefOf(messaging, 'sendMessage'), options));
        },
        types: async () => expectEmpty(await agent.caller.send('POST', hrefOf(messaging, 'setIsTyping')), 204),
      };
    })();
    return joined;
  }
  let joined: ReturnType<typeof secondJoins> | undefined;

  test('a bridged agent with the filter off reaches the visitor under the bridged name', async () => {
    await story().agentJoins();
    expectCreated(await story().say('agent', 'Hello, Ann here'));
    const received = await visitorReads('Hello, Ann here');
    const { conversationHref } = await story().messagingInvitation();
    expect(received.sender).toEqual({ rel: 'conversation', href: conversationHref });
    expect(received.event.status).toBe('Success');
    expect(received.resource.direction).toBe('Incoming');
    const participant = linkOf(received.resource, 'participant');
    expect(participant.title).toBe(bridgedName);
    const { visitor, channel } = await story().session();
    const person = await visitor.read(participant.href);
    expect(person).toMatchObject({ name: bridgedName, uri: story().site.endpointUri });
    const told = channel.answers.map(({ text }) => text).join('\n');
    expect(told).not.toContain(story().agentUri(0).replace('sip:', ''));
  });

  test('the service application reads it on the meeting leg as incoming, on the visitor’s leg as outgoing', async () => {
    await story().agentJoins();
    await story().say('agent', 'on both legs');
    const received = await visitorReads('on both legs');
    const { log } = story().receiver;
    const { c1Href } = await story().callback();
    const { c2Href } = await story().startAdhocMeeting();
    const onLeg = (href: string): Promise<Occurrence> =>
      log.wait({
        rel: s('message'),
        type: 'completed',
        where: (o) => concerns(o, href) && textOf(o) === 'on both legs',
      });
    const c2 = await onLeg(c2Href);
    expect(c2.resource.direction).toBe('Incoming');
    expect(linkOf(c2.resource, s('participant')).href).toContain(story().agentUri(0).replace('sip:', ''));
    const c1 = await onLeg(c1Href);
    expect(c1.resource.direction).toBe('Outgoing');
    expect(linkOf(c1.resource, s('participant')).title).toBe(bridgedName);
    expect(wireMs(c1.resource.timeStamp)).toBe(wireMs(c2.resource.timeStamp));
    expect(wireMs(received.resource.timeStamp)).toBe(wireMs(c2.resource.timeStamp));
  });

  test('the sender sees it outgoing', async () => {
    await story().agentJoins();
    const answer = await story().say('agent', 'mine');
    const { log } = (await story().agent()).channel;
    const own = await log.wait({
      rel: 'message',
      type: 'completed',
      where: ({ resource }) => resource.direction === 'Outgoing',
    });
    expect(own.event.status).toBe('Success');
    expect(new URL(String(answer.headers.location), answer.url).pathname).toMatch(/\/messaging\/messages\/\d+$/);
  });

  test('an agent who is not bridged is read in the meeting and never by the visitor, nor is his typing seen', async () => {
    const second = await secondJoins();
    await second.types();
    await second.say('between us');
    await story().say('agent', 'fence 1');
    await visitorReads('fence 1');
    expect(await visitorHasRead()).not.toContain('between us');
    const { log } = (await story().session()).channel;
    const typed = log.all({ rel: 'participant', type: 'added', in: 'typingParticipants' });
    expect(typed.filter(({ event }) => event.link.title !== bridgedName)).toEqual([]);

    const first = (await story().agent()).channel.log;
    await first.wait({ rel: 'message', type: 'completed', where: (o) => textOf(o) === 'between us' });
    const { c1Href } = await story().callback();
    const { c2Href } = await story().startAdhocMeeting();
    const { log: callbacks } = story().receiver;
    await callbacks.wait({
      rel: s('message'),
      type: 'completed',
      where: (o) => concerns(o, c2Href) && textOf(o) === 'between us',
    });
    await callbacks.wait({
      rel: s('message'),
      type: 'completed',
      where: (o) => concerns(o, c1Href) && textOf(o) === 'fence 1',
    });
    expect(callbacks.all({ where: (o) => concerns(o, c1Href) && textOf(o) === 'between us' })).toEqual([]);
  });

  test('the visitor’s messages reach a person who is not bridged', async () => {
    const second = await secondJoins();
    await story().say('visitor', 'to everybody');
    const { log } = second.agent.channel;
    await log.wait({ rel: 'message', type: 'completed', where: (o) => textOf(o) === 'to everybody' });
  });

  test('bridged with the filter on is blocked; a PUT in mid-conversation counts for what is sent afterwards', async () => {
    const second = await secondJoins();
    const { bridgedParticipantsHref } = await story().conversationBridge();
    const participantUri = second.agent.uri;
    const body = (messageFilterState: string): { json: unknown } => ({
      json: { displayName: 'Bob', participantUri, messageFilterState },
    });
    const created = await story().service.send('POST', bridgedParticipantsHref, body('Enabled'));
    const href = expectCreated(created);
    await second.types();
    await second.say('still between us');
    expectEmpty(await story().service.send('PUT', href, body('Disabled')), 204);
    await second.say('now aloud');
    const heard = await visitorReads('now aloud');
    expect(linkOf(heard.resource, 'participant').title).toBe('Bob');
    expect(await visitorHasRead()).not.toContain('still between us');

    expectEmpty(await story().service.send('PUT', href, body('Enabled')), 204);
    await second.types();
    await second.say('quiet again');
    await story().say('agent', 'fence 2');
    await visitorReads('fence 2');
    expect(await visitorHasRead()).not.toContain('quiet again');
    const { log } = (await story().session()).channel;
    const typed = log.all({ rel: 'participant', type: 'added', in: 'typingParticipants' });
    expect(typed.filter(({ event }) => event.link.title === 'Bob')).toEqual([]);

    expectEmpty(await story().service.send('DELETE', href), 204);
    await second.say('not bridged any more');
    await story().say('agent', 'fence 3');
    await visitorReads('fence 3');
    expect(await visitorHasRead()).not.toContain('not bridged any more');
  });

  test('what the service application writes on the meeting leg stays in the meeting', async () => {
    await story().agentJoins();
    const { c2Href } = await story().startAdhocMeeting();
    const messaging = await story().service.read(hrefOf(await story().service.read(c2Href), s('messaging')));
    const options = { text: 'note to the agents', contentType: 'text/plain' };
    expectCreated(await story().service.send('POST', hrefOf(messaging, s('sendMessage')), options));
    const { log } = (await story().agent()).channel;
    await log.wait({ rel: 'message', type: 'completed', where: (o) => textOf(o) === 'note to the agents' });
    await story().say('agent', 'fence 4');
    await visitorReads('fence 4');
    expect(await visitorHasRead()).not.toContain('note to the agents');
  });
});
