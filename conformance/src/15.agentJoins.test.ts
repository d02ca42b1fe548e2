/** Step 15: the agent accepts, joins, adds messaging. */
import { expect, test } from 'vitest';
import type { Occurrence } from './eventLog.ts';
import { expectCreated, expectEmpty, expectOrder } from './expectations.ts';
import { hasLink, hrefOf, linksOf, s } from './hal.ts';
import { expectEventLikeSample } from './sampleCheck.ts';
import { bridgedName, concerns, visitorName } from './story.ts';
import { useStory } from './useStory.ts';

const story = useStory();

test('accept is 204, and the agent’s conversation becomes a meeting before the invitation completes', async () => {
  const { accepted } = await story().agentJoins();
  const { ringing, caHref } = await story().participantInvitation();
  const { log } = (await story().agent()).channel;
  expectEmpty(accepted, 204);
  const conferenced = await log.wait({
    rel: 'conversation',
    type: 'updated',
    where: ({ resource }) => resource.state === 'Conferenced',
  });
  expect(conferenced.event.link.href).toBe(caHref);
  for (const rel of ['messaging', 'onlineMeeting', 'participants', 'localParticipant', 'addParticipant'])
    expect(hasLink(conferenced.resource, rel), rel).toBe(true);
  const meeting = await log.wait({ rel: 'onlineMeeting', type: 'added' });
  expect(meeting.sender).toEqual({ rel: 'conversation', href: caHref });
  const visitor = await log.wait({
    rel: 'participant',
    type: 'added',
    in: null,
    where: ({ event }) => event.link.title === visitorName,
  });
  expect(visitor.sender.href).toBe(caHref);
  const disconnected = await log.wait({ rel: 'messaging', type: 'updated' });
  expect(disconnected.resource.state).toBe('Disconnected');
  expect(hasLink(disconnected.resource, 'addMessaging')).toBe(true);
  const completed = await log.wait({ rel: 'onlineMeetingInvitation', type: 'completed' });
  expect(completed.event).toMatchObject({ status: 'Success' });
  expect(completed.event.link.href).toBe(ringing.event.link.href);
  expect(completed.resource.state).toBe('Connected');
  for (const rel of ['accept', 'decline']) expect(hasLink(completed.resource, rel), rel).toBe(false);
  for (const earlier of [conferenced, meeting, visitor, disconnected]) expectOrder(earlier, completed);
});

test('addMessaging is 201; messaging connects and its invitation completes', async () => {
  const { added } = await story().agentJoins();
  const { log } = (await story().agent()).channel;
  expectCreated(added);
  const completed = await log.wait({ rel: 'messagingInvitation', type: 'completed' });
  expect(completed.event.status).toBe('Success');
  expect(completed.resource).toMatchObject({ direction: 'Outgoing', state: 'Connected' });
  const connected = await log.wait({
    rel: 'messaging',
    type: 'updated',
    where: ({ resource }) => resource.state === 'Connected',
  });
  for (const rel of ['sendMessage', 'setIsTyping', 'stopMessaging', 'typingParticipants'])
    expect(hasLink(connected.resource, rel), rel).toBe(true);
  expect(hrefOf(connected.resource, 'sendMessage')).not.toContain('?');
  expectOrder(connected, completed);
});

test('the service application sees the participant, then the invitation complete, then the use of messaging', async ({
  annotate,
}) => {
  const { completed, usesMessaging } = await story().agentJoins();
  const { c2Href } = await story().startAdhocMeeting();
  const { uri } = await story().agent();
  const { log } = story().receiver;
  const participant = await log.wait({
    rel: s('participant'),
    type: 'added',
    in: null,
    where: (o) => concerns(o, c2Href) && o.resource.uri === uri,
  });
  expect(participant.sender).toEqual({ rel: s('conversation'), href: c2Href });
  expect(participant.event.link.title).toBe(participant.resource.name);
  expect(hasLink(participant.resource, s('eject'))).toBe(true);
  const whole = {
    ...participant,
    event: { ...participant.event, _embedded: { [s('participant')]: await readLater(participant) } },
  };
  await expectEventLikeSample(whole, 'Event_ParticipantAdded', annotate);
  expect(completed.event.status).toBe('Success');
  expect(completed.resource.state).toBe('Connected');
  expect(usesMessaging.event.in).toMatchObject({ rel: s('participant'), href: participant.event.link.href });
  expectOrder(participant, completed);
  expectOrder(participant, usesMessaging);
});

/** The captured participant uses messaging already: compare with what it is once it does. */
async function readLater({ event }: Occurrence): Promise<Record<string, unknown>> {
  return { ...(await story().service.read(event.link.href)) };
}

test('the roster shows visitor and agent, not the service application, and knows their views', async () => {
  await story().agentJoins();
  const { c2Href } = await story().startAdhocMeeting();
  const conversation = await story().service.read(c2Href);
  const roster = await story().service.read(hrefOf(conversation, s('participants')));
  const titles = linksOf(roster, s('participant')).map(({ title }) => title);
  expect(titles).toHaveLength(2);
  expect(titles).toContain(visitorName);
  const lobby = await story().service.read(hrefOf(conversation, s('lobby')));
  expect(linksOf(lobby, s('participant'))).toEqual([]);
  const { caller, root } = await story().agent();
  expect(root.status).toBe(200);
  const own = await caller.read((await story().participantInvitation()).caHref);
  expect(JSON.stringify(own)).not.toContain('/platformservice/');
});

test('the visitor is told nothing of it: a bridged agent may appear under the bridged name, once he is heard', async () => {
  await story().agentJoins();
  const { log } = (await story().session()).channel;
  const roster = { rel: 'participant', type: 'added', in: null } as const;
  expect(log.all(roster)).toHaveLength(1);
  await story().say('agent', 'fence');
  const fence = await log.wait({
    rel: 'message',
    type: 'completed',
    where: ({ resource }) => JSON.stringify(resource).includes('fence'),
  });
  const later = log.all(roster).slice(1);
  expect(later.filter(({ event }) => event.link.title !== bridgedName)).toEqual([]);
  expectOrder(...later, fence);
  expect(log.all({ rel: 'participantInvitation' })).toEqual([]);
});
