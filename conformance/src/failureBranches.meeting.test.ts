/** Failure branches of the call flow, part two: meetings that end, empty or close their doors; legs that are left (F7, F11 to F17, F19). */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Occurrence } from './eventLog.ts';
import { expectCreated, expectEmpty, expectOrder, expectRefusal } from './expectations.ts';
import { embeddedOf, hasLink, hrefOf, linksOf, type Resource, s } from './hal.ts';
import { concerns, must, type Story } from './story.ts';
import { useStory } from './useStory.ts';
import { allow, bridge, callIn, hears, type RingingVisitor, ringAs, sayIn } from './visitorCall.ts';

const ended = { code: 'Informational', subcode: 'Ended' };

async function makeMeeting(story: Story, json: object): Promise<Resource> {
  const { application } = await story.capabilities();
  const href = hrefOf(embeddedOf(application.resource, s('adhocMeetings')), 'self');
  return must(await story.service.send('POST', href, { json }), 200, 201).resource;
}

/** The service application joins a meeting by its uri. @returns its leg */
async function join(story: Story, onlineMeetingUri: unknown): Promise<string> {
  const { application } = await story.capabilities();
  const communication = embeddedOf(application.resource, s('communication'));
  const json = { operationId: randomUUID(), onlineMeetingUri };
  expectCreated(await story.service.send('POST', hrefOf(communication, s('joinOnlineMeeting')), { json }));
  const where = ({ resource }: Occurrence): boolean => resource.operationId === json.operationId;
  const completed = await story.receiver.log.wait({ rel: s('onlineMeetingInvitation'), type: 'completed', where });
  expect(completed.event.status).toBe('Success');
  return hrefOf(completed.resource, s('conversation'));
}

function deletedLeg(story: Story, href: string): Promise<Occurrence> {
  const where = ({ event }: Occurrence): boolean => event.link.href === href;
  return story.receiver.log.wait({ rel: s('conversation'), type: 'deleted', where });
}

/** The bridge is reported gone, and the visitor is none the wiser: what they say to each other on the leg still arrives. */
async function expectLegWithoutBridge(story: Story, visitor: RingingVisitor): Promise<void> {
  const own = (o: Occurrence): boolean => concerns(o, visitor.c1Href);
  const { log } = story.receiver;
  const gone = await log.wait({ rel: s('conversationBridge'), type: 'deleted', where: own });
  const updated = await log.wait({
    rel: s('conversation'),
    type: 'updated',
    where: (o) => own(o) && o.at > gone.at && !hasLink(o.resource, s('conversationBridge')),
  });
  expect(updated.resource.state).toBe('Connected');
  await sayIn(visitor.caller, visitor.conversationHref, 'still there?');
  await hears(story.receiver, 'still there?');
  await sayIn(story.service, visitor.c1Href, 'goodbye');
  await hears(visitor.channel, 'goodbye');
  expect(visitor.channel.log.all({ rel: 'conversation', type: 'deleted' })).toEqual([]);
}

describe('meetings that end', () => {
  const story = useStory();

  test('F7 a meeting that expires ends for all its members, and the visitor’s leg stays', async () => {
    const meeting = await makeMeeting(story(), { expirationTime: new Date(Date.now() + 4_000).toISOString() });
    const legHref = await join(story(), meeting.onlineMeetingUri);
    const visitor = await ringAs(story(), 'Vera');
    await bridge(story(), visitor, String(meeting.onlineMeetingUri));
    const over = await deletedLeg(story(), legHref);
    expect(over.event.reason).toMatchObject(ended);
    const where = (o: Occurrence): boolean => o.event.link.href === legHref && o.resource.state === 'Disconnected';
    expectOrder(await story().receiver.log.wait({ rel: s('conversation'), type: 'updated', where }), over);
    await expectLegWithoutBridge(story(), visitor);
    expectRefusal(await story().service.send('GET', hrefOf(meeting, 'self')), 410, 'Gone', 'Ended');
  });

  test('F11 terminateOnlineMeeting ends it for every member; F12 keeps the visitor', async () => {
    const { meetingUri, c2Href } = await story().startAdhocMeeting();
    const agent = await story().agent();
    const agentHref = await callIn(story(), agent);
    const visitor = await ringAs(story(), 'Victor');
    await bridge(story(), visitor, meetingUri);
    const conversation = await story().service.read(c2Href);
    const meeting = await story().service.read(hrefOf(conversation, s('onlineMeeting')));
    expectEmpty(await story().service.send('POST', hrefOf(meeting, s('terminateOnlineMeeting'))), 204);
    expect((await deletedLeg(story(), c2Href)).event.reason).toMatchObject(ended);
    const seen = await agent.channel.log.wait({
      rel: 'conversation',
      type: 'deleted',
      where: ({ event }) => event.link.href === agentHref,
    });
    expect(seen.event.reason).toMatchObject(ended);
    await expectLegWithoutBridge(story(), visitor);
  });

  test('F12 a leg whose meeting has died cannot be bridged again, only be ended', async () => {
    const meeting = await makeMeeting(story(), {});
    const visitor = await ringAs(story(), 'Vesna');
    await bridge(story(), visitor, String(meeting.onlineMeetingUri));
    expectEmpty(await story().service.send('DELETE', hrefOf(meeting, 'self')), 204);
    await expectLegWithoutBridge(story(), visitor);
    const other = await makeMeeting(story(), {});
    const json = { onlineMeetingUri: other.onlineMeetingUri };
    const again = await story().service.send('POST', hrefOf(visitor.invitation, s('acceptAndBridge')), { json });
    expectRefusal(again, 409, 'Conflict', 'AlreadyExists');
    const conversation = await story().service.send('GET', visitor.c1Href);
    expect(hasLink(conversation.resource, s('conversationBridge'))).toBe(false);
    expectEmpty(await story().service.send('DELETE', visitor.c1Href), 204);
    await visitor.channel.log.wait({ rel: 'conversation', type: 'deleted' });
  });
});

describe('meetings that empty', () => {
  const story = useStory();

  test('F14 the last agent leaves: the visitor stays, and another agent can be called in', async () => {
    await story().agentJoins();
    const { caller } = await story().agent();
    const { caHref } = await story().participantInvitation();
    expectEmpty(await caller.send('DELETE', caHref), 204);
    const second = await story().secondAgent();
    const { c1Href } = await story().callback();
    await allow(story(), c1Href, second.uri, 'Bob');
    const secondHref = await callIn(story(), second);
    await story().say('visitor', 'and now?');
    await hears(second.channel, 'and now?');
    await sayIn(second.caller, secondHref, 'I take over');
    await hears((await story().session()).channel, 'I take over');
  });

  test('F17 the service application leaves: the bridge goes on relaying', async () => {
    await story().agentJoins();
    const second = await story().secondAgent();
    const { c2Href } = await story().startAdhocMeeting();
    const { c1Href } = await story().callback();
    expectEmpty(await story().service.send('DELETE', c2Href), 204);
    await deletedLeg(story(), c2Href);
    await story().say('visitor', 'who is left?');
    await hears(second.channel, 'who is left?');
    const href = second.channel.log.all({ rel: 'onlineMeetingInvitation', type: 'started' }).at(-1);
    await sayIn(second.caller, hrefOf(href?.resource ?? {}, 'conversation'), 'I am');
    await hears((await story().session()).channel, 'I am');
    expect(hasLink(await story().service.read(c1Href), s('conversationBridge'))).toBe(true);
  });

  test('F16 the service application deletes the visitor’s leg: the visitor is told who ended it, the meeting goes on', async () => {
    await story().agentJoins();
    const { c1Href } = await story().callback();
    const { channel } = await story().session();
    expectEmpty(await story().service.send('DELETE', c1Href), 204);
    const where = ({ resource }: Occurrence): boolean => resource.state === 'Disconnected';
    const messaging = await channel.log.wait({ rel: 'messaging', type: 'updated', where });
    const person = await channel.log.wait({ rel: 'participant', type: 'deleted', in: null });
    const deleted = await channel.log.wait({ rel: 'conversation', type: 'deleted' });
    expect(deleted.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'CallTerminated' });
    expectOrder(messaging, deleted);
    expectOrder(person, deleted);
    const own = (o: Occurrence): boolean => concerns(o, c1Href);
    const bridgeGone = await story().receiver.log.wait({ rel: s('conversationBridge'), type: 'deleted', where: own });
    expectOrder(bridgeGone, await deletedLeg(story(), c1Href));
    const second = await story().secondAgent();
    const agentHref = hrefOf(
      second.channel.log.all({ rel: 'onlineMeetingInvitation', type: 'started' }).at(-1)?.resource ?? {},
      'conversation',
    );
    expect((await second.caller.read(agentHref)).state).toBe('Conferenced');
    const left = second.channel.log.all({ rel: 'participant', type: 'deleted', in: null });
    expect(left.length).toBeGreaterThan(0);
  });

  test('F15 a meeting that everybody has left can be joined until it expires', async () => {
    const expirationTime = new Date(Date.now() + 5_000).toISOString();
    const meeting = await makeMeeting(story(), { expirationTime });
    // Somebody is in this one, and so it says when the time has come.
    const clock = await join(story(), (await makeMeeting(story(), { expirationTime })).onlineMeetingUri);
    const first = await join(story(), meeting.onlineMeetingUri);
    expectEmpty(await story().service.send('DELETE', first), 204);
    await deletedLeg(story(), first);
    const again = await join(story(), meeting.onlineMeetingUri);
    expect(again).not.toBe(first);
    expect((await story().service.read(again)).state).toBe('Conferenced');
    expectEmpty(await story().service.send('DELETE', again), 204);
    await deletedLeg(story(), clock);
    const { application } = await story().capabilities();
    const joinHref = hrefOf(embeddedOf(application.resource, s('communication')), s('joinOnlineMeeting'));
    const json = { operationId: randomUUID(), onlineMeetingUri: meeting.onlineMeetingUri };
    expect([404, 410]).toContain((await story().service.send('POST', joinHref, { json })).status);
  });
});

describe('meetings with a closed door', () => {
  const story = useStory();

  test('F19 service applications, whom they call in, and bridged visitors come in; others do not, and nobody waits in a lobby', async () => {
    for (const accessLevel of ['Locked', 'Invited']) {
      const meeting = await makeMeeting(story(), { accessLevel });
      const onlineMeetingUri = String(meeting.onlineMeetingUri);
      const agent = await story().agent();
      const joinHref = hrefOf(embeddedOf(agent.created.resource, 'communication'), 'joinOnlineMeeting');
      const own = { operationId: randomUUID(), onlineMeetingUri };
      expectRefusal(await agent.caller.send('POST', joinHref, { json: own }), 403, 'Forbidden');

      const visitor = await ringAs(story(), `Visitor of ${accessLevel}`);
      await bridge(story(), visitor, onlineMeetingUri);
      const { application } = await story().capabilities();
      const invite = hrefOf(embeddedOf(application.resource, s('communication')), s('inviteUserToMeeting'));
      const json = { operationId: randomUUID(), to: agent.uri, onlineMeetingUri };
      expectCreated(await story().service.send('POST', invite, { json }));
      const rung = await agent.channel.log.wait({
        rel: 'onlineMeetingInvitation',
        type: 'started',
        where: ({ resource }) => resource.onlineMeetingUri === onlineMeetingUri,
      });
      expectEmpty(await agent.caller.send('POST', hrefOf(rung.resource, 'accept')), 204);
      // The service application was not in the meeting, so the events came with a conversation of their own.
      const completed = await story().receiver.log.wait({
        rel: s('userMeetingInvitation'),
        type: 'completed',
        where: ({ resource }) => resource.operationId === json.operationId,
      });
      expect(completed.event.status).toBe('Success');
      expect(completed.resource.state).toBe('Connected');

      const legHref = await join(story(), onlineMeetingUri);
      const conversation = await story().service.read(legHref);
      const titles = async (word: string): Promise<unknown[]> => {
        const view = await story().service.read(hrefOf(conversation, s(word)));
        expect(hrefOf(view, 'self')).toBe(hrefOf(conversation, s(word)));
        return linksOf(view, s('participant')).map(({ title }) => title);
      };
      expect((await titles('participants')).toSorted()).toEqual(['Ann', `Visitor of ${accessLevel}`]);
      expect((await titles('attendees')).toSorted()).toEqual(['Ann', `Visitor of ${accessLevel}`]);
      expect(await titles('lobby')).toEqual([]);
      expect(await titles('leaders')).toEqual([]);
    }
  });

  test('F19 a leader by name is in the view of the leaders', async () => {
    const agent = await story().agent();
    const meeting = await makeMeeting(story(), { accessLevel: 'Invited', leaders: [agent.uri] });
    const joinHref = hrefOf(embeddedOf(agent.created.resource, 'communication'), 'joinOnlineMeeting');
    const json = { operationId: randomUUID(), onlineMeetingUri: meeting.onlineMeetingUri };
    expectCreated(await agent.caller.send('POST', joinHref, { json }));
    const conversation = await story().service.read(await join(story(), meeting.onlineMeetingUri));
    const leaders = await story().service.read(hrefOf(conversation, s('leaders')));
    expect(linksOf(leaders, s('participant')).map(({ title }) => title)).toEqual(['Ann']);
    const attendees = await story().service.read(hrefOf(conversation, s('attendees')));
    expect(linksOf(attendees, s('participant'))).toEqual([]);
  });
});
