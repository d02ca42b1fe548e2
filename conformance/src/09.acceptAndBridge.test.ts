/** Step 9: the visitor's call is accepted and joined to the meeting. */
import { expect, test } from 'vitest';
import type { Occurrence } from './eventLog.ts';
import { expectIdHeaders, expectJson, expectOrder } from './expectations.ts';
import { hasLink, hrefOf, linkOf, s } from './hal.ts';
import { expectEventLikeSample } from './sampleCheck.ts';
import { concerns, impersonatedName, visitorName } from './story.ts';
import { useStory } from './useStory.ts';

const story = useStory();

test('the answer has no body', async () => {
  const { answer, completed } = await story().acceptAndBridge();
  expectIdHeaders(answer);
  expect(answer.text).toBe('');
  expect(completed.at).toBeGreaterThan(answer.at);
});

test('the service application sees visitor, messaging, conversation and bridge before the invitation completes', async ({
  annotate,
}) => {
  const { completed } = await story().acceptAndBridge();
  const { c1Href, invitation } = await story().callback();
  const { log } = story().receiver;
  const own = (o: Occurrence): boolean => concerns(o, c1Href);
  const sender = { rel: s('conversation'), href: c1Href };

  const visitor = await log.wait({ rel: s('participant'), type: 'added', in: null, where: own });
  expect(visitor.sender).toEqual(sender);
  expect(visitor.resource).toMatchObject({ rel: s('participant'), name: visitorName });
  await expectEventLikeSample(visitor, 'Event_ParticipantAdded', annotate);

  const usesMessaging = await log.wait({ rel: s('participantMessaging'), type: 'added', where: own });
  expect(usesMessaging.sender).toEqual(sender);
  expect(usesMessaging.event.in).toMatchObject({ rel: s('participant'), href: visitor.event.link.href });
  expect(linkOf(usesMessaging.resource, s('participant')).href).toBe(visitor.event.link.href);

  const connected = ({ resource }: Occurrence): boolean => resource.state === 'Connected';
  const messaging = await log.wait({ rel: s('messaging'), type: 'updated', where: (o) => own(o) && connected(o) });
  expect(messaging.sender).toEqual(sender);
  await expectEventLikeSample(messaging, 'Event_MessagingConnected', annotate);

  const conversation = await log.wait({
    rel: s('conversation'),
    type: 'updated',
    where: (o) => own(o) && connected(o),
  });
  expect(conversation.sender.rel).toBe(s('communication'));
  expect(conversation.resource.activeModalities).toEqual(['Messaging']);
  expect(hasLink(conversation.resource, s('conversationBridge'))).toBe(true);
  expect(hasLink(conversation.resource, s('onlineMeeting'))).toBe(false);

  const bridge = await log.wait({ rel: s('conversationBridge'), type: 'added', where: own });
  expectOrder(visitor, usesMessaging, completed);
  expectOrder(messaging, completed);
  expectOrder(conversation, completed);
  expectOrder(bridge, completed);
  expect(completed.sender.rel).toBe(s('communication'));
  expect(completed.event.status).toBe('Success');
  expect(completed.resource).toMatchObject({
    state: 'Connected',
    direction: 'Incoming',
    operationId: invitation.operationId,
  });
  for (const word of ['decline', 'startAdhocMeeting', 'acceptAndBridge'])
    expect(hasLink(completed.resource, s(word)), word).toBe(false);
});

test('the visitor sees one counterpart with the name that was chosen for it', async () => {
  const { seen } = await story().acceptAndBridge();
  const { conversationHref, operationId } = await story().messagingInvitation();
  const { channel, visitor } = await story().session();
  const { log } = channel;
  const sender = { rel: 'conversation', href: conversationHref };
  const connected = ({ resource }: Occurrence): boolean => resource.state === 'Connected';

  const messaging = await log.wait({ rel: 'messaging', type: 'updated', where: connected });
  expect(messaging.sender).toEqual(sender);
  for (const rel of ['sendMessage', 'setIsTyping', 'stopMessaging', 'typingParticipants', 'conversation'])
    expect(hasLink(messaging.resource, rel), rel).toBe(true);
  expect(hrefOf(messaging.resource, 'sendMessage')).not.toContain('?');
  expect(messaging.resource.negotiatedMessageFormats).toContain('Plain');

  const conversation = await log.wait({ rel: 'conversation', type: 'updated', where: connected });
  expect(conversation.sender.rel).toBe('communication');
  expect(hasLink(conversation.resource, 'localParticipant')).toBe(true);
  expect(hasLink(conversation.resource, 'addParticipant')).toBe(false);

  const counterpart = await log.wait({ rel: 'participant', type: 'added', in: null });
  expect(counterpart.sender).toEqual(sender);
  expect(counterpart.event.link.title).toBe(impersonatedName);
  const read = await visitor.send('GET', counterpart.event.link.href);
  expectJson(read, 200);
  expect(read.resource).toMatchObject({ rel: 'participant', name: impersonatedName });
  const usesMessaging = await log.wait({
    rel: 'participantMessaging',
    type: 'added',
    where: ({ event }) => event.in?.href === counterpart.event.link.href,
  });

  expect(seen.event.status).toBe('Success');
  expect(seen.resource).toMatchObject({ state: 'Connected', operationId });
  expect(hasLink(seen.resource, 'cancel')).toBe(false);
  const accepted = seen.resource._embedded?.acceptedByParticipant;
  expect(Array.isArray(accepted)).toBe(true);
  expect(accepted).toEqual([expect.objectContaining({ rel: 'participant', name: impersonatedName })]);
  expectOrder(messaging, seen);
  expectOrder(conversation, seen);
  expectOrder(counterpart, usesMessaging, seen);
});

test('nothing the visitor was told names an agent, the meeting or the service side', async () => {
  await story().acceptAndBridge();
  const { channel } = await story().session();
  const { meetingUri } = await story().startAdhocMeeting();
  const told = channel.answers.map(({ text }) => text).join('\n');
  for (const secret of [meetingUri, story().agentUri(0), '/platformservice/', 'tgt-'])
    expect(told).not.toContain(secret);
});

test('the meeting sees the visitor by the name given in step 5', async () => {
  await story().acceptAndBridge();
  const { c2Href } = await story().startAdhocMeeting();
  const own = (o: Occurrence): boolean => concerns(o, c2Href);
  const visitor = await story().receiver.log.wait({ rel: s('participant'), type: 'added', in: null, where: own });
  expect(visitor.resource.name).toBe(visitorName);
});

test('accepting a second time is refused', async () => {
  await story().acceptAndBridge();
  const { invitation } = await story().callback();
  const { meetingUri } = await story().startAdhocMeeting();
  const json = { impersonatedDisplayName: 'Somebody else', onlineMeetingUri: meetingUri };
  const again = await story().service.send('POST', hrefOf(invitation, s('acceptAndBridge')), { json });
  expect([404, 409]).toContain(again.status);
  expect(['NotFound', 'Conflict']).toContain(again.resource.code);
});
