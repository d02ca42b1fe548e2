import { describe, expect, it } from 'vitest';
import { createAgentClient } from './agentClient.ts';
import { eventsOf, type ReceivedEvent } from './eventBatch.ts';
import { readMessage } from './message.ts';
import { embedded, supports } from './resource.ts';
import { createFakePlatform } from './testing/fakePlatform.ts';
import { createManualClock } from './testing/manualClock.ts';

const instance = { userAgent: 'desk/1.0', culture: 'en-us', endpointId: 'desk-1' };

async function setUp() {
  const clock = createManualClock();
  const platform = createFakePlatform({ clock });
  const client = createAgentClient({ ...platform.agent, fetch: platform.fetch, clock });
  const application = await client.signIn(instance);
  const events: ReceivedEvent[] = [];
  const channel = client.events(application, { onBatch: (batch) => void events.push(...eventsOf(batch)) });
  channel.start();
  await clock.settle();
  const latest = (word: string) => {
    const resource = events.findLast((one) => one.word === word)?.resource;
    if (!resource) throw new Error(`no ${word} yet`);
    return resource;
  };
  return { clock, platform, client, application, events, channel, latest };
}

describe('the agent', () => {
  it('signs in by links and is available; again with the same endpointId it is the same application', async () => {
    const { platform, client, application, channel } = await setUp();
    expect(platform.requests.slice(0, 5).map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /autodiscover/root',
      'GET /ucwa/oauth/v1/user',
      'POST /ucwa/oauth/v1/applications',
      'POST /ucwa/oauth/v1/applications/101/me/makeMeAvailable',
      'GET /ucwa/oauth/v1/applications/101',
    ]);
    expect(platform.requests[0]?.headers.has('Authorization')).toBe(false);
    const me = embedded(application, 'me');
    expect(me && supports(me, 'reportMyActivity')).toBe(true);
    expect((await client.signIn(instance)).id).toBe(application.id);
    await client.reportMyActivity(application);
    expect(platform.agentApplication().activityReports()).toBe(1);
    channel.stop();
  });

  it('does not mind that makeMeAvailable was used by a call whose answer was lost', async () => {
    const clock = createManualClock();
    const platform = createFakePlatform({ clock });
    platform.addFault({
      kind: 'status',
      status: 409,
      code: 'Conflict',
      subcode: 'AlreadyExists',
      on: /makeMeAvailable/,
    });
    const client = createAgentClient({ ...platform.agent, fetch: platform.fetch, clock });
    expect((await client.signIn(instance)).rel).toBe('application');
  });

  it('is rung, accepts, adds messaging, chats and leaves', async () => {
    const { clock, platform, client, application, latest, events, channel } = await setUp();
    const call = platform.ring({ subject: 'Visitor: my first words' });
    await clock.settle();
    const invitation = latest('onlineMeetingInvitation');
    expect(invitation).toMatchObject({ direction: 'Incoming', subject: 'Visitor: my first words' });
    expect(embedded(invitation, 'from')?.name).toBe('Help desk');

    await client.accept(invitation);
    await clock.settle();
    expect(latest('conversation').state).toBe('Conferenced');
    await client.addMessaging(latest('messaging'), 'op-add');
    await clock.settle();
    await client.sendMessage(latest('messaging'), { text: 'Hi', operationId: 'op-1' });
    await client.setIsTyping(latest('messaging'));
    expect(call.sent).toMatchObject([{ text: 'Hi', operationId: 'op-1' }]);

    call.say({ from: 'Visitor', text: 'Help!' });
    await clock.settle();
    const said = events.findLast(({ word }) => word === 'message');
    expect(said && readMessage(said.event)).toMatchObject({ text: 'Help!', participantTitle: 'Visitor' });

    const going = await client.conversations(application);
    expect(going).toMatchObject([{ rel: 'conversation', state: 'Conferenced' }]);
    await client.leave(latest('conversation'));
    expect(call.isAlive()).toBe(false);
    expect(await client.conversations(application)).toEqual([]);
    channel.stop();
  });

  it('declines', async () => {
    const { clock, platform, client, latest, channel } = await setUp();
    const call = platform.ring();
    await clock.settle();
    const invitation = latest('onlineMeetingInvitation');
    await client.decline(invitation);
    expect(call.isAlive()).toBe(false);
    await expect(client.accept(invitation)).rejects.toMatchObject({ status: 404 });
    channel.stop();
  });

  it('finds the conversations without those that have just ended, and signs out', async () => {
    const { clock, platform, client, application, channel } = await setUp();
    platform.ring();
    platform.ring({ subject: 'second' });
    platform.addFault({ kind: 'status', status: 404, code: 'NotFound', on: /GET .*\/conversations\/c1$/ });
    expect((await client.conversations(application)).map(({ subject }) => subject)).toEqual(['second']);
    channel.stop();
    await client.signOut(application);
    await client.signOut(application);
    await clock.settle();
    await expect(client.conversations(application)).rejects.toMatchObject({ subcode: 'ApplicationNotFound' });
  });

  it('follows a redirect of the root', async () => {
    const clock = createManualClock();
    const platform = createFakePlatform({ clock });
    const fetch: typeof globalThis.fetch = async (input, init) =>
      String(input).endsWith('/first')
        ? Response.json({ _links: { redirect: { href: platform.agent.rootHref } } })
        : platform.fetch(input, init);
    const client = createAgentClient({ ...platform.agent, rootHref: 'https://a.test/first', fetch, clock });
    expect((await client.signIn(instance)).rel).toBe('application');
  });
});
