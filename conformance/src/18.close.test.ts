/** Step 18: the visitor closes the chat. */
import { describe, expect, test } from 'vitest';
import type { Occurrence } from './eventLog.ts';
import { expectCors, expectEmpty, expectOrder, expectRefusal } from './expectations.ts';
import { hasLink, hrefOf } from './hal.ts';
import { pageOrigin } from './story.ts';
import { useStory } from './useStory.ts';
import { send } from './wire.ts';

describe('by stopMessaging', () => {
  const story = useStory();

  test('stopMessaging without body or Content-Type is 204', async () => {
    const { answer } = await story().closeChat();
    expectEmpty(answer, 204);
    expectCors(answer, pageOrigin);
  });

  test('messaging disconnected, the counterpart gone, conversation disconnected, then deleted', async () => {
    const { deleted } = await story().closeChat();
    const { conversationHref } = await story().messagingInvitation();
    const { log } = (await story().session()).channel;
    const where = ({ resource }: Occurrence): boolean => resource.state === 'Disconnected';
    const messaging = await log.wait({ rel: 'messaging', type: 'updated', where });
    expect(messaging.sender).toEqual({ rel: 'conversation', href: conversationHref });
    expect(hasLink(messaging.resource, 'addMessaging')).toBe(false);
    expect(hasLink(messaging.resource, 'sendMessage')).toBe(false);
    const participant = await log.wait({ rel: 'participant', type: 'deleted', in: null });
    const updated = await log.wait({ rel: 'conversation', type: 'updated', where });
    expect(deleted.sender.rel).toBe('communication');
    expect(deleted.event.link.href).toBe(conversationHref);
    expect(deleted.event._embedded).toBeUndefined();
    expect(deleted.event.reason).toBeUndefined();
    expectOrder(messaging, updated, deleted);
    expectOrder(participant, deleted);
  });

  test('the conversation is gone; closing again is no error for a client', async () => {
    await story().closeChat();
    const { visitor } = await story().session();
    const { conversationHref } = await story().messagingInvitation();
    expectRefusal(await visitor.send('GET', conversationHref), 404, 'NotFound', 'ConversationNotFound');
    const again = await visitor.send('POST', `${conversationHref}/messaging/terminate`);
    expect([204, 404]).toContain(again.status);
    const message = await visitor.send('POST', `${conversationHref}/messaging/messages`, {
      text: 'late',
      contentType: 'text/plain',
    });
    expect([404, 409]).toContain(message.status);
  });

  test('the visitor’s application lives on', async () => {
    await story().closeChat();
    const { created, visitor } = await story().session();
    expect((await visitor.send('GET', hrefOf(created.resource, 'self'))).status).toBe(200);
  });

  test('the agents see the visitor leave and stay in the meeting', async () => {
    await story().closeChat();
    const { channel, caller } = await story().agent();
    const gone = await channel.log.wait({ rel: 'participant', type: 'deleted', in: null });
    const { caHref } = await story().participantInvitation();
    expect(gone.sender.href).toBe(caHref);
    expect((await caller.read(caHref)).state).toBe('Conferenced');
  });
});

describe('by DELETE', () => {
  const story = useStory();

  test('DELETE of the conversation closes as well', async () => {
    await story().acceptAndBridge();
    const { visitor, channel } = await story().session();
    const { conversationHref } = await story().messagingInvitation();
    expectEmpty(await visitor.send('DELETE', conversationHref), 204);
    await channel.log.wait({ rel: 'conversation', type: 'deleted' });
    const stranger = await send('DELETE', visitor.resolve(conversationHref));
    expect(stranger.status).toBe(401);
  });
});
