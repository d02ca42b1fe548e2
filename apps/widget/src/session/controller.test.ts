import { createFakePlatform } from '@repo/ucwa-client/testing/fakePlatform';
import { createManualClock } from '@repo/ucwa-client/testing/manualClock';
import { describe, expect, it } from 'vitest';
import { createController } from './controller.ts';
import { createStorage, type KeyValueStore } from './storage.ts';

const webOrigin = 'https://web.test';
const tokenRoute = `${webOrigin}/api/helpdesk/token`;

function createTab(autoAccept = true) {
  const clock = createManualClock();
  const platform = createFakePlatform({ clock, autoAccept });
  const items = new Map<string, string>();
  const store: KeyValueStore = {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
  };
  const web = { requests: [] as string[], answer: (): Response | Promise<Response> => grant() };
  let ids = 0;

  function grant(): Response {
    return Response.json({
      token: platform.anonymous.token(),
      expiryTime: '/Date(1700028800000)/',
      discoverUrl: platform.anonymous.discoverHref,
      helpdeskUri: platform.helpdeskUri,
      displayName: 'Contoso Help',
    });
  }

  const open = () =>
    createController({
      helpdesk: 'contoso',
      webOrigin,
      fetch: async (input, init) => {
        if (String(input) !== tokenRoute) return platform.fetch(input, init);
        web.requests.push(String(init?.body));
        return web.answer();
      },
      clock,
      random: () => 0,
      newId() {
        ids += 1;
        return `id${ids}`;
      },
      storage: createStorage(store, 'bridgedesk:contoso'),
      page: { href: 'https://shop.test/cart?session=secret#pay', title: 'Cart', locale: 'en-GB' },
    });
  return { clock, platform, items, web, open, grant };
}

type Tab = ReturnType<typeof createTab>;

async function startChat(tab: Tab, text = 'Where is my order?') {
  const controller = tab.open();
  controller.start({ name: 'Vera', text });
  await tab.clock.advance(2000);
  return controller;
}

const textsOf = (controller: ReturnType<Tab['open']>) =>
  controller.look().state.messages.map(({ text, state }) => [text, state]);

describe('controller', () => {
  it('asks and stores nothing before the visitor does something', async () => {
    const tab = createTab();
    tab.open();
    await tab.clock.settle();
    expect(tab.web.requests).toEqual([]);
    expect(tab.platform.requests).toEqual([]);
    expect(tab.items.size).toBe(0);
  });

  it('goes from the form to the chat and sends the first message once, as a message', async () => {
    const tab = createTab();
    const controller = await startChat(tab);
    expect(tab.web.requests).toEqual(['{"helpdesk":"contoso"}']);
    expect(controller.look()).toMatchObject({ connection: 'fine', state: { phase: 'chatting', visitorName: 'Vera' } });
    expect(tab.platform.visitorConversation().sent.map(({ text }) => text)).toEqual(['Where is my order?']);
    expect(textsOf(controller)).toEqual([['Where is my order?', 'delivered']]);
    const invitation = tab.platform.requests.find(({ path }) => path.endsWith('messagingInvitations'));
    const body = JSON.parse(invitation?.body ?? '');
    expect(body).toMatchObject({ to: 'sip:helpdesk@contoso.com', subject: 'Where is my order?' });
    expect(body._links.customContent.href).toContain('data:application/json');
    expect(decodeURIComponent(body._links.customContent.href)).toContain('"page":"https://shop.test/cart"');
    expect(body._links.message).toBeUndefined();
    const discover = tab.platform.requests.find(({ path }) => path.includes('discover'));
    expect(discover?.headers.get('Authorization')).toBeNull();
  });

  it('shows what the helpdesk writes and who is typing', async () => {
    const tab = createTab();
    const controller = await startChat(tab);
    tab.platform.visitorConversation().type({ from: 'Ann' });
    await tab.clock.advance(100);
    expect(controller.look().state.typing).toMatchObject([{ name: 'Ann' }]);
    tab.platform.visitorConversation().say({ from: 'Ann', text: 'Hello Vera' });
    await tab.clock.advance(100);
    expect(controller.look().state).toMatchObject({ typing: [], counterpart: 'Ann' });
    expect(controller.look().state.messages.at(-1)).toMatchObject({ from: 'Ann', text: 'Hello Vera' });
  });

  it('goes on after a reload where it was, without losing or doubling anything', async () => {
    const tab = createTab();
    const before = await startChat(tab);
    tab.platform.visitorConversation().say({ from: 'Ann', text: 'one' });
    await tab.clock.advance(100);
    before.setDraft('half a sen');
    before.remember();
    before.dispose();
    tab.platform.visitorConversation().say({ from: 'Ann', text: 'two' });
    const after = tab.open();
    await tab.clock.advance(2000);
    expect(after.look().state.draft).toBe('half a sen');
    expect(textsOf(after).map(([text]) => text)).toEqual(['Where is my order?', 'one', 'two']);
    after.send('three');
    await tab.clock.advance(100);
    expect(textsOf(after).at(-1)).toEqual(['three', 'delivered']);
    expect(tab.web.requests).toHaveLength(1);
  });

  it('goes on after a long silence and a reload without taking it for a loss', async () => {
    const tab = createTab();
    const before = await startChat(tab);
    await tab.clock.advance(400_000);
    before.remember();
    before.dispose();
    const after = tab.open();
    await tab.clock.advance(2000);
    tab.platform.visitorConversation().say({ from: 'Ann', text: 'Still there?' });
    await tab.clock.advance(100);
    expect(textsOf(after).at(-1)).toEqual(['Still there?', 'delivered']);
    expect(after.look().state.gap).toBe(false);
  });

  it('says that the service cannot be reached, keeps the text, and gets there by itself', async () => {
    const tab = createTab();
    tab.web.answer = () => Promise.reject(new TypeError('fetch failed'));
    const controller = await startChat(tab);
    expect(controller.look()).toMatchObject({ connection: 'lost', state: { phase: 'starting' } });
    expect(textsOf(controller)).toEqual([['Where is my order?', 'waiting']]);
    tab.web.answer = () =>
      Response.json({ code: 'ServiceUnavailable' }, { status: 503, headers: { 'Retry-After': '3' } });
    await tab.clock.advance(20_000);
    expect(controller.look().connection).toBe('lost');
    tab.web.answer = tab.grant;
    await tab.clock.advance(60_000);
    expect(controller.look()).toMatchObject({ connection: 'fine', state: { phase: 'chatting' } });
    expect(textsOf(controller)).toEqual([['Where is my order?', 'delivered']]);
  });

  it('survives a server that goes away in mid-chat and an answer that is lost', async () => {
    const tab = createTab();
    const controller = await startChat(tab);
    tab.platform.setOffline(true);
    controller.send('are you there?');
    await tab.clock.advance(5000);
    expect(controller.look().connection).toBe('lost');
    expect(textsOf(controller).at(-1)).toEqual(['are you there?', 'waiting']);
    tab.platform.setOffline(false);
    tab.platform.addFault({ kind: 'lostAnswer', on: /messaging\/messages/ });
    controller.retryNow();
    await tab.clock.advance(60_000);
    expect(controller.look().connection).toBe('fine');
    expect(tab.platform.visitorConversation().sent.map(({ text }) => text)).toEqual([
      'Where is my order?',
      'are you there?',
    ]);
    expect(textsOf(controller).at(-1)).toEqual(['are you there?', 'delivered']);
  });

  it('sends what was waiting when the page was reloaded', async () => {
    const tab = createTab();
    const before = await startChat(tab);
    tab.platform.setOffline(true);
    before.send('from before');
    await tab.clock.settle();
    before.dispose();
    tab.platform.setOffline(false);
    const after = tab.open();
    await tab.clock.advance(2000);
    expect(textsOf(after).at(-1)).toEqual(['from before', 'delivered']);
  });

  it('does not send a refused message again by itself, and does when asked', async () => {
    const tab = createTab();
    const controller = await startChat(tab);
    tab.platform.addFault({ kind: 'status', on: /messaging\/messages/, status: 400, code: 'BadRequest' });
    controller.send('hm');
    await tab.clock.advance(60_000);
    const failed = controller.look().state.messages.at(-1);
    expect(failed).toMatchObject({ state: 'failed', failure: 'refused' });
    controller.resend(failed?.key ?? '');
    await tab.clock.advance(100);
    expect(textsOf(controller).at(-1)).toEqual(['hm', 'delivered']);
  });

  it.each([
    ['Declined', 'declined'],
    ['Timeout', 'unanswered'],
  ])('tells an unanswered visitor why and starts again with the text: %s', async (subcode, outcome) => {
    const tab = createTab(false);
    const controller = await startChat(tab);
    expect(controller.look().state.phase).toBe('ringing');
    tab.platform.visitorConversation().fail(subcode);
    await tab.clock.advance(100);
    expect(controller.look().state).toMatchObject({ phase: 'ended', outcome });
    controller.newChat();
    expect(controller.look().state).toMatchObject({ phase: 'form', visitorName: 'Vera', draft: 'Where is my order?' });
    controller.start({ name: 'Vera', text: 'Again' });
    await tab.clock.advance(2000);
    expect(tab.web.requests).toHaveLength(2);
  });

  it('ends for both sides when the visitor says so', async () => {
    const tab = createTab();
    const controller = await startChat(tab);
    controller.end();
    await tab.clock.advance(100);
    expect(controller.look().state).toMatchObject({ phase: 'ended', outcome: 'endedByVisitor' });
    expect(tab.platform.visitorConversation().isAlive()).toBe(false);
    expect(JSON.parse(tab.items.get('bridgedesk:contoso') ?? '').live).toBe(false);
  });

  it('keeps trying to end while the server is away, and does not forget it over a reload', async () => {
    const tab = createTab();
    const controller = await startChat(tab);
    tab.platform.setOffline(true);
    controller.end();
    await tab.clock.advance(3000);
    expect(controller.look()).toMatchObject({ connection: 'lost', state: { phase: 'chatting', closing: true } });
    controller.dispose();
    tab.platform.setOffline(false);
    const after = tab.open();
    await tab.clock.advance(1000);
    expect(after.look().state.outcome).toBe('endedByVisitor');
    expect(tab.platform.visitorConversation().isAlive()).toBe(false);
  });

  it('takes back an invitation that is still ringing, and ends at once when nothing was asked yet', async () => {
    const tab = createTab(false);
    const ringing = await startChat(tab);
    ringing.end();
    await tab.clock.advance(100);
    expect(ringing.look().state.outcome).toBe('endedByVisitor');
    expect(tab.platform.visitorConversation().isAlive()).toBe(false);

    const other = createTab();
    other.web.answer = () => Promise.reject(new TypeError('fetch failed'));
    const starting = await startChat(other);
    starting.end();
    await other.clock.settle();
    expect(starting.look()).toMatchObject({ connection: 'fine', state: { outcome: 'endedByVisitor' } });
  });

  it('says so when the helpdesk ended it', async () => {
    const tab = createTab();
    const controller = await startChat(tab);
    tab.platform.visitorConversation().end('CallTerminated');
    await tab.clock.advance(100);
    expect(controller.look().state).toMatchObject({ phase: 'ended', outcome: 'endedByHelpdesk' });
  });

  it.each([
    ['the token has expired', (tab: Tab) => tab.platform.renewTokens()],
    ['the platform has forgotten the application', (tab: Tab) => tab.platform.visitor().expire()],
  ])('ends when %s, and keeps what was typed for a new chat', async (_why, happen) => {
    const tab = createTab();
    const controller = await startChat(tab);
    happen(tab);
    controller.send('hello?');
    await tab.clock.advance(2000);
    expect(controller.look().state).toMatchObject({ phase: 'ended', outcome: 'expired' });
    controller.newChat();
    expect(controller.look().state.draft).toBe('hello?');
  });

  it.each([403, 404])('says that chat is not available when the token is refused with %i', async (status) => {
    const tab = createTab();
    tab.web.answer = () => Response.json({ code: 'Forbidden' }, { status });
    const controller = await startChat(tab);
    expect(controller.look().state).toMatchObject({ phase: 'ended', outcome: 'refused' });
    await tab.clock.advance(60_000);
    expect(tab.web.requests).toHaveLength(1);
  });

  it('reports typing at most every few seconds, and again at once after a message', async () => {
    const tab = createTab();
    const controller = await startChat(tab);
    const conversation = tab.platform.visitorConversation();
    for (const draft of ['a', 'ab', 'abc', 'ab']) controller.setDraft(draft);
    await tab.clock.settle();
    expect(conversation.typedCount()).toBe(1);
    await tab.clock.advance(4000);
    controller.setDraft('abcd');
    await tab.clock.settle();
    expect(conversation.typedCount()).toBe(2);
    controller.send('abcd');
    controller.setDraft('e');
    await tab.clock.advance(100);
    expect(conversation.typedCount()).toBe(3);
  });

  it('leaves the chat to another tab, and takes it back when told', async () => {
    const tab = createTab();
    const controller = await startChat(tab);
    tab.platform.visitor().channel.replace();
    await tab.clock.advance(100);
    expect(controller.look().connection).toBe('elsewhere');
    controller.retryNow();
    await tab.clock.advance(2000);
    expect(controller.look().connection).toBe('fine');
    tab.platform.visitorConversation().say({ from: 'Ann', text: 'Welcome back' });
    await tab.clock.advance(100);
    expect(textsOf(controller).at(-1)).toEqual(['Welcome back', 'delivered']);
  });

  it('reads the conversation again when the server rebuilt the channel, and says that something may be missing', async () => {
    const tab = createTab();
    const controller = await startChat(tab);
    tab.platform.visitor().channel.rebuild();
    tab.platform.visitorConversation().say({ from: 'Ann', text: 'Hi' });
    await tab.clock.advance(2000);
    expect(controller.look().state).toMatchObject({ phase: 'chatting', gap: true, stale: false });
    controller.send('Hi Ann');
    await tab.clock.advance(100);
    expect(textsOf(controller).at(-1)).toEqual(['Hi Ann', 'delivered']);
  });
});
