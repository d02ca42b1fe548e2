/**
 * Failure branches of the call flow, part four: what only time brings about (F3, F4, F5). The platform of this repository is
 * started once more with short times; of any other server the real ones are waited for.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Occurrence } from './eventLog.ts';
import { expectOrder, expectRefusal } from './expectations.ts';
import { hasLink, hrefOf, linksOf, s } from './hal.ts';
import { type PlatformProcess, startPlatform } from './platformProcess.ts';
import { concerns } from './story.ts';
import { relPrefix, replaceTarget } from './target.ts';
import { targetFrom } from './targetSettings.ts';
import { useStory } from './useStory.ts';
import { allow, bridge, callIn, hears, ringAs, sayIn } from './visitorCall.ts';

/** Ringing 30 s and an unread message 30 s, and what a slow machine adds. */
const deadlineMs = 45_000;
let impatient: PlatformProcess | undefined;

// Before the stories begin: hooks run in the order in which they are registered.
beforeAll(async () => {
  if (process.env.CONFORMANCE_BASE_URL) return;
  impatient = await startPlatform({ RING_TIMEOUT_MS: '4000', UNDELIVERED_MS: '800' });
  replaceTarget(targetFrom({ CONFORMANCE_REL_PREFIX: relPrefix() }, impatient));
});
afterAll(() => impatient?.stop());

describe('time passes', { timeout: 2 * deadlineMs }, () => {
  const story = useStory();

  test('F3 nobody answers: both sides are told, and the links of the invitation vanish', async () => {
    const visitor = await ringAs(story(), 'Vera');
    const own = (o: Occurrence): boolean => concerns(o, visitor.c1Href);
    const failed = await visitor.channel.log.wait({ rel: 'messagingInvitation', type: 'completed' }, deadlineMs);
    expect(failed.event.status).toBe('Failure');
    expect(failed.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Timeout' });
    for (const rel of ['cancel', 'accept']) expect(hasLink(failed.resource, rel), rel).toBe(false);
    expectOrder(failed, await visitor.channel.log.wait({ rel: 'conversation', type: 'deleted' }));
    const { log } = story().receiver;
    const told = await log.wait({ rel: s('messagingInvitation'), type: 'completed', where: own });
    expect(told.resource.state).toBe('Failed');
    expect(told.event.reason).toMatchObject({ code: 'LocalFailure', subcode: 'Missed' });
    for (const word of ['decline', 'startAdhocMeeting', 'acceptAndBridge'])
      expect(hasLink(told.resource, s(word)), word).toBe(false);
    await log.wait({ rel: s('conversation'), type: 'deleted', where: own });
    const late = await story().service.send('POST', hrefOf(visitor.invitation, s('decline')));
    expectRefusal(late, 404, 'NotFound');
  });

  test('F4 an agent who does not answer; his bridge entry stays', async () => {
    const { meetingUri } = await story().startAdhocMeeting();
    const visitor = await ringAs(story(), 'Victor');
    await bridge(story(), visitor, meetingUri);
    const agent = await story().agent();
    const entry = await allow(story(), visitor.c1Href, agent.uri, 'Ann');
    const { operationId } = await story().invite(agent.uri, 'unanswered');
    const where = ({ resource }: Occurrence): boolean => resource.operationId === operationId;
    const match = { rel: s('participantInvitation'), type: 'completed', where };
    const failed = await story().receiver.log.wait(match, deadlineMs);
    expect(failed.resource.state).toBe('Failed');
    expect(failed.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Timeout' });
    const missed = await agent.channel.log.wait({ rel: 'onlineMeetingInvitation', type: 'completed' });
    expect(missed.event.reason).toMatchObject({ code: 'LocalFailure', subcode: 'Missed' });
    expect((await story().service.read(entry)).displayName).toBe('Ann');
  });

  test('F5 a visitor who does not fetch: the sender learns it, the message still arrives when the visitor is back', async () => {
    const { meetingUri, c2Href } = await story().startAdhocMeeting();
    const visitor = await ringAs(story(), 'Vesna');
    await bridge(story(), visitor, meetingUri);
    const agent = await story().secondAgent();
    const agentHref = await callIn(story(), agent);
    await allow(story(), visitor.c1Href, agent.uri, 'Bob');
    await visitor.channel.stop();
    const text = `are you there, ${randomUUID()}?`;
    const sent = await sayIn(agent.caller, agentHref, text);
    const href = new URL(String(sent.headers.location), sent.url).pathname;
    const failed = await agent.channel.log.wait(
      {
        rel: 'message',
        type: 'completed',
        where: ({ event }) => event.status === 'Failure' && href.endsWith(event.link.href),
      },
      deadlineMs,
    );
    expect(failed.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'Timeout' });
    expect(linksOf(failed.resource, 'failedDeliveryParticipant').map(({ title }) => title)).toEqual(['Vesna']);
    // The record of what crossed the leg knows it too; in the meeting the message was read.
    const own = (o: Occurrence): boolean => concerns(o, visitor.c1Href) && o.event.status === 'Failure';
    await story().receiver.log.wait({ rel: s('message'), type: 'completed', where: own });
    const inMeeting = (o: Occurrence): boolean => concerns(o, c2Href) && o.event.status === 'Failure';
    expect(story().receiver.log.all({ rel: s('message'), where: inMeeting })).toEqual([]);
    const back = await visitor.caller.send('GET', visitor.channel.position());
    expect(back.status).toBe(200);
    expect(decodeURIComponent(back.text.replaceAll('+', ' '))).toContain(text);
    await sayIn(visitor.caller, visitor.conversationHref, 'here I am');
    await hears(agent.channel, 'here I am');
  });
});
