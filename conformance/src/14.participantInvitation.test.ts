/** Step 14: the agent is rung, by addParticipant and by inviteUserToMeeting. */
import { expect, test } from 'vitest';
import { expectCreated, expectJson, expectOrder } from './expectations.ts';
import { embeddedOf, hasLink, hrefOf, s } from './hal.ts';
import { endpointDisplayName } from './site.ts';
import { firstWords, visitorName } from './story.ts';
import { target } from './target.ts';
import { useStory } from './useStory.ts';

const story = useStory();

test('an agent signs in: root, challenge, application, available', async () => {
  const { root, challenge, created, uri } = await story().agent();
  expectJson(root, 200);
  expect(challenge.status).toBe(401);
  expect(challenge.rawHeaders.filter((part) => /^www-authenticate$/i.test(part))).toHaveLength(2);
  expectJson(created, 201);
  expect(embeddedOf(created.resource, 'me')).toMatchObject({ uri });
  for (const rel of ['startMessaging', 'joinOnlineMeeting'])
    expect(hasLink(embeddedOf(created.resource, 'communication'), rel), rel).toBe(true);
  expect(hasLink(embeddedOf(created.resource, 'people'), 'myContacts')).toBe(true);
});

test('201, then participantInvitation started: outgoing, connecting, about the meeting leg', async () => {
  const { answer, started, operationId } = await story().participantInvitation();
  const { c2Href } = await story().startAdhocMeeting();
  const location = expectCreated(answer);
  expect(started.at).toBeGreaterThan(answer.at);
  expect(started.sender.rel).toBe(s('communication'));
  expect(started.resource).toMatchObject({
    rel: s('participantInvitation'),
    direction: 'Outgoing',
    state: 'Connecting',
    importance: 'Normal',
    operationId,
  });
  expect(hrefOf(started.resource, s('conversation'))).toBe(c2Href);
  expect(location).toBe(story().service.resolve(hrefOf(started.resource, 'self')));
});

test('the agent’s client rings with an incoming onlineMeetingInvitation', async () => {
  const { ringing, caHref } = await story().participantInvitation();
  const { meetingUri } = await story().startAdhocMeeting();
  const { channel } = await story().agent();
  expect(ringing.sender.rel).toBe('communication');
  expect(ringing.resource).toMatchObject({
    rel: 'onlineMeetingInvitation',
    direction: 'Incoming',
    state: 'Connecting',
    importance: 'Normal',
    subject: `${visitorName}: ${firstWords}`,
    onlineMeetingUri: meetingUri,
  });
  for (const rel of ['self', 'conversation', 'to', 'accept', 'decline'])
    expect(hasLink(ringing.resource, rel), rel).toBe(true);
  for (const rel of ['accept', 'decline']) expect(hrefOf(ringing.resource, rel)).not.toContain('?');
  const from = embeddedOf(ringing.resource, 'from');
  expect(from).toMatchObject({ rel: 'participant', uri: story().site.endpointUri });
  if (target().operatorToken !== undefined) expect(from.name).toBe(endpointDisplayName);
  for (const rel of ['self', 'conversation', 'contact']) expect(hasLink(from, rel), rel).toBe(true);

  const conversation = await channel.log.wait({ rel: 'conversation', type: 'added' });
  expect(conversation.sender.rel).toBe('communication');
  expect(conversation.event.link.href).toBe(caHref);
  expect(conversation.resource.state).toBe('Incoming');
  expectOrder(ringing, conversation);
});

test('nothing tells the visitor that an agent is rung', async () => {
  await story().participantInvitation();
  const { channel } = await story().session();
  const told = channel.answers.map(({ text }) => text).join('\n');
  expect(told).not.toContain(story().agentUri(0).replace('sip:', ''));
});

test('inviteUserToMeeting rings another agent, with the given identity as caller', async () => {
  await story().participantInvitation();
  const second = await story().secondAgent();
  const { invitation } = await story().callback();
  const { meetingUri } = await story().startAdhocMeeting();
  const communication = embeddedOf(embeddedOf(invitation, s('application')), s('communication'));
  const operationId = story().operation('userMeeting');
  const json = {
    localUserDisplayName: 'Night desk',
    localUserUri: story().site.endpointUri,
    onlineMeetingUri: meetingUri,
    operationId,
    to: second.uri,
  };
  const answer = await story().service.send('POST', hrefOf(communication, s('inviteUserToMeeting')), { json });
  expectCreated(answer);
  const started = await story().receiver.log.wait({
    rel: s('userMeetingInvitation'),
    type: 'started',
    where: ({ resource }) => resource.operationId === operationId,
  });
  expect(started.resource).toMatchObject({ direction: 'Outgoing', state: 'Connecting', importance: 'Normal' });
  expect(hasLink(started.resource, s('conversation'))).toBe(true);
  const ringing = await second.channel.log.wait({ rel: 'onlineMeetingInvitation', type: 'started' });
  expect(ringing.resource).toMatchObject({ direction: 'Incoming', onlineMeetingUri: meetingUri });
  expect(embeddedOf(ringing.resource, 'from').name).toBe('Night desk');
});
