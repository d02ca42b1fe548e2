/** Calls that come to nothing: declined, cancelled, nobody there; and people who are removed. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { EventLog, Occurrence } from './eventLog.ts';
import { expectEmpty, expectOrder, expectRefusal } from './expectations.ts';
import { hasLink, hrefOf, s } from './hal.ts';
import { concerns } from './story.ts';
import { useStory } from './useStory.ts';

describe('the service application declines', () => {
  const story = useStory();

  test('both sides see the failure, and the conversations end', async () => {
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

  test('both sides see it, and what is over cannot be accepted any more', async () => {
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

  test('not signed in', async () => {
    const { operationId } = await story().invite(story().agentUri(1), 'offline');
    const { event } = await failureOf(operationId);
    expect(event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Unreachable' });
  });

  test('signed in, but not available yet', async () => {
    const lurker = await story().signIn(1, true);
    const { operationId } = await story().invite(lurker.uri, 'lurking');
    const { event } = await failureOf(operationId);
    expect(event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Unreachable' });
    expect(lurker.channel.log.all({ rel: 'onlineMeetingInvitation' })).toEqual([]);
    expectEmpty(await lurker.caller.send('DELETE', hrefOf(lurker.created.resource, 'self')), 204);
  });

  test('unknown', async () => {
    const domain = story().agentUri(0).split('@')[1];
    const { operationId } = await story().invite(`sip:nobody@${domain}`, 'unknown');
    const { event } = await failureOf(operationId);
    expect(event.reason).toMatchObject({ code: 'NotFound', subcode: 'DestinationNotFound' });
  });

  test('declined', async () => {
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

describe('agents who go', () => {
  const story = useStory();

  const gone = (log: EventLog, href: string): Promise<Occurrence> =>
    log.wait({ rel: s('participant'), type: 'deleted', in: null, where: ({ event }) => event.link.href === href });

  test('leaving is seen on the meeting leg and by nobody else; the person may come back and be ejected', async () => {
    await story().agentJoins();
    const agent = await story().agent();
    const { ringing, caHref } = await story().participantInvitation();
    const { c2Href } = await story().startAdhocMeeting();
    const { log } = story().receiver;
    const isAgent = (o: Occurrence): boolean => concerns(o, c2Href) && o.resource.uri === agent.uri;
    const added = await log.wait({ rel: s('participant'), type: 'added', in: null, where: isAgent });
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

    await story().invite(agent.uri, 'again');
    const second = await agent.channel.log.wait({
      rel: 'onlineMeetingInvitation',
      type: 'started',
      where: ({ event }) => event.link.href !== ringing.event.link.href,
    });
    expectEmpty(await agent.caller.send('POST', hrefOf(second.resource, 'accept')), 204);
    const back = await log.wait({
      rel: s('participant'),
      type: 'added',
      in: null,
      where: (o) => isAgent(o) && o.at > participant.at,
    });
    expectEmpty(
      await story().service.send('POST', hrefOf(back.resource, s('eject')), { text: '', contentType: 'text/plain' }),
      204,
    );
    const secondHref = hrefOf(second.resource, 'conversation');
    const ejected = await agent.channel.log.wait({
      rel: 'conversation',
      type: 'deleted',
      where: ({ event }) => event.link.href === secondHref,
    });
    expect(ejected.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Ejected' });
    const { channel } = await story().session();
    expect(channel.log.all({ rel: 'participant', type: 'deleted', in: null })).toEqual([]);
  });
});

describe('one visitor, two calls', () => {
  const story = useStory();

  test('a second conversation is allowed, but not under the thread of a living one', async () => {
    const { startHref, threadId } = await story().messagingInvitation();
    const { visitor } = await story().session();
    const json = { operationId: randomUUID(), to: story().site.endpointUri, threadId };
    expectRefusal(await visitor.send('POST', startHref, { json }), 409, 'Conflict', 'ThreadIdAlreadyExists');
    const other = { ...json, operationId: randomUUID(), threadId: randomUUID() };
    expect((await visitor.send('POST', startHref, { json: other })).status).toBe(201);
  });
});
