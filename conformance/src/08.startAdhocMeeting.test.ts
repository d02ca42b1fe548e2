/** Step 8: the service application starts the on-demand meeting, joins it unseen, and adds messaging to it. */
import { expect, test } from 'vitest';
import { keyOf } from './callbackReceiver.ts';
import type { Occurrence } from './eventLog.ts';
import { expectCreated, expectJson, expectOrder } from './expectations.ts';
import { embeddedOf, hasLink, hrefOf, linkOf, s, wireMs } from './hal.ts';
import { expectEventLikeSample, expectLikeSample } from './sampleCheck.ts';
import { concerns, contextOfC2, firstWords, visitorName } from './story.ts';
import { useStory } from './useStory.ts';

const story = useStory();

const onC2 = async (): Promise<{ where: (occurrence: Occurrence) => boolean }> => {
  const { c2Href } = await story().startAdhocMeeting();
  return { where: (occurrence) => concerns(occurrence, c2Href) };
};

test('201, then onlineMeetingInvitation started with the meeting uri and the new conversation', async ({
  annotate,
}) => {
  const { answer, started, operationId, meetingUri, c2Href } = await story().startAdhocMeeting();
  const { c1Href } = await story().callback();
  const location = expectCreated(answer);
  expect(location).toBe(story().service.resolve(hrefOf(started.resource, 'self')));
  expect(started.sender.rel).toBe(s('communication'));
  expect(started.at).toBeGreaterThan(answer.at);
  expect(started.resource).toMatchObject({
    direction: 'Outgoing',
    state: 'Connecting',
    operationId,
    importance: 'Normal',
  });
  expect(meetingUri).toMatch(/^sip:[^;@]+@[^;]+;gruu;opaque=app:conf:focus:id:[A-Z0-9]+$/i);
  expect(c2Href).not.toBe(c1Href);
  await expectEventLikeSample(started, 'Event_OnlineMeetingInvitationStarted', annotate);
});

test('the events of the new conversation travel under its own key and context', async () => {
  const { started, completed, c2Href } = await story().startAdhocMeeting();
  expect(keyOf(started.batch)).toBe(keyOf(completed.batch));
  expect(keyOf(started.batch)).not.toBe(keyOf((await story().callback()).started.batch));
  const id = decodeURIComponent(new URL(c2Href, 'http://x.invalid').pathname.split('/').pop() ?? '');
  expect(keyOf(started.batch).split('~')[2]).toBe(id);
  for (const { batch, query, url } of story().receiver.requests)
    if (keyOf(batch) === keyOf(started.batch)) expect(query.get('callbackContext'), url).toBe(contextOfC2);
});

test('conversation added, then Conferenced with the links of a meeting', async ({ annotate }) => {
  const { completed } = await story().startAdhocMeeting();
  const own = await onC2();
  const added = await story().receiver.log.wait({ rel: s('conversation'), type: 'added', ...own });
  expect(['Connecting', 'Conferencing']).toContain(added.resource.state);
  expect(added.sender.rel).toBe(s('communication'));
  const conferenced = await story().receiver.log.wait({
    rel: s('conversation'),
    type: 'updated',
    where: (o) => own.where(o) && o.resource.state === 'Conferenced',
  });
  expect(conferenced.sender.rel).toBe(s('communication'));
  expect(conferenced.resource.subject).toBe(`${visitorName}: ${firstWords}`);
  expect(conferenced.resource.activeModalities).toEqual([]);
  for (const filter of ['Leaders', 'Attendees', 'Lobby'])
    expect(hrefOf(conferenced.resource, s(filter.toLowerCase()))).toContain(`filter=${filter}`);
  expect(hasLink(conferenced.resource, s('conversationBridge'))).toBe(false);
  expectOrder(added, conferenced, completed);
  await expectEventLikeSample(conferenced, 'Event_ConversationConferenced', annotate);
});

test('onlineMeeting added in the conversation, messaging disconnected with addMessaging, completed last', async ({
  annotate,
}) => {
  const { completed, c2Href, meetingUri, operationId } = await story().startAdhocMeeting();
  const { disconnected, before } = await story().addMessaging();
  const meeting = await story().receiver.log.wait({ rel: s('onlineMeeting'), type: 'added', ...(await onC2()) });
  expect(meeting.sender).toEqual({ rel: s('conversation'), href: c2Href });
  expect(meeting.event.in).toMatchObject({ rel: s('conversation'), href: c2Href });
  expect(meeting.resource).toMatchObject({ rel: s('onlineMeeting'), onlineMeetingUri: meetingUri });
  for (const rel of [s('conversation'), s('terminateOnlineMeeting')])
    expect(hasLink(meeting.resource, rel), rel).toBe(true);
  expect(disconnected.sender).toEqual({ rel: s('conversation'), href: c2Href });
  expect(disconnected.resource.state).toBe('Disconnected');
  expect(completed.event.status).toBe('Success');
  expect(completed.resource).toMatchObject({ state: 'Connected', operationId });
  expectOrder(meeting, completed);
  expectOrder(disconnected, completed);
  await expectLikeSample(before, 'Messaging', annotate);
});

test('the service application is not seen in the roster', async () => {
  const { c2Href } = await story().startAdhocMeeting();
  const conversation = await story().service.read(c2Href);
  const roster = await story().service.read(hrefOf(conversation, s('participants')));
  expect(JSON.stringify(roster)).not.toContain(`participants/${story().site.endpointUri.slice(4)}`);
});

test('addMessaging: started, messaging connected with its links, conversation updated, completed last', async ({
  annotate,
}) => {
  const { answer, operationId, completed } = await story().addMessaging();
  const { c2Href } = await story().startAdhocMeeting();
  expectCreated(answer);
  const own = await onC2();
  const { log } = story().receiver;
  const mine = ({ resource }: Occurrence): boolean => resource.operationId === operationId;
  const started = await log.wait({ rel: s('messagingInvitation'), type: 'started', where: mine });
  expect(started.resource).toMatchObject({ direction: 'Outgoing', state: 'Connecting' });
  expect(hrefOf(started.resource, s('conversation'))).toBe(c2Href);
  const connected = await log.wait({
    rel: s('messaging'),
    type: 'updated',
    where: (o) => own.where(o) && o.resource.state === 'Connected',
  });
  for (const word of ['stopMessaging', 'sendMessage', 'setIsTyping', 'typingParticipants', 'conversation'])
    expect(hasLink(connected.resource, s(word)), word).toBe(true);
  expect(hasLink(connected.resource, s('addMessaging'))).toBe(false);
  const updated = await log.wait({
    rel: s('conversation'),
    type: 'updated',
    where: (o) => own.where(o) && JSON.stringify(o.resource.activeModalities) === '["Messaging"]',
  });
  expect(completed.event.status).toBe('Success');
  expect(completed.resource.state).toBe('Connected');
  expectOrder(started, connected, completed);
  expectOrder(updated, completed);
  await expectEventLikeSample(connected, 'Event_MessagingConnected', annotate);
});

test('adhocMeetings makes a meeting too, which stays for eight hours', async ({ annotate }) => {
  const { application } = await story().capabilities();
  const href = hrefOf(embeddedOf(application.resource, s('adhocMeetings')), 'self');
  const answer = await story().service.send('POST', href, { json: { subject: 'e2e', description: '' } });
  expectJson(answer, answer.status === 200 ? 200 : 201);
  expect(answer.resource).toMatchObject({ rel: s('adhocMeeting'), accessLevel: 'Everyone', subject: 'e2e' });
  expect(answer.resource.onlineMeetingId).toBe(answer.resource.conferenceId);
  expect(wireMs(answer.resource.expirationTime) - Date.now()).toBeGreaterThan(7.9 * 3_600_000);
  expect(wireMs(answer.resource.expirationTime) - Date.now()).toBeLessThan(8.1 * 3_600_000);
  expect(linkOf(answer.resource, s('joinAdhocMeeting')).href).toContain('confUrl=');
  await expectLikeSample(answer.resource, 'AdhocMeeting', annotate);
});

test('an own callbackUrl is probed before the answer and used for the new conversation', async () => {
  const { invitation } = await story().callback();
  const callbackUrl = `${story().receiver.url}/own?color=blue`;
  const operationId = story().operation('own url');
  const href = hrefOf(invitation, s('startAdhocMeeting'));
  const answer = await story().service.send('POST', href, { json: { operationId, callbackUrl } });
  expectCreated(answer);
  const own = ({ resource }: Occurrence): boolean => resource.operationId === operationId;
  await story().receiver.log.wait({ rel: s('onlineMeetingInvitation'), type: 'completed', where: own });
  const here = story().receiver.requests.filter(({ url }) => url === '/callback/own?color=blue');
  expect(here[0]?.batch.sender ?? []).toEqual([]);
  expect(here[0]?.at).toBeLessThan(answer.at);
  expect(here.length).toBeGreaterThan(1);
});
