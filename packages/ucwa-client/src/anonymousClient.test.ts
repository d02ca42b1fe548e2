import { describe, expect, it } from 'vitest';
import { createAnonymousClient } from './anonymousClient.ts';
import { eventsOf, type ReceivedEvent } from './eventBatch.ts';
import { readMessage } from './message.ts';
import { readParticipant } from './participant.ts';
import { linkHref, supports } from './resource.ts';
import { createFakePlatform, type FakePlatformOptions } from './testing/fakePlatform.ts';
import { createManualClock } from './testing/manualClock.ts';

const person = { anonymousDisplayName: 'Visitor', userAgent: 'test/1.0', culture: 'en-us' };

async function setUp(options: Partial<FakePlatformOptions> = {}) {
  const clock = createManualClock();
  const platform = createFakePlatform({ clock, ...options });
  const client = createAnonymousClient({ ...platform.anonymous, fetch: platform.fetch, clock });
  const application = await client.createApplication(await client.discover(), person);
  const events: ReceivedEvent[] = [];
  const channel = client.events(application, { onBatch: (batch) => void events.push(...eventsOf(batch)) });
  channel.start();
  await clock.settle();
  const names = () => events.map(({ word, inWord, event }) => `${word} ${event.type}${inWord ? ` in ${inWord}` : ''}`);
  const invite = () =>
    client.startMessaging(application, { operationId: 'op-invite', to: 'sip:helpdesk@contoso.com', subject: 'Hello' });
  const messaging = () => {
    const resource = events.findLast(({ word }) => word === 'messaging')?.resource;
    if (!resource) throw new Error('no messaging yet');
    return resource;
  };
  const conversationHref = () => {
    const href = events.find(({ word }) => word === 'conversation')?.event.link.href;
    if (!href) throw new Error('no conversation yet');
    return href;
  };
  return { clock, platform, client, application, events, channel, names, invite, messaging, conversationHref };
}

describe('the visitor', () => {
  it('signs in without showing the token to discover in a header', async () => {
    const { platform, application, channel } = await setUp();
    expect(platform.requests.map(({ method, path }) => `${method} ${path}`).slice(0, 2)).toEqual([
      'GET /platformservice/discover',
      'POST /ucwa/psanon/v1/applications',
    ]);
    expect(platform.requests[0]?.headers.has('Authorization')).toBe(false);
    expect(platform.requests[1]?.headers.get('Authorization')).toBe('Bearer psat=anonymous-1');
    expect(linkHref(application, 'self')).toBe('https://platform.test/ucwa/psanon/v1/applications/101');
    channel.stop();
  });

  it('invites, is answered, writes, reads, types and closes', async () => {
    const { clock, platform, client, channel, names, invite, messaging, events } = await setUp();
    const { location } = await invite();
    await clock.settle();
    expect(names()).toEqual([
      'messagingInvitation started',
      'conversation added',
      'messaging updated',
      'messaging updated',
      'conversation updated',
      'participant added',
      'messagingInvitation completed',
    ]);
    expect(events[0]?.event.link.href).toBe(location);
    expect(messaging().state).toBe('Connected');

    const sent = await client.sendMessage(messaging(), { text: 'Grüße', operationId: 'op-1' });
    await clock.settle();
    const echo = events.at(-1);
    expect(echo && readMessage(echo.event)).toMatchObject({
      href: sent.location,
      direction: 'Outgoing',
      text: 'Grüße',
      operationId: 'op-1',
    });

    platform.visitorConversation().say({ from: 'Ann', text: 'Hello!' });
    platform.visitorConversation().type({ from: 'Ann' });
    await clock.settle();
    const [joined, said, typing] = events.slice(-3);
    expect(joined && readParticipant(joined.event)).toMatchObject({ name: 'Ann' });
    expect(said && readMessage(said.event)).toMatchObject({ text: 'Hello!', participantTitle: 'Ann' });
    expect(typing).toMatchObject({ word: 'participant', inWord: 'typingParticipants' });
    expect(typing?.event.link.href).toBe(joined?.event.link.href);

    await client.setIsTyping(messaging());
    expect(platform.visitorConversation().typedCount()).toBe(1);

    const before = messaging();
    await client.stopMessaging(before);
    await client.stopMessaging(before);
    await clock.settle();
    expect(names().slice(-5)).toEqual([
      'messaging updated',
      'participant deleted',
      'participant deleted',
      'conversation updated',
      'conversation deleted',
    ]);
    channel.stop();
  });

  it('may repeat a message whose answer was lost', async () => {
    const { clock, platform, client, channel, invite, messaging } = await setUp();
    await invite();
    await clock.settle();
    platform.addFault({ kind: 'lostAnswer', on: /POST .*\/messages$/ });
    const input = { text: 'once', operationId: 'op-1' };
    await expect(client.sendMessage(messaging(), input)).rejects.toMatchObject({ code: 'Network', retryable: true });
    await client.sendMessage(messaging(), input);
    expect(platform.visitorConversation().sent).toHaveLength(1);
    await expect(client.sendMessage(messaging(), { ...input, text: 'other' })).rejects.toMatchObject({
      status: 409,
      subcode: 'AlreadyExists',
    });
    channel.stop();
  });

  it('cannot send before it is answered, nor reach somebody else', async () => {
    const { clock, client, platform, application, channel, invite, messaging, names } = await setUp({
      autoAccept: false,
    });
    await invite();
    await clock.settle();
    await expect(client.sendMessage(messaging(), { text: 'x', operationId: 'o' })).rejects.toMatchObject({
      code: 'LinkNotAvailable',
      rel: 'sendMessage',
    });
    platform.visitorConversation().fail('Declined');
    await clock.settle();
    expect(names()).toContain('messagingInvitation completed');
    expect(names().at(-1)).toBe('conversation deleted');
    const wrong = client.startMessaging(application, { operationId: 'o2', to: 'sip:ann@contoso.com' });
    await expect(wrong).rejects.toMatchObject({ status: 403 });
    channel.stop();
  });

  it('goes on after a reload, from the stored addresses', async () => {
    const { clock, platform, client, application, channel, invite, events } = await setUp();
    await invite();
    await clock.settle();
    channel.stop();
    platform.visitorConversation().say({ from: 'Ann', text: 'meanwhile' });

    const again = createAnonymousClient({ ...platform.anonymous, fetch: platform.fetch, clock });
    const seen: ReceivedEvent[] = [];
    const next = again.events(application, {
      position: channel.position(),
      onBatch: (batch) => void seen.push(...eventsOf(batch)),
    });
    next.start();
    await clock.settle();
    expect(seen.map(({ word }) => word)).toEqual(['participant', 'message']);
    expect(events.filter(({ word }) => word === 'message')).toHaveLength(0);
    next.stop();
    await client.deleteApplication(application);
    await client.deleteApplication(application);
    await expect(again.createApplication(await again.discover(), person)).resolves.toMatchObject({ id: '102' });
  });

  it('reads anew what may be done, leaves, and finds its conversation gone', async () => {
    const { clock, platform, client, channel, invite, conversationHref, names } = await setUp();
    await invite();
    await clock.settle();
    const messaging = await client.messagingOf(conversationHref());
    expect(messaging).toMatchObject({ state: 'Connected' });
    expect(supports(messaging ?? {}, 'sendMessage')).toBe(true);
    await client.leave(conversationHref());
    await clock.settle();
    expect(platform.visitorConversation().isAlive()).toBe(false);
    expect(names().at(-1)).toBe('conversation deleted');
    await client.leave(conversationHref());
    await expect(client.messagingOf(conversationHref())).rejects.toMatchObject({ status: 404 });
    channel.stop();
  });

  it('does not take an empty answer for discover or for an application, nor hide what an end was refused with', async () => {
    const answers: Response[] = [];
    const client = createAnonymousClient({
      fetch: async () => answers.shift() ?? new Response(null, { status: 204 }),
      clock: createManualClock(),
      discoverHref: 'https://platform.test/discover?anonymousContext=secret',
      token: () => 'psat=x',
    });
    const malformed = { code: 'MalformedAnswer', retryable: true, message: expect.not.stringContaining('secret') };
    await expect(client.discover()).rejects.toMatchObject(malformed);
    await expect(client.createApplication('/applications', person)).rejects.toMatchObject(malformed);
    answers.push(Response.json({ _links: {} }));
    await expect(client.discover()).rejects.toMatchObject({ code: 'LinkNotAvailable', rel: 'anonApplications' });
    answers.push(Response.json({ code: 'Forbidden' }, { status: 403 }));
    await expect(client.leave('/conversation')).rejects.toMatchObject({ status: 403 });
  });

  it('learns of an expired token and of an application that is gone', async () => {
    const { clock, platform, client, application, channel } = await setUp();
    channel.stop();
    const reasons: string[] = [];
    const handlers = { onBatch: () => {}, onState: ({ reason }: { reason: string }) => void reasons.push(reason) };
    const stale = createAnonymousClient({
      discoverHref: platform.anonymous.discoverHref,
      token: () => 'psat=anonymous-1',
      fetch: platform.fetch,
      clock,
    });
    platform.renewTokens();
    stale.events(application, handlers).start();
    await clock.settle();
    expect(reasons).toEqual(['started', 'unauthorized']);
    platform.visitor().expire();
    client.events(application, handlers).start();
    await clock.settle();
    expect(reasons.at(-1)).toBe('gone');
  });
});
