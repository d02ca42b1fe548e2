/**
 * Failure branches of the call flow, part four: what only time brings about (F3, F4, F5, F8). The platform of this repository is
 * started once more with short times and a clock that can be moved; of any other server the short ones are waited for, and
 * what takes a quarter of an hour or a day is not tried.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCaller } from './caller.ts';
import type { Occurrence } from './eventLog.ts';
import { expectOrder, expectRefusal } from './expectations.ts';
import { hasLink, hrefOf, linksOf, s } from './hal.ts';
import { decodeToken } from './jsonWebToken.ts';
import { signInVisitor } from './people.ts';
import { type PlatformProcess, startPlatform } from './platformProcess.ts';
import { concerns, must, pageOrigin } from './story.ts';
import { relPrefix, replaceTarget, target } from './target.ts';
import { targetFrom } from './targetSettings.ts';
import { useStory } from './useStory.ts';
import { allow, bridge, callIn, hears, ringAs, sayIn } from './visitorCall.ts';

/** Ringing 30 s and an unread message 30 s, and what a slow machine adds. */
const deadlineMs = 45_000;
let impatient: PlatformProcess | undefined;

// Before the stories begin: hooks run in the order in which they are registered.
beforeAll(async () => {
  if (process.env.CONFORMANCE_BASE_URL) return;
  impatient = await startPlatform({ RING_TIMEOUT_MS: '4000', UNDELIVERED_MS: '800' }, true);
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

const minute = 60_000;

describe('hours pass', { timeout: deadlineMs }, () => {
  const story = useStory();

  /** A visitor in a bridged call, and what ends it for the service application. */
  async function talking(name: string) {
    const { meetingUri } = await story().startAdhocMeeting();
    const visitor = await ringAs(story(), name);
    await bridge(story(), visitor, meetingUri);
    const where = ({ event }: Occurrence): boolean => event.link.href === visitor.c1Href;
    const match = { rel: s('conversation'), type: 'deleted', where };
    return {
      visitor,
      isOver: () => story().receiver.log.all(match).length > 0,
      over: () => story().receiver.log.wait(match),
    };
  }

  test('F5 a visitor who has not fetched for a quarter of an hour is gone, and the service application hears of the end', async (context) => {
    if (impatient === undefined) return context.skip();
    const { visitor, isOver, over } = await talking('Vilma');
    const here = await talking('Viktor');
    const self = hrefOf(visitor.created.resource, 'self');
    await visitor.channel.stop();
    // A last poll that is answered at once: from here on nobody asks.
    await sayIn(story().service, visitor.c1Href, 'one moment, please');
    must(await visitor.caller.send('GET', visitor.channel.position()), 200);
    await impatient.moveClock(14 * minute);
    must(await visitor.caller.send('GET', self), 200);
    expect(isOver()).toBe(false);
    await impatient.moveClock(2 * minute);
    await over();
    expectRefusal(await visitor.caller.send('GET', self), 410, 'Gone', 'InactiveApplicationExpired');
    // Whoever fetches stays.
    must(await here.visitor.caller.send('GET', hrefOf(here.visitor.created.resource, 'self')), 200);
    expect(here.isOver()).toBe(false);
  });

  test('F8 a token that has expired opens nothing and its application has ended; a new one of the session comes in again', async (context) => {
    if (impatient === undefined) return context.skip();
    const { visitor, isOver, over } = await talking('Vanda');
    const hrefs = ['self', 'events', 'batch'].map((rel) => hrefOf(visitor.created.resource, rel));
    const { nbf, exp, asi } = decodeToken(String(visitor.caller.token).slice('psat='.length)).claims;
    // The channel is polled all the time, so that it is the token that ends it.
    await impatient.moveClock((Number(exp) - Number(nbf)) * 1_000 - 5 * minute);
    must(await visitor.caller.send('GET', hrefs[0] ?? ''), 200);
    expect(isOver()).toBe(false);
    await impatient.moveClock(6 * minute);
    for (const href of hrefs) {
      const answer = await visitor.caller.send(href === hrefs[2] ? 'POST' : 'GET', href);
      expect(answer.status, href).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    }
    await over();
    // The service application's own token has expired long since.
    const again = createCaller(target().baseUrl, await story().site.serviceToken());
    const { application } = await story().capabilities();
    const json = { applicationSessionId: asi, allowedOrigins: pageOrigin };
    const issued = must(
      await again.send('POST', hrefOf(application.resource, s('anonApplicationTokens')), { json }),
      200,
      201,
    );
    const { resource } = await signInVisitor(story(), {
      token: String(issued.resource.token),
      discoverHref: hrefOf(issued.resource, s('discover')),
      sessionId: String(asi),
    }).then(({ created }) => created);
    expect(resource.id).not.toBe(visitor.created.resource.id);
  });
});
