/** Step 6: the visitor calls the helpdesk. */
import { expect, test } from 'vitest';
import { expectCors, expectCreated, expectJson, expectOrder } from './expectations.ts';
import { embeddedOf, hasLink, hrefOf, linkOf } from './hal.ts';
import { firstWords, pageOrigin, visitorName } from './story.ts';
import { useStory } from './useStory.ts';

const story = useStory();

test('the call is created with its address', async () => {
  const { answer, started } = await story().messagingInvitation();
  const { visitor } = await story().session();
  const location = expectCreated(answer);
  expectCors(answer, pageOrigin);
  expect(location).toBe(visitor.resolve(hrefOf(started.resource, 'self')));
  const read = await visitor.send('GET', location);
  expectJson(read, 200);
  expect(read.resource).toMatchObject({ rel: 'messagingInvitation', direction: 'Outgoing' });
});

test('messagingInvitation started: outgoing, connecting, with the caller’s own values', async () => {
  const { started, operationId, threadId } = await story().messagingInvitation();
  expect(started.sender.rel).toBe('communication');
  expect(started.event.in).toBeUndefined();
  expect(started.resource).toMatchObject({
    rel: 'messagingInvitation',
    direction: 'Outgoing',
    state: 'Connecting',
    subject: firstWords,
    importance: 'Normal',
    operationId,
    threadId,
  });
  expect(started.event.link.href).toBe(hrefOf(started.resource, 'self'));
  for (const rel of ['conversation', 'messaging', 'from', 'cancel'])
    expect(hasLink(started.resource, rel), rel).toBe(true);
  expect(linkOf(started.resource, 'from').title).toBe(visitorName);
  for (const rel of ['accept', 'decline']) expect(hasLink(started.resource, rel), rel).toBe(false);
});

test('conversation added, then the visitor himself, then messaging connecting', async () => {
  const { started, conversationHref, connecting } = await story().messagingInvitation();
  const { channel } = await story().session();
  const conversation = await channel.log.wait({ rel: 'conversation', type: 'added' });
  expect(conversation.sender.rel).toBe('communication');
  expect(conversation.sender.href).toBe(started.sender.href);
  expect(conversation.event.link.href).toBe(conversationHref);
  expect(conversation.resource).toMatchObject({ rel: 'conversation', state: 'Connecting', subject: firstWords });
  expect(Array.isArray(conversation.resource.activeModalities)).toBe(true);
  for (const rel of ['self', 'messaging']) expect(hasLink(conversation.resource, rel), rel).toBe(true);
  expect(hasLink(conversation.resource, 'addParticipant')).toBe(false);

  const self = await channel.log.wait({ rel: 'localParticipant', type: 'added' });
  expect(self.sender).toEqual({ rel: 'conversation', href: conversationHref });
  expect(self.resource).toMatchObject({ rel: 'participant', name: visitorName });

  expect(connecting.sender).toEqual({ rel: 'conversation', href: conversationHref });
  expect(connecting.resource).toMatchObject({ rel: 'messaging', state: 'Connecting' });
  expect(hasLink(connecting.resource, 'stopMessaging')).toBe(true);
  for (const rel of ['addMessaging', 'sendMessage']) expect(hasLink(connecting.resource, rel), rel).toBe(false);
  expectOrder(started, conversation, connecting);
});

test('the batches of the channel count up by one and say where to go on', async () => {
  await story().messagingInvitation();
  const { channel } = await story().session();
  let expected: string | undefined;
  for (const batch of channel.log.batches) {
    const self = batch._links?.self?.href ?? '';
    const next = batch._links?.next?.href ?? '';
    if (expected !== undefined) expect(self).toBe(expected);
    const ack = (href: string): number => Number(new URL(href, 'http://x.invalid').searchParams.get('ack'));
    expect(ack(next)).toBe(ack(self) + 1);
    expected = next;
  }
  for (const answer of channel.answers) {
    expectJson(answer, 200);
    expectCors(answer, pageOrigin);
  }
});

test('the conversation is among the active ones', async () => {
  const { conversationHref } = await story().messagingInvitation();
  const { visitor, created } = await story().session();
  const active = await visitor.read(hrefOf(embeddedOf(created.resource, 'communication'), 'conversations'));
  expect(active._links?.conversation).toEqual([expect.objectContaining({ href: conversationHref })]);
});
