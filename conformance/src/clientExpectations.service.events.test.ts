/** What existing service applications require of the callbacks (S6 to S9, S13 to S22), seen over one whole chat. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ackOf, keyOf } from './callbackReceiver.ts';
import type { Occurrence } from './eventLog.ts';
import { expectOrder } from './expectations.ts';
import { hasLink, hrefOf, linkOf, s } from './hal.ts';
import { concerns } from './story.ts';
import { useStory } from './useStory.ts';
import type { Answer } from './wire.ts';

const story = useStory();
let visitorsMessage: Answer;

beforeAll(async () => {
  // Slow enough for a second batch to be ready while the first is not answered (S14).
  story().receiver.patienceMs = 40;
  await story().agentJoins();
  visitorsMessage = await story().say('visitor', 'hello');
  await story().say('agent', 'good day');
  const offline = await story().invite(story().agentUri(1), 'nobody there');
  await story().receiver.log.wait({
    rel: s('participantInvitation'),
    type: 'completed',
    where: ({ resource }) => resource.operationId === offline.operationId,
  });
  const { caller, messaging } = await story().agentMessaging();
  await caller.send('POST', hrefOf(messaging, 'setIsTyping'));
  await story().receiver.log.wait({ rel: s('participant'), type: 'added', in: s('typingParticipants') });
  await story().terminate();
}, 30_000);

const all = (): Occurrence[] => story().receiver.log.occurrences;
const isInvitation = ({ event }: Occurrence): boolean => event.link.rel.endsWith('nvitation');
const invitations = (): Occurrence[] => all().filter(isInvitation);
const onLeg = (href: string) => (occurrence: Occurrence) => concerns(occurrence, href);

function groupBy<T>(items: readonly T[], keyOfItem: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOfItem(item), [...(groups.get(keyOfItem(item)) ?? []), item]);
  return groups;
}

describe('operations', () => {
  test('S6 every invitation event embeds the invitation; it completes once, as Connected or as Failed', () => {
    const byId = groupBy(invitations(), ({ event }) => event.link.href);
    expect(byId.size).toBeGreaterThan(3);
    for (const events of byId.values()) {
      for (const { event, resource } of events) {
        expect(resource.rel).toBe(event.link.rel);
        expect(['Connecting', 'Connected', 'Failed']).toContain(resource.state);
      }
      const ends = events.filter(({ event }) => event.type === 'completed');
      expect(ends).toHaveLength(1);
      const [end] = ends;
      expect(end?.resource.state).toBe(end?.event.status === 'Success' ? 'Connected' : 'Failed');
      if (end?.event.status === 'Failure') expect(end.event.reason?.code).toMatch(/\S/);
    }
    expect(invitations().some(({ resource }) => resource.state === 'Failed')).toBe(true);
  });

  test('S7 started comes with the operationId that was posted, and all later events with the same', async () => {
    const posted = [
      (await story().startAdhocMeeting()).operationId,
      (await story().addMessaging()).operationId,
      (await story().participantInvitation()).operationId,
    ];
    for (const operationId of posted) {
      const own = invitations().filter(({ resource }) => resource.operationId === operationId);
      expect(own[0]?.event.type).toBe('started');
      expect(own.at(-1)?.event.type).toBe('completed');
      const { href } = own[0]?.event.link ?? { href: '' };
      expect(invitations().filter(({ event }) => event.link.href === href)).toHaveLength(own.length);
    }
  });

  test('S8 every invitation event has an operationId and the link to its conversation, incoming ones too', () => {
    expect(invitations().some(({ resource }) => resource.direction === 'Incoming')).toBe(true);
    for (const { resource } of invitations()) {
      expect(resource.operationId).toMatch(/\S/);
      expect(hrefOf(resource, s('conversation'))).toMatch(/\S/);
    }
  });

  test('S9 after completed nothing more is said under an operationId, and no two invitations share one', () => {
    const byOperation = groupBy(invitations(), ({ resource }) => String(resource.operationId));
    for (const events of byOperation.values()) {
      expect(new Set(events.map(({ event }) => event.link.href)).size).toBe(1);
      expect(events.findIndex(({ event }) => event.type === 'completed')).toBe(events.length - 1);
    }
  });
});

describe('batches', () => {
  test('S13 a conversation speaks only after it was named; its end has the last word, in a block that brings nothing else', () => {
    const known = new Set<string>();
    const ended = new Set<string>();
    for (const { sender, event, resource } of all()) {
      expect([s('communication'), s('conversation')]).toContain(sender.rel);
      if (isInvitation({ event } as Occurrence)) known.add(hrefOf(resource, s('conversation')));
      if (event.link.rel === s('conversation') && event.type === 'added') known.add(event.link.href);
      if (sender.rel === s('conversation')) {
        expect(known).toContain(sender.href);
        expect(ended).not.toContain(sender.href);
      }
      if (event.link.rel === s('conversation') && event.type === 'deleted') ended.add(event.link.href);
    }
    expect(ended.size).toBe(2);
    for (const block of story().receiver.log.batches.flatMap(({ sender = [] }) => sender)) {
      const at = block.events.findIndex(({ link, type }) => link.rel === s('conversation') && type === 'deleted');
      // Within a block the oldest client handles it first: what stands before it would be lost.
      if (at >= 0) expect(at).toBe(0);
    }
  });

  test('S14 the batches of one conversation come one at a time and count up by one', () => {
    const requests = groupBy(story().receiver.requests, ({ batch }) => keyOf(batch));
    for (const [key, posts] of requests) {
      expect(
        posts.filter(({ overlapping }) => overlapping > 0),
        key,
      ).toEqual([]);
      expect(posts.map(({ batch }) => ackOf(batch._links?.self?.href ?? ''))).toEqual(posts.map((_, at) => at + 1));
    }
  });
});

describe('messages and people', () => {
  test('S15 an incoming message links its sender, who was added to the roster before', () => {
    const incoming = all().filter(
      ({ event, resource }) => event.link.rel === s('message') && resource.direction === 'Incoming',
    );
    expect(incoming.length).toBeGreaterThan(2);
    for (const message of incoming) {
      const sender = linkOf(message.resource, s('participant'));
      expect(sender.title).toMatch(/\S/);
      const added = all().find(
        ({ event }) =>
          event.link.rel === s('participant') &&
          event.type === 'added' &&
          event.in === undefined &&
          event.link.href === sender.href,
      );
      expect(added?.resource).toMatchObject({ rel: s('participant'), name: sender.title });
      if (added) expectOrder(added, message);
    }
  });

  test('S16 the answer to a message has its address and leaves before completed, which has the same address and a status', async () => {
    const { answer, completed } = await story().welcome();
    expect(answer.status).toBe(201);
    const location = new URL(String(answer.headers.location), answer.url).href;
    expect(completed.at).toBeGreaterThan(answer.at);
    expect(new URL(completed.event.link.href, answer.url).href.toLowerCase()).toBe(location.toLowerCase());
    expect(completed.event.status).toBe('Success');
    expect(visitorsMessage.headers.location).toMatch(/\S/);
  });

  test('S17 the links of messaging are delivered before the invitation completes', async () => {
    const { completed } = await story().addMessaging();
    const { completed: accepted } = await story().acceptAndBridge();
    for (const [invitation, href] of [
      [completed, (await story().startAdhocMeeting()).c2Href],
      [accepted, (await story().callback()).c1Href],
    ] as const) {
      const connected = all().find(
        (o) => onLeg(href)(o) && o.event.link.rel === s('messaging') && o.resource.state === 'Connected',
      );
      for (const word of ['sendMessage', 'setIsTyping', 'stopMessaging'])
        expect(hasLink(connected?.resource ?? {}, s(word)), word).toBe(true);
      if (connected) expectOrder(connected, invitation);
    }
  });

  test('S18 the links of the conversation lead to its parts; the bridge comes embedded and can be read', async () => {
    const { c1Href } = await story().callback();
    const { c2Href } = await story().startAdhocMeeting();
    const updates = (href: string): Occurrence[] =>
      all().filter((o) => o.event.link.href === href && o.event.type === 'updated');
    expect(updates(c1Href).some(({ resource }) => hasLink(resource, s('conversationBridge')))).toBe(true);
    for (const word of ['messaging', 'onlineMeeting', 'addParticipant', 'participants'])
      expect(
        updates(c2Href).some(({ resource }) => hasLink(resource, s(word))),
        word,
      ).toBe(true);
    const { added, answer } = await story().conversationBridge();
    expect(hrefOf(added.resource, s('bridgedParticipants'))).toMatch(/\S/);
    expect(answer.resource).toMatchObject({
      rel: s('conversationBridge'),
      onlineMeetingUri: added.resource.onlineMeetingUri,
    });
  });

  test('S19 bridgedParticipant added repeats the uri that was posted, with its address, from the visitor’s leg', async () => {
    const { added, participantUri, answer } = await story().bridgedParticipants();
    const { c1Href } = await story().callback();
    expect(String(added.resource.participantUri).toLowerCase()).toBe(participantUri.toLowerCase());
    expect(hrefOf(added.resource, 'self')).toBe(added.event.link.href);
    expect(new URL(String(answer.headers.location), answer.url).href).toBe(
      story().service.resolve(added.event.link.href),
    );
    expect(added.sender).toEqual({ rel: s('conversation'), href: c1Href });
    expect(added.event.in?.rel).toBe(s('bridgedParticipants'));
  });

  test('S20 membership is told by `in`: typing of its view, participantMessaging of its participant', () => {
    const messaging = all().filter(({ event }) => event.link.rel === s('participantMessaging'));
    expect(messaging.length).toBeGreaterThan(1);
    for (const { event } of messaging) expect(event.in?.rel).toBe(s('participant'));
    const typing = all().filter(({ event }) => event.in?.rel === s('typingParticipants'));
    expect(typing.length).toBeGreaterThan(0);
    const roster = all().filter(({ event }) => event.link.rel === s('participant') && event.in === undefined);
    for (const { event, resource } of roster.filter(({ event: { type } }) => type === 'added'))
      expect(resource.uri, event.link.href).toMatch(/^sip:/);
  });

  test('S21 what is deleted embeds nothing and has the address under which it was added', () => {
    const gone = all().filter(({ event }) => event.type === 'deleted');
    expect(gone.length).toBeGreaterThan(4);
    for (const { event, sender } of gone) {
      expect(event._embedded).toBeUndefined();
      const added = all().some(
        (o) => o.event.type === 'added' && o.event.link.href === event.link.href && o.event.in?.rel === event.in?.rel,
      );
      expect(added, `${sender.href} ${event.link.href}`).toBe(true);
    }
  });

  test('S22 updated and deleted of a conversation come from communication', async () => {
    const { c1Href } = await story().callback();
    const { c2Href } = await story().startAdhocMeeting();
    for (const href of [c1Href, c2Href])
      for (const type of ['updated', 'deleted']) {
        const own = all().filter(({ event }) => event.link.href === href && event.type === type);
        expect(own.length, `${href} ${type}`).toBeGreaterThan(0);
        for (const { sender } of own) expect(sender.rel).toBe(s('communication'));
      }
  });
});
