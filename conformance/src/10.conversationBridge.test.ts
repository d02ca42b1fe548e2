/** Step 10: the bridge appears, with nobody bridged. */
import { expect, test } from 'vitest';
import { expectJson } from './expectations.ts';
import { hasLink, hrefOf, s } from './hal.ts';
import { expectEventLikeSample } from './sampleCheck.ts';
import { useStory } from './useStory.ts';

const story = useStory();

test('conversationBridge added in the conversation of the visitor', async ({ annotate }) => {
  const { added } = await story().conversationBridge();
  const { c1Href } = await story().callback();
  const { meetingUri } = await story().startAdhocMeeting();
  expect(added.sender).toEqual({ rel: s('conversation'), href: c1Href });
  expect(added.event.in).toMatchObject({ rel: s('conversation'), href: c1Href });
  expect(added.resource).toMatchObject({ rel: s('conversationBridge'), onlineMeetingUri: meetingUri });
  await expectEventLikeSample(added, 'Event_ConversationBridgeAdded', annotate);
});

test('reading it answers the same', async () => {
  const { added, answer } = await story().conversationBridge();
  expectJson(answer, 200);
  expect(answer.resource).toEqual(added.resource);
  expect(hasLink(answer.resource, s('bridgedParticipants'))).toBe(true);
  expect(added.event.link.href).toBe(hrefOf(answer.resource, 'self'));
});

test('nobody is bridged yet', async () => {
  const { bridgedParticipantsHref } = await story().conversationBridge();
  const list = await story().service.send('GET', bridgedParticipantsHref);
  expectJson(list, 200);
  expect(list.resource.rel).toBe(s('bridgedParticipants'));
  expect(list.resource._embedded?.[s('bridgedParticipant')] ?? []).toEqual([]);
});

test('the meeting leg has no bridge', async () => {
  await story().conversationBridge();
  const { c2Href } = await story().startAdhocMeeting();
  const conversation = await story().service.read(c2Href);
  expect(hasLink(conversation, s('conversationBridge'))).toBe(false);
});
