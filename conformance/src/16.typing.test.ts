/** Step 16: typing, both ways, through the same filter as messages. */
import { expect, test } from 'vitest';
import type { Occurrence } from './eventLog.ts';
import { expectCors, expectEmpty, expectJson } from './expectations.ts';
import { hrefOf, linksOf, s } from './hal.ts';
import { bridgedName, concerns, pageOrigin, visitorName } from './story.ts';
import { useStory } from './useStory.ts';

const story = useStory();

test('the agent types: the visitor sees it under the bridged name, the service application in the meeting', async () => {
  await story().agentJoins();
  const { caller, messaging } = await story().agentMessaging();
  expectEmpty(await caller.send('POST', hrefOf(messaging, 'setIsTyping')), 204);
  const { channel, visitor } = await story().session();
  const { conversationHref } = await story().messagingInvitation();
  const seen = await channel.log.wait({ rel: 'participant', type: 'added', in: 'typingParticipants' });
  expect(seen.sender).toEqual({ rel: 'conversation', href: conversationHref });
  expect(seen.event.link.title).toBe(bridgedName);
  const person = await visitor.send('GET', seen.event.link.href);
  expectJson(person, 200);
  expect(person.resource.name).toBe(bridgedName);
  expect(person.text).not.toContain(story().agentUri(0).replace('sip:', ''));

  const { c2Href } = await story().startAdhocMeeting();
  const told = await story().receiver.log.wait({
    rel: s('participant'),
    type: 'added',
    in: s('typingParticipants'),
    where: (o) => concerns(o, c2Href),
  });
  expect(told.event.link.title).toMatch(/\S/);
  const c2Messaging = await story().service.read(hrefOf(await story().service.read(c2Href), s('messaging')));
  expect(told.event.in?.href).toBe(hrefOf(c2Messaging, s('typingParticipants')));
  const view = await story().service.read(hrefOf(c2Messaging, s('typingParticipants')));
  expect(linksOf(view, s('participant')).map(({ href }) => href)).toContain(told.event.link.href);
});

test('a message takes the sender out of the view at once, before the message itself or with it', async () => {
  await story().agentJoins();
  const { caller, messaging } = await story().agentMessaging();
  expectEmpty(await caller.send('POST', hrefOf(messaging, 'setIsTyping')), 204);
  await story().say('agent', 'no longer typing');
  const { log } = (await story().session()).channel;
  const added = await log.wait({ rel: 'participant', type: 'added', in: 'typingParticipants' });
  const deleted = await log.wait({ rel: 'participant', type: 'deleted', in: 'typingParticipants' });
  expect(deleted.event.link.href).toBe(added.event.link.href);
  expect(deleted.event._embedded).toBeUndefined();
  const { c2Href } = await story().startAdhocMeeting();
  await story().receiver.log.wait({
    rel: s('participant'),
    type: 'deleted',
    in: s('typingParticipants'),
    where: (o) => concerns(o, c2Href),
  });
});

test('the visitor types: the agent and the service application see it', async () => {
  await story().agentJoins();
  const { caller, messaging } = await story().visitorMessaging();
  const answer = await caller.send('POST', hrefOf(messaging, 'setIsTyping'), { text: '', contentType: 'text/plain' });
  expectEmpty(answer, 204);
  expectCors(answer, pageOrigin);
  const { log } = (await story().agent()).channel;
  const isVisitor = ({ event }: Occurrence): boolean => event.link.title === visitorName;
  const seen = await log.wait({ rel: 'participant', type: 'added', in: 'typingParticipants', where: isVisitor });
  const roster = await log.wait({ rel: 'participant', type: 'added', in: null, where: isVisitor });
  expect(seen.event.link.href).toBe(roster.event.link.href);
  const { c2Href } = await story().startAdhocMeeting();
  await story().receiver.log.wait({
    rel: s('participant'),
    type: 'added',
    in: s('typingParticipants'),
    where: (o) => concerns(o, c2Href) && isVisitor(o),
  });
});
