/** Who hears whom when several visitors, several agents and a supervisor share one meeting; and meetings of other makers. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { expectCreated, expectEmpty, expectJson, expectRefusal } from './expectations.ts';
import { embeddedOf, hasLink, hrefOf, linksOf, s } from './hal.ts';
import { concerns, must } from './story.ts';
import { useStory } from './useStory.ts';
import { allow, bridge, callIn, heardBy, hears, ringAs, sayIn } from './visitorCall.ts';

describe('two visitors bridged into one meeting', () => {
  const story = useStory();

  test('each hears only whom the service application has named on his own leg, the agents hear both', async () => {
    const { meetingUri, c2Href } = await story().startAdhocMeeting();
    const agent = await story().agent();
    const agentHref = await callIn(story(), agent);
    const vera = await ringAs(story(), 'Vera');
    const victor = await ringAs(story(), 'Victor');
    await bridge(story(), vera, meetingUri);
    await bridge(story(), victor, meetingUri);
    await allow(story(), vera.c1Href, agent.uri, 'Ann for Vera');

    await sayIn(vera.caller, vera.conversationHref, 'I am Vera');
    await sayIn(victor.caller, victor.conversationHref, 'I am Victor');
    await hears(agent.channel, 'I am Vera');
    await hears(agent.channel, 'I am Victor');
    await sayIn(agent.caller, agentHref, 'hello');
    const relayed = await hears(vera.channel, 'hello');
    expect(linksOf(relayed.resource, 'participant')[0]?.title).toBe('Ann for Vera');
    expect(heardBy(vera.channel)).toEqual(['hello']);
    expect(heardBy(agent.channel)).toEqual(['I am Vera', 'I am Victor']);

    // Named on his leg, too: from now on, and under that leg's name; Vera by her own number.
    await allow(story(), victor.c1Href, agent.uri, 'Ann for Victor');
    await allow(story(), victor.c1Href, vera.uri, 'Another customer');
    await sayIn(vera.caller, vera.conversationHref, 'Vera again');
    await sayIn(agent.caller, agentHref, 'both of you');
    const last = await hears(victor.channel, 'both of you');
    expect(linksOf(last.resource, 'participant')[0]?.title).toBe('Ann for Victor');
    expect(heardBy(victor.channel)).toEqual(['Vera again', 'both of you']);
    const other = await hears(victor.channel, 'Vera again');
    expect(linksOf(other.resource, 'participant')[0]?.title).toBe('Another customer');
    // Nothing was named on Vera's leg but the agent, so she never hears Victor.
    await sayIn(victor.caller, victor.conversationHref, 'does Vera hear me?');
    await sayIn(agent.caller, agentHref, 'fence');
    await hears(vera.channel, 'fence');
    expect(heardBy(vera.channel)).toEqual(['hello', 'both of you', 'fence']);
    const told = vera.channel.answers.map(({ text }) => text).join('\n');
    for (const secret of ['Victor', victor.uri, agent.uri, meetingUri]) expect(told).not.toContain(secret);

    const conversation = await story().service.read(c2Href);
    const roster = await story().service.read(hrefOf(conversation, s('participants')));
    const names = linksOf(roster, s('participant')).map(({ title }) => title);
    expect(names.toSorted()).toEqual(['Ann', 'Vera', 'Victor']);
  });

  test('one of them leaves, the other stays connected', async () => {
    const { meetingUri, c2Href } = await story().startAdhocMeeting();
    const first = await ringAs(story(), 'First');
    const second = await ringAs(story(), 'Second');
    await bridge(story(), first, meetingUri);
    await bridge(story(), second, meetingUri);
    expectEmpty(await first.caller.send('DELETE', first.conversationHref), 204);
    const { log } = story().receiver;
    await log.wait({
      rel: s('participant'),
      type: 'deleted',
      in: null,
      where: (o) => concerns(o, c2Href) && o.event.link.title === 'First',
    });
    const other = await second.caller.read(second.conversationHref);
    expect(other.state).toBe('Connected');
    expect(hasLink(await story().service.read(second.c1Href), s('conversationBridge'))).toBe(true);
    expect(second.channel.log.all({ rel: 'participant', type: 'deleted' })).toEqual([]);
  });
});

describe('several agents and a supervisor', () => {
  const story = useStory();

  test('each filter counts for its own agent, a change for what is said afterwards, and who is not bridged is never heard', async () => {
    const { meetingUri } = await story().startAdhocMeeting();
    const ann = await story().agent();
    const supervisor = await story().secondAgent();
    const annHref = await callIn(story(), ann);
    const supervisorHref = await callIn(story(), supervisor);
    const visitor = await ringAs(story(), 'Vera');
    await bridge(story(), visitor, meetingUri);
    const entry = await allow(story(), visitor.c1Href, ann.uri, 'Ann at Contoso', 'Enabled');

    const put = async (messageFilterState: string): Promise<void> => {
      const json = { displayName: 'Ann at Contoso', participantUri: ann.uri, messageFilterState };
      expectEmpty(await story().service.send('PUT', entry, { json }), 204);
    };
    await sayIn(ann.caller, annHref, 'one, blocked');
    await put('Disabled');
    await sayIn(ann.caller, annHref, 'two');
    await sayIn(supervisor.caller, supervisorHref, 'only for us');
    await put('Enabled');
    await sayIn(ann.caller, annHref, 'three, blocked');
    await put('Disabled');
    await sayIn(ann.caller, annHref, 'four');
    await hears(visitor.channel, 'four');
    expect(heardBy(visitor.channel)).toEqual(['two', 'four']);
    await hears(supervisor.channel, 'four');
    expect(heardBy(supervisor.channel)).toEqual(['one, blocked', 'two', 'three, blocked', 'four']);
    await sayIn(visitor.caller, visitor.conversationHref, 'thanks');
    await hears(ann.channel, 'thanks');
    await hears(supervisor.channel, 'thanks');

    // Bridged later and in mid-conversation: heard under the name of his own entry.
    await allow(story(), visitor.c1Href, supervisor.uri, 'The boss');
    await sayIn(supervisor.caller, supervisorHref, 'good day');
    const heard = await hears(visitor.channel, 'good day');
    expect(linksOf(heard.resource, 'participant')[0]?.title).toBe('The boss');
    // Taken out: silent again, at once.
    expectEmpty(await story().service.send('DELETE', entry), 204);
    await sayIn(ann.caller, annHref, 'five, removed');
    await sayIn(supervisor.caller, supervisorHref, 'fence');
    await hears(visitor.channel, 'fence');
    expect(heardBy(visitor.channel)).toEqual(['two', 'four', 'good day', 'fence']);
  });

  test('what the service application says in the meeting is heard once it has named itself', async () => {
    const { meetingUri, c2Href } = await story().startAdhocMeeting();
    await story().addMessaging();
    const visitor = await ringAs(story(), 'Vera');
    await bridge(story(), visitor, meetingUri);
    await sayIn(story().service, c2Href, 'internal');
    await allow(story(), visitor.c1Href, story().site.endpointUri, 'The robot');
    await sayIn(story().service, c2Href, 'for everybody');
    await hears(visitor.channel, 'for everybody');
    expect(heardBy(visitor.channel)).toEqual(['for everybody']);
  });
});

describe('a bridge into a meeting that this call did not start', () => {
  const story = useStory();

  test('made by adhocMeetings; nobody is in it yet', async () => {
    const { application } = await story().capabilities();
    const href = hrefOf(embeddedOf(application.resource, s('adhocMeetings')), 'self');
    const { resource } = must(await story().service.send('POST', href, { json: { subject: 'later' } }), 200, 201);
    const visitor = await ringAs(story(), 'Vera');
    await bridge(story(), visitor, String(resource.onlineMeetingUri));
    // The service application joins afterwards, by the meeting's own link, and finds the visitor.
    const operationId = story().operation('join adhoc');
    const joined = await story().service.send('POST', hrefOf(resource, s('joinAdhocMeeting')), {
      json: { operationId },
    });
    expectCreated(joined);
    const completed = await story().receiver.log.wait({
      rel: s('onlineMeetingInvitation'),
      type: 'completed',
      where: (o) => o.resource.operationId === operationId,
    });
    expect(completed.event.status).toBe('Success');
    expect(completed.resource.onlineMeetingUri).toBe(resource.onlineMeetingUri);
    const legHref = hrefOf(completed.resource, s('conversation'));
    const present = await story().receiver.log.wait({
      rel: s('participant'),
      type: 'added',
      in: null,
      where: (o) => concerns(o, legHref),
    });
    expect(present.resource).toMatchObject({ name: 'Vera', uri: visitor.uri });
    expectEmpty(await story().service.send('DELETE', legHref), 204);
    // It can be read, ended by DELETE, and is gone for everybody then.
    const self = hrefOf(resource, 'self');
    expectJson(await story().service.send('GET', self), 200);
    expectEmpty(await story().service.send('DELETE', self), 204);
    expectEmpty(await story().service.send('DELETE', self), 204);
    expectRefusal(await story().service.send('GET', self), 410, 'Gone', 'Ended');
    await story().receiver.log.wait({
      rel: s('conversationBridge'),
      type: 'deleted',
      where: (o) => concerns(o, visitor.c1Href),
    });
    expect((await visitor.caller.read(visitor.conversationHref)).state).toBe('Connected');
  });

  test('started by an agent, and joined by the service application through joinOnlineMeeting', async () => {
    const agent = await story().agent();
    const join = hrefOf(embeddedOf(agent.created.resource, 'communication'), 'joinOnlineMeeting');
    const json = { operationId: randomUUID(), subject: 'an agent’s own' };
    must(await agent.caller.send('POST', join, { json }), 201);
    const own = await agent.channel.log.wait({ rel: 'onlineMeetingInvitation', type: 'completed' });
    const agentHref = hrefOf(own.resource, 'conversation');
    const meetingUri = String(own.resource.onlineMeetingUri);
    const messaging = await agent.caller.read(hrefOf(await agent.caller.read(agentHref), 'messaging'));
    must(await agent.caller.send('POST', hrefOf(messaging, 'addMessaging'), { json: {} }), 201);

    const visitor = await ringAs(story(), 'Vera');
    await bridge(story(), visitor, meetingUri);
    await allow(story(), visitor.c1Href, agent.uri, 'Ann');
    await sayIn(visitor.caller, visitor.conversationHref, 'anybody here?');
    await hears(agent.channel, 'anybody here?');
    await sayIn(agent.caller, agentHref, 'yes');
    await hears(visitor.channel, 'yes');

    const { application } = await story().capabilities();
    const communication = embeddedOf(application.resource, s('communication'));
    const operationId = story().operation('join online');
    const request = { operationId, onlineMeetingUri: meetingUri };
    expectCreated(await story().service.send('POST', hrefOf(communication, s('joinOnlineMeeting')), { json: request }));
    const completed = await story().receiver.log.wait({
      rel: s('onlineMeetingInvitation'),
      type: 'completed',
      where: ({ resource }) => resource.operationId === operationId,
    });
    expect(completed.resource).toMatchObject({
      state: 'Connected',
      direction: 'Outgoing',
      onlineMeetingUri: meetingUri,
    });
    // Unseen by the agent.
    expect(agent.channel.log.all({ where: ({ event }) => event.link.href.includes('helpdesk@') })).toEqual([]);
  });
});
