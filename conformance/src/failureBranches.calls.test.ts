/** Failure branches of the call flow, part one: calls that come to nothing, people who go, operations that repeat (F1, F2, F4, F13, F18, F25, F26). */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { EventLog, Occurrence } from './eventLog.ts';
import { expectEmpty, expectOrder, expectRefusal } from './expectations.ts';
import { embeddedOf, hasLink, hrefOf, s } from './hal.ts';
import { concerns } from './story.ts';
import { useStory } from './useStory.ts';
import { ringAs } from './visitorCall.ts';
import type { Answer } from './wire.ts';

describe('the service application declines', () => {
  const story = useStory();

  test('F1 declined: both sides see the failure, and the conversations end', async () => {
    const { invitation, c1Href } = await story().callback();
    const { operationId, conversationHref } = await story().messagingInvitation();
    const href = hrefOf(invitation, s('decline'));
    expectEmpty(await story().service.send('POST', href, { json: { reason: 'Local' } }), 204);

    const { log } = (await story().session()).channel;
    const failed = await log.wait({ rel: 'messagingInvitation', type: 'completed' });
    expect(failed.event.status).toBe('Failure');
    expect(failed.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Declined' });
    expect(failed.resource.operationId).toBe(operationId);
    expect(['Declined', 'Failed']).toContain(failed.resource.state);
    await log.wait({ rel: 'messaging', type: 'updated', where: ({ resource }) => resource.state === 'Disconnected' });
    const deleted = await log.wait({ rel: 'conversation', type: 'deleted' });
    expect(deleted.event.link.href).toBe(conversationHref);
    expectOrder(failed, deleted);

    const callbacks = story().receiver.log;
    const own = (o: Occurrence): boolean => concerns(o, c1Href);
    const told = await callbacks.wait({ rel: s('messagingInvitation'), type: 'completed', where: own });
    expect(told.event.status).toBe('Failure');
    expect(told.resource.state).toBe('Failed');
    expect(told.event.reason).toMatchObject({ code: 'LocalFailure', subcode: 'Declined' });
    expect(hasLink(told.resource, s('acceptAndBridge'))).toBe(false);
    expectOrder(told, await callbacks.wait({ rel: s('conversation'), type: 'deleted', where: own }));
    expectRefusal(await story().service.send('POST', href), 404, 'NotFound');
  });
});

describe('the visitor cancels while it rings', () => {
  const story = useStory();

  test('F2 cancelled while it rings: both sides see it, and what is over cannot be accepted any more', async () => {
    const { invitation, c1Href } = await story().callback();
    const { started } = await story().messagingInvitation();
    const { visitor, channel } = await story().session();
    expectEmpty(await visitor.send('POST', hrefOf(started.resource, 'cancel')), 204);
    const failed = await channel.log.wait({ rel: 'messagingInvitation', type: 'completed' });
    expect(failed.event.reason).toMatchObject({ code: 'LocalFailure', subcode: 'Canceled' });
    await channel.log.wait({ rel: 'conversation', type: 'deleted' });
    const own = (o: Occurrence): boolean => concerns(o, c1Href);
    const told = await story().receiver.log.wait({ rel: s('messagingInvitation'), type: 'completed', where: own });
    expect(told.event.status).toBe('Failure');
    expect(told.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Canceled' });
    expect(told.resource.state).toBe('Failed');
    await story().receiver.log.wait({ rel: s('conversation'), type: 'deleted', where: own });
    const { meetingUri } = await story().startAdhocMeeting();
    const json = { onlineMeetingUri: meetingUri };
    const late = await story().service.send('POST', hrefOf(invitation, s('acceptAndBridge')), { json });
    expectRefusal(late, 404, 'NotFound');
    expectRefusal(await story().service.send('POST', hrefOf(invitation, s('decline'))), 404, 'NotFound');
  });

  test.each(['the conversation', 'the application'])('F2 the visitor deletes %s while it rings', async (what) => {
    const visitor = await ringAs(story(), 'Victor');
    const href = what === 'the conversation' ? visitor.conversationHref : hrefOf(visitor.created.resource, 'self');
    expectEmpty(await visitor.caller.send('DELETE', href), 204);
    const own = (o: Occurrence): boolean => concerns(o, visitor.c1Href);
    const told = await story().receiver.log.wait({ rel: s('messagingInvitation'), type: 'completed', where: own });
    expect(told.resource.state).toBe('Failed');
    expect(told.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Canceled' });
    await story().receiver.log.wait({ rel: s('conversation'), type: 'deleted', where: own });
  });
});

describe('agents who do not come', () => {
  const story = useStory();

  async function failureOf(operationId: string): Promise<Occurrence> {
    const where = ({ resource }: Occurrence): boolean => resource.operationId === operationId;
    const failed = await story().receiver.log.wait({ rel: s('participantInvitation'), type: 'completed', where });
    expect(failed.event.status).toBe('Failure');
    expect(failed.resource.state).toBe('Failed');
    const started = await story().receiver.log.wait({ rel: s('participantInvitation'), type: 'started', where });
    expectOrder(started, failed);
    return failed;
  }

  test('F4 an agent who is not signed in', async () => {
    const { operationId } = await story().invite(story().agentUri(1), 'offline');
    const { event } = await failureOf(operationId);
    expect(event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Unreachable' });
  });

  test('F4 an agent who is signed in, but not available yet', async () => {
    const lurker = await story().signIn(1, true);
    const { operationId } = await story().invite(lurker.uri, 'lurking');
    const { event } = await failureOf(operationId);
    expect(event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Unreachable' });
    expect(lurker.channel.log.all({ rel: 'onlineMeetingInvitation' })).toEqual([]);
    expectEmpty(await lurker.caller.send('DELETE', hrefOf(lurker.created.resource, 'self')), 204);
  });

  test('F4 an agent who is unknown', async () => {
    const domain = story().agentUri(0).split('@')[1];
    const { operationId } = await story().invite(`sip:nobody@${domain}`, 'unknown');
    const { event } = await failureOf(operationId);
    expect(event.reason).toMatchObject({ code: 'NotFound', subcode: 'DestinationNotFound' });
  });

  test('F4 an agent who declines', async () => {
    const { caller, channel, uri } = await story().agent();
    const { operationId } = await story().invite(uri, 'declined');
    const ringing = await channel.log.wait({ rel: 'onlineMeetingInvitation', type: 'started' });
    const json = { reason: 'Local' };
    expectEmpty(await caller.send('POST', hrefOf(ringing.resource, 'decline'), { json }), 204);
    const { event } = await failureOf(operationId);
    expect(event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Declined' });
    const own = await channel.log.wait({ rel: 'onlineMeetingInvitation', type: 'completed' });
    expect(own.event.status).toBe('Failure');
    expect(own.event.reason).toMatchObject({ code: 'LocalFailure', subcode: 'Declined' });
    await channel.log.wait({ rel: 'conversation', type: 'deleted' });
    expectRefusal(await caller.send('POST', hrefOf(ringing.resource, 'accept')), 404, 'NotFound');
  });
});

describe('an agent who is not wanted any more', () => {
  const story = useStory();

  test.each(['participantInvitation', 'userMeetingInvitation'])(
    'F4 %s is cancelled: the agent stops ringing',
    async (word) => {
      const agent = await story().agent();
      const { meetingUri } = await story().startAdhocMeeting();
      const before = agent.channel.log.all({ rel: 'onlineMeetingInvitation' }).map(({ event }) => event.link.href);
      let operationId: string = randomUUID();
      if (word === 'participantInvitation') ({ operationId } = await story().invite(agent.uri, word));
      else {
        const { application } = await story().capabilities();
        const href = hrefOf(embeddedOf(application.resource, s('communication')), s('inviteUserToMeeting'));
        const json = { operationId, to: agent.uri, onlineMeetingUri: meetingUri };
        expect((await story().service.send('POST', href, { json })).status).toBe(201);
      }
      const own = ({ resource }: Occurrence): boolean => resource.operationId === operationId;
      const started = await story().receiver.log.wait({ rel: s(word), type: 'started', where: own });
      const isNew = ({ event }: Occurrence): boolean => !before.includes(event.link.href);
      const ringing = await agent.channel.log.wait({ rel: 'onlineMeetingInvitation', type: 'started', where: isNew });
      const cancel = hrefOf(started.resource, s('cancel'));
      expectEmpty(await story().service.send('POST', cancel), 204);
      const failed = await story().receiver.log.wait({ rel: s(word), type: 'completed', where: own });
      expect(failed.resource.state).toBe('Failed');
      expect(failed.event.reason).toMatchObject({ code: 'LocalFailure', subcode: 'Canceled' });
      expect(hasLink(failed.resource, s('cancel'))).toBe(false);
      const told = await agent.channel.log.wait({
        rel: 'onlineMeetingInvitation',
        type: 'completed',
        where: ({ event }) => event.status === 'Failure' && event.link.href === ringing.event.link.href,
      });
      expect(told.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Canceled' });
      expectRefusal(await story().service.send('POST', cancel), 404, 'NotFound');
    },
  );
});

describe('agents who go', () => {
  const story = useStory();

  const gone = (log: EventLog, href: string): Promise<Occurrence> =>
    log.wait({ rel: s('participant'), type: 'deleted', in: null, where: ({ event }) => event.link.href === href });

  async function agentIn(after: number): Promise<Occurrence> {
    const { c2Href } = await story().startAdhocMeeting();
    const { uri } = await story().agent();
    return story().receiver.log.wait({
      rel: s('participant'),
      type: 'added',
      in: null,
      where: (o) => concerns(o, c2Href) && o.resource.uri === uri && o.at > after,
    });
  }

  test('F13 an agent who leaves is seen leaving on the meeting leg and by nobody else; his bridge entry stays', async () => {
    await story().agentJoins();
    const agent = await story().agent();
    const { caHref } = await story().participantInvitation();
    const { log } = story().receiver;
    const added = await agentIn(0);
    expectEmpty(await agent.caller.send('DELETE', caHref), 204);
    const participant = await gone(log, added.event.link.href);
    const usesMessaging = await log.wait({
      rel: s('participantMessaging'),
      type: 'deleted',
      where: ({ event }) => event.in?.href === added.event.link.href,
    });
    expectOrder(usesMessaging, participant);
    const { bridgedParticipantsHref } = await story().conversationBridge();
    const bridged = await story().service.read(bridgedParticipantsHref);
    expect(bridged._embedded?.[s('bridgedParticipant')]).toHaveLength(1);
    const { channel } = await story().session();
    expect(channel.log.all({ rel: 'participant', type: 'deleted', in: null })).toEqual([]);
  });

  test('F18 who is ejected learns why, and may be called in again', async () => {
    await story().agentJoins();
    const agent = await story().agent();
    const { log } = story().receiver;
    const before = log.occurrences.at(-1)?.at ?? 0;
    const { ringing } = await story().participantInvitation();
    await story().invite(agent.uri, 'again');
    const second = await agent.channel.log.wait({
      rel: 'onlineMeetingInvitation',
      type: 'started',
      where: ({ event }) => event.link.href !== ringing.event.link.href,
    });
    expectEmpty(await agent.caller.send('POST', hrefOf(second.resource, 'accept')), 204);
    const back = await agentIn(before);
    const empty = { text: '', contentType: 'text/plain' };
    expectEmpty(await story().service.send('POST', hrefOf(back.resource, s('eject')), empty), 204);
    const secondHref = hrefOf(second.resource, 'conversation');
    const ejected = await agent.channel.log.wait({
      rel: 'conversation',
      type: 'deleted',
      where: ({ event }) => event.link.href === secondHref,
    });
    expect(ejected.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Ejected' });
    await log.wait({
      rel: s('participant'),
      type: 'deleted',
      in: null,
      where: (o) => o.event.link.href === back.event.link.href && o.at > back.at,
    });
    const { channel } = await story().session();
    expect(channel.log.all({ rel: 'participant', type: 'deleted', in: null })).toEqual([]);
  });

  test('F18 a visitor who is ejected from the meeting keeps the conversation with the service application', async () => {
    const { c2Href } = await story().startAdhocMeeting();
    const { c1Href } = await story().callback();
    const { log } = story().receiver;
    const isVisitor = (o: Occurrence): boolean =>
      concerns(o, c2Href) && o.event.link.href.includes('anonymous.invalid');
    const visitor = await log.wait({ rel: s('participant'), type: 'added', in: null, where: isVisitor });
    expectEmpty(await story().service.send('POST', hrefOf(visitor.resource, s('eject'))), 204);
    await log.wait({ rel: s('participant'), type: 'deleted', in: null, where: isVisitor });
    await log.wait({ rel: s('conversationBridge'), type: 'deleted', where: (o) => concerns(o, c1Href) });
    expect((await story().service.read(c1Href)).state).toBe('Connected');
  });
});

describe('one visitor, two calls', () => {
  const story = useStory();

  test('F26 a second conversation is allowed, but not under the thread of a living one', async () => {
    const { startHref, threadId } = await story().messagingInvitation();
    const { visitor } = await story().session();
    const json = { operationId: randomUUID(), to: story().site.endpointUri, threadId };
    expectRefusal(await visitor.send('POST', startHref, { json }), 409, 'Conflict', 'ThreadIdAlreadyExists');
    const other = { ...json, operationId: randomUUID(), threadId: randomUUID() };
    expect((await visitor.send('POST', startHref, { json: other })).status).toBe(201);
  });
});

describe('an operationId that is under way', () => {
  const story = useStory();

  test('F25 is refused on another resource while the first operation is alive, and free afterwards', async () => {
    const { c2Href } = await story().startAdhocMeeting();
    const agent = await story().agent();
    const { operationId } = await story().invite(agent.uri, 'alive');
    const ringing = await agent.channel.log.wait({ rel: 'onlineMeetingInvitation', type: 'started' });
    const conversation = await story().service.read(c2Href);
    const messaging = await story().service.read(hrefOf(conversation, s('messaging')));
    const add = (): Promise<Answer> =>
      story().service.send('POST', hrefOf(messaging, s('addMessaging')), { json: { operationId } });
    expectRefusal(await add(), 409, 'Conflict', 'AlreadyExists');
    expectEmpty(await agent.caller.send('POST', hrefOf(ringing.resource, 'decline')), 204);
    const where = ({ resource }: Occurrence): boolean => resource.operationId === operationId;
    await story().receiver.log.wait({ rel: s('participantInvitation'), type: 'completed', where });
    expect((await add()).status).toBe(201);
  });

  test('F25 with other contents it is refused, with the same it gets the first answer', async () => {
    const { startHref, operationId, answer, threadId } = await story().messagingInvitation();
    const { visitor } = await story().session();
    const json = { operationId, to: story().site.endpointUri, threadId, subject: 'something else' };
    expectRefusal(await visitor.send('POST', startHref, { json }), 409, 'Conflict', 'AlreadyExists');
    expect(answer.status).toBe(201);
  });
});
