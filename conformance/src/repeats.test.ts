/** What makes retries safe: repeated operations, replayed batches, replaced polls. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { EventBatch, Occurrence } from './eventLog.ts';
import { expectCreated, expectJson, expectRefusal } from './expectations.ts';
import { dataText, hrefOf, s, withQuery } from './hal.ts';
import { concerns, must, pageOrigin } from './story.ts';
import { useStory } from './useStory.ts';
import { type Answer, send } from './wire.ts';

const story = useStory();

const textOf = ({ resource }: Occurrence): string =>
  resource._links?.plainMessage === undefined ? '' : dataText(hrefOf(resource, 'plainMessage'));

describe('the same operationId again', () => {
  test('startMessaging: the first answer, and one call only', async () => {
    const { visitor, channel } = await story().session();
    const { startHref } = await story().messagingInvitation();
    const operationId = randomUUID();
    const json = { operationId, to: story().site.endpointUri, threadId: randomUUID(), subject: 'twice' };
    const first = await visitor.send('POST', startHref, { json });
    const again = await visitor.send('POST', startHref, { json });
    expectCreated(first);
    expect(again.status).toBe(first.status);
    expect(again.headers.location).toBe(first.headers.location);
    expect(again.text).toBe(first.text);
    await channel.log.wait({
      rel: 'messagingInvitation',
      type: 'started',
      where: ({ resource }) => resource.operationId === operationId,
    });
    const other = await visitor.send('POST', startHref, { json: { ...json, subject: 'another' } });
    expectRefusal(other, 409, 'Conflict', 'AlreadyExists');
    const started = channel.log.all({ rel: 'messagingInvitation', type: 'started' });
    expect(started.filter(({ resource }) => resource.operationId === operationId)).toHaveLength(1);
  });

  test('a message: the first address, and one message only', async () => {
    await story().agentJoins();
    const { caller, messaging } = await story().visitorMessaging();
    const operationId = randomUUID();
    const href = withQuery(hrefOf(messaging, 'sendMessage'), 'operationId', operationId);
    const post = (text: string): Promise<Answer> => caller.send('POST', href, { text, contentType: 'text/plain' });
    const first = await post('once only');
    const again = await post('once only');
    expectCreated(first);
    expect(again.status).toBe(201);
    expect(again.headers.location).toBe(first.headers.location);
    expectRefusal(await post('something else'), 409, 'Conflict', 'AlreadyExists');
    await story().say('visitor', 'fence');
    const { log } = (await story().agent()).channel;
    await log.wait({ rel: 'message', type: 'completed', where: (o) => textOf(o) === 'fence' });
    expect(log.all({ where: (o) => textOf(o) === 'once only' })).toHaveLength(1);
    expect(log.all({ where: (o) => textOf(o) === 'something else' })).toEqual([]);
  });

  test('startAdhocMeeting: one meeting', async () => {
    const { invitation } = await story().callback();
    const json = { operationId: story().operation('twice'), callbackContext: 'twice' };
    const href = hrefOf(invitation, s('startAdhocMeeting'));
    const first = await story().service.send('POST', href, { json });
    const again = await story().service.send('POST', href, { json });
    expectCreated(first);
    expect(again.status).toBe(201);
    expect(again.headers.location).toBe(first.headers.location);
    const own = ({ resource }: Occurrence): boolean => resource.operationId === json.operationId;
    const match = { rel: s('onlineMeetingInvitation'), where: own };
    const completed = await story().receiver.log.wait({ ...match, type: 'completed' });
    expect(story().receiver.log.all({ ...match, type: 'started' })).toHaveLength(1);
    const c2Href = hrefOf(completed.resource, s('conversation'));
    expect(
      story().receiver.log.all({ rel: s('conversation'), type: 'added', where: (o) => concerns(o, c2Href) }),
    ).toHaveLength(1);
  });
});

/** A visitor of whom nobody polls the channel: the test does it by hand. */
async function quietVisitor(): Promise<{
  eventsUrl: string;
  poll(url: string, signal?: AbortSignal): Promise<Answer>;
  call(): Promise<void>;
}> {
  const { application } = await story().capabilities();
  const { anonApplicationsUrl } = await story().widgetDiscover();
  const tokenHref = hrefOf(application.resource, s('anonApplicationTokens'));
  const tokenJson = { applicationSessionId: randomUUID(), allowedOrigins: pageOrigin };
  const token = String(
    must(await story().service.send('POST', tokenHref, { json: tokenJson }), 200, 201).resource.token,
  );
  const headers = { Origin: pageOrigin };
  const json = { anonymousDisplayName: 'Quiet', userAgent: 'x', culture: 'en-us' };
  const created = must(await send('POST', anonApplicationsUrl, { token, headers, json }), 201);
  const eventsUrl = new URL(hrefOf(created.resource, 'events'), anonApplicationsUrl).href;
  const communication = created.resource._embedded?.communication as { _links: { startMessaging: { href: string } } };
  const startUrl = new URL(communication._links.startMessaging.href, anonApplicationsUrl).href;
  return {
    eventsUrl,
    poll: (url, signal) => send('GET', url, { token, headers, ...(signal ? { signal } : {}) }),
    call: async () => {
      const call = { operationId: randomUUID(), to: story().site.endpointUri, threadId: randomUUID() };
      must(await send('POST', startUrl, { token, headers, json: call }), 201);
    },
  };
}

const batchOf = (answer: Answer): EventBatch => answer.resource as unknown as EventBatch;
const nextUrl = (answer: Answer): string => new URL(batchOf(answer)._links?.next?.href ?? '', answer.url).href;
const ackUrl = (url: string, change: (ack: number) => number): string => {
  const changed = new URL(url);
  changed.searchParams.set('ack', String(change(Number(changed.searchParams.get('ack')))));
  return changed.href;
};

describe('the event channel', () => {
  test('F6 a lost answer is replayed byte for byte, newer events wait', async () => {
    const visitor = await quietVisitor();
    await visitor.call();
    const first = await visitor.poll(visitor.eventsUrl);
    expectJson(first, 200);
    expect(batchOf(first).sender?.length).toBeGreaterThan(0);
    await visitor.call();
    const again = await visitor.poll(visitor.eventsUrl);
    expect(again.text).toBe(first.text);
    const second = await visitor.poll(nextUrl(first));
    expectJson(second, 200);
    expect(second.text).toContain('messagingInvitation');
    expect(second.text).not.toBe(first.text);
    expect((await visitor.poll(nextUrl(first))).text).toBe(second.text);
  });

  test('parameters that old clients glue on, repeated ones too, are accepted', async () => {
    const visitor = await quietVisitor();
    await visitor.call();
    const glued = '&low=30&medium=10&priority=0&timeout=200&low=15&medium=1&timeout=999999';
    const answer = await visitor.poll(`${visitor.eventsUrl}${glued}`);
    expectJson(answer, 200);
  });

  test('an ack out of order is answered with resync only, which leads on', async () => {
    const visitor = await quietVisitor();
    await visitor.call();
    const first = await visitor.poll(visitor.eventsUrl);
    await visitor.call();
    const second = await visitor.poll(nextUrl(first));
    for (const wrong of [ackUrl(second.url, (ack) => ack + 7), visitor.eventsUrl]) {
      const answer = await visitor.poll(wrong);
      expectJson(answer, 200);
      const links = batchOf(answer)._links ?? {};
      expect(links.next).toBeUndefined();
      expect(links.resync?.href).toMatch(/\?/);
      expect(batchOf(answer).sender ?? []).toEqual([]);
      const resynced = await visitor.poll(new URL(links.resync?.href ?? '', answer.url).href);
      expect(resynced.text).toBe(second.text);
    }
  });

  test('a second poll at the same place replaces the parked one', async () => {
    const visitor = await quietVisitor();
    await visitor.call();
    const place = nextUrl(await visitor.poll(visitor.eventsUrl));
    const parked = visitor.poll(place);
    const replacing = visitor.poll(place);
    // Which of the two reached the server first is not ours to say: one is replaced, the other is held.
    const [replaced] = await Promise.race([parked, replacing].map(async (poll) => [await poll] as const));
    expectRefusal(replaced, 409, 'Conflict', 'PGetReplaced');
    await visitor.call();
    const statuses = (await Promise.all([parked, replacing])).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 409]);
  });

  test('an event wakes the parked poll', async () => {
    const visitor = await quietVisitor();
    const parked = visitor.poll(visitor.eventsUrl);
    await visitor.call();
    expect(batchOf(await parked).sender?.length).toBeGreaterThan(0);
  });
});
