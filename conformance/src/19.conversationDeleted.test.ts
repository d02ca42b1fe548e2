/** Step 19: the service application hears that the visitor has left. */
import { describe, expect, test } from 'vitest';
import type { Occurrence } from './eventLog.ts';
import { expectOrder, expectRefusal } from './expectations.ts';
import { s } from './hal.ts';
import { expectEventLikeSample } from './sampleCheck.ts';
import { concerns, visitorName } from './story.ts';
import { useStory } from './useStory.ts';

describe('the visitor closes the chat', () => {
  const story = useStory();

  test('messaging, participant and bridge end before the conversation', async ({ annotate }) => {
    const { deleted, c1Href } = await story().conversationDeleted();
    const { log } = story().receiver;
    const own = (o: Occurrence): boolean => concerns(o, c1Href);
    const over = (o: Occurrence): boolean => own(o) && o.resource.state === 'Disconnected';
    const messaging = await log.wait({ rel: s('messaging'), type: 'updated', where: over });
    expect(messaging.sender).toEqual({ rel: s('conversation'), href: c1Href });
    const usesMessaging = await log.wait({ rel: s('participantMessaging'), type: 'deleted', where: own });
    const participant = await log.wait({ rel: s('participant'), type: 'deleted', in: null, where: own });
    const updated = await log.wait({ rel: s('conversation'), type: 'updated', where: over });
    const added = await log.wait({ rel: s('participant'), type: 'added', in: null, where: own });
    expect(participant.event.link.href).toBe(added.event.link.href);
    expect(usesMessaging.event.in).toMatchObject({ rel: s('participant'), href: added.event.link.href });
    for (const event of [usesMessaging.event, participant.event, deleted.event])
      expect(event._embedded).toBeUndefined();
    expect(deleted.sender.rel).toBe(s('communication'));
    for (const earlier of [messaging, usesMessaging, participant]) expectOrder(earlier, updated);
    expectOrder(updated, deleted);
    expect(log.all({ where: own }).at(-1)).toBe(deleted);
    await expectEventLikeSample(deleted, 'Event_ConversationDeleted', annotate);
  });

  test('conversation deleted stands in a block of its own or at the end of its block', async () => {
    const { deleted } = await story().conversationDeleted();
    const block = (deleted.batch.sender ?? []).find(({ events }) => events.includes(deleted.event));
    expect(block?.events.at(-1)).toBe(deleted.event);
    expect(deleted.batch.sender?.at(-1)).toBe(block);
  });

  test('the visitor leaves the meeting too, and the meeting goes on', async () => {
    await story().conversationDeleted();
    const { c2Href } = await story().startAdhocMeeting();
    const { log } = story().receiver;
    const own = (o: Occurrence): boolean => concerns(o, c2Href);
    const added = await log.wait({
      rel: s('participant'),
      type: 'added',
      in: null,
      where: (o) => own(o) && o.resource.name === visitorName,
    });
    await log.wait({
      rel: s('participant'),
      type: 'deleted',
      in: null,
      where: (o) => own(o) && o.event.link.href === added.event.link.href,
    });
    expect((await story().service.read(c2Href)).state).toBe('Conferenced');
  });

  test('the conversation and its bridge are gone', async () => {
    const { c1Href } = await story().conversationDeleted();
    const { added } = await story().conversationBridge();
    expectRefusal(await story().service.send('GET', c1Href), 404, 'NotFound');
    expectRefusal(await story().service.send('GET', added.event.link.href), 404, 'NotFound');
  });
});

describe('the visitor signs out', () => {
  const story = useStory();

  test('a visitor who deletes the application leaves in the same way', async () => {
    await story().acceptAndBridge();
    const { visitor, created } = await story().session();
    const self = created.resource._links?.self as { href: string };
    expect((await visitor.send('DELETE', self.href)).status).toBe(204);
    const { c1Href } = await story().callback();
    const own = (o: Occurrence): boolean => o.event.link.href === c1Href;
    await story().receiver.log.wait({ rel: s('conversation'), type: 'deleted', where: own });
  });
});
