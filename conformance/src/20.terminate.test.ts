/** Step 20: the service application leaves its meeting, or ends it for everybody. */
import { describe, expect, test } from 'vitest';
import { ackOf, keyOf } from './callbackReceiver.ts';
import type { Occurrence } from './eventLog.ts';
import { expectEmpty, expectOneSpelling, expectOrder, expectRefusal, hrefsIn } from './expectations.ts';
import { hrefOf, s } from './hal.ts';
import { concerns } from './story.ts';
import { useStory } from './useStory.ts';

describe('the service application leaves', () => {
  const story = useStory();

  test('DELETE is 204, then the conversation is disconnected and deleted', async () => {
    const { answer, deleted, c2Href } = await story().terminate();
    expectEmpty(answer, 204);
    expect(deleted.at).toBeGreaterThan(answer.at);
    expect(deleted.sender.rel).toBe(s('communication'));
    expect(deleted.event._embedded).toBeUndefined();
    const updated = await story().receiver.log.wait({
      rel: s('conversation'),
      type: 'updated',
      where: (o) => concerns(o, c2Href) && o.resource.state === 'Disconnected',
    });
    expectOrder(updated, deleted);
  });

  test('it can be deleted again, and cannot be read any more', async () => {
    const { c2Href } = await story().terminate();
    expect((await story().service.send('DELETE', c2Href)).status).toBe(204);
    expectRefusal(await story().service.send('GET', c2Href), 404, 'NotFound');
  });

  test('leaving does not end the meeting for the agent', async () => {
    await story().terminate();
    const { caller } = await story().agent();
    expect((await caller.read((await story().participantInvitation()).caHref)).state).toBe('Conferenced');
  });

  test('over the whole run one resource had one spelling, for every receiver', async () => {
    await story().terminate();
    expectOneSpelling(hrefsIn(story().receiver.log.batches.map(({ sender }) => sender)));
    for (const { channel } of [await story().session(), await story().agent()])
      expectOneSpelling(hrefsIn(channel.log.batches.map(({ sender }) => sender)));
  });

  test('over the whole run every key counted its batches without a gap, one at a time', async () => {
    await story().terminate();
    const counts = new Map<string, number>();
    for (const { batch, overlapping } of story().receiver.requests) {
      if ((batch.sender ?? []).length === 0) continue;
      const key = keyOf(batch);
      const ack = ackOf(batch._links?.self?.href ?? '');
      expect(ack, key).toBe((counts.get(key) ?? 0) + 1);
      expect(overlapping).toBe(0);
      counts.set(key, ack);
    }
    expect(counts.size).toBe(2);
  });

  test('over the whole run a person was in the roster before anything referred to him', async () => {
    await story().terminate();
    const known = new Set<string>();
    for (const { event, resource } of story().receiver.log.occurrences) {
      if (event.link.rel === s('participant') && event.in === undefined && event.type === 'added')
        known.add(event.link.href);
      if (event.link.rel === s('participantMessaging') && event.type === 'added')
        expect(known).toContain(event.in?.href);
      if (event.link.rel === s('message') && resource.direction === 'Incoming')
        expect(known).toContain(hrefOf(resource, s('participant')));
    }
  });
});

describe('the service application ends the meeting', () => {
  const story = useStory();

  test('terminateOnlineMeeting ends it for everybody, and the visitor stays with the service application', async () => {
    await story().agentJoins();
    const { c2Href } = await story().startAdhocMeeting();
    const { c1Href } = await story().callback();
    const conversation = await story().service.read(c2Href);
    const meeting = await story().service.read(hrefOf(conversation, s('onlineMeeting')));
    expectEmpty(await story().service.send('POST', hrefOf(meeting, s('terminateOnlineMeeting'))), 204);

    const { caHref } = await story().participantInvitation();
    const agentLog = (await story().agent()).channel.log;
    const gone = await agentLog.wait({ rel: 'conversation', type: 'deleted' });
    expect(gone.event.link.href).toBe(caHref);
    expect(gone.event.reason).toMatchObject({ code: 'Informational', subcode: 'Ended' });

    const { log } = story().receiver;
    const c2Deleted = await log.wait({
      rel: s('conversation'),
      type: 'deleted',
      where: ({ event }: Occurrence) => event.link.href === c2Href,
    });
    expect(c2Deleted.event.reason).toMatchObject({ code: 'Informational', subcode: 'Ended' });
    await log.wait({ rel: s('conversationBridge'), type: 'deleted', where: (o) => concerns(o, c1Href) });
    const c1 = await story().service.read(c1Href);
    expect(c1.state).toBe('Connected');
    expect(c1._links?.[s('conversationBridge')]).toBeUndefined();
    expect((await story().service.send('DELETE', c2Href)).status).toBe(204);

    expectEmpty(await story().service.send('DELETE', c1Href), 204);
    const visitorLog = (await story().session()).channel.log;
    const end = await visitorLog.wait({ rel: 'conversation', type: 'deleted' });
    expect(end.event.reason).toMatchObject({ code: 'RemoteFailure', subcode: 'CallTerminated' });
  });
});
