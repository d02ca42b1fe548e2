import { createFakePlatform } from '@repo/ucwa-client/testing/fakePlatform';
import { createManualClock } from '@repo/ucwa-client/testing/manualClock';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDesk, type Desk } from './createDesk.ts';
import type { RecordedMessage } from './deskAction.ts';
import { type DeskService, DeskServiceError } from './deskService.ts';
import { createDeskStorage, type TextStore } from './deskStorage.ts';
import { chatsOf, ringingNow, statusOf } from './deskView.ts';
import { transcriptOf } from './transcript.ts';

const sipUri = 'sip:ann@contoso.com';

function memoryStore(): TextStore {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

const open = new Set<Desk>();
afterEach(() => {
  for (const desk of open) desk.stop();
  open.clear();
});

function makeStage() {
  const clock = createManualClock();
  const platform = createFakePlatform({ clock });
  const recorded: RecordedMessage[] = [];
  const service = {
    connection: vi.fn<DeskService['connection']>(async () => ({
      rootHref: platform.agent.rootHref,
      token: await platform.agent.token(),
      expiresAt: clock.now() + 8 * 3_600_000,
      sipUri,
      name: 'Ann',
    })),
    sessionByMeeting: vi.fn<DeskService['sessionByMeeting']>(async () => ({
      id: 'hds_1',
      visitorName: 'Vera',
      subject: 'Hello',
      page: { page: 'https://contoso.com/pay', title: 'Pay' },
      messages: [...recorded],
    })),
    heartbeat: vi.fn<DeskService['heartbeat']>(async () => {}),
    endSession: vi.fn<DeskService['endSession']>(async () => {}),
  };
  const session = memoryStore();
  const local = memoryStore();
  let ids = 0;

  /** A page that opens the desk; a second one is what a reload makes. */
  async function openDesk(): Promise<Desk> {
    const desk = createDesk({
      service,
      clock,
      fetch: platform.fetch,
      storage: createDeskStorage(sipUri, session, local),
      newId: () => `desk_${++ids}`,
      random: () => 0,
    });
    open.add(desk);
    desk.start();
    await clock.advance(1500);
    return desk;
  }

  async function accept(desk: Desk) {
    const call = platform.ring({ subject: 'Vera: Hello' });
    await clock.settle();
    const [ringing] = ringingNow(desk.getState(), clock.now());
    desk.accept(ringing?.href ?? '');
    await clock.advance(2000);
    return call;
  }
  return { clock, platform, service, recorded, session, openDesk, accept };
}

const chatOf = (desk: Desk) => {
  const [chat] = chatsOf(desk.getState());
  if (!chat) throw new Error('no chat');
  return chat;
};
const textsOf = (desk: Desk): string[] => transcriptOf(chatOf(desk), desk.getState().outbox).map(({ text }) => text);

describe('a desk', () => {
  it('signs in, and tells every ten seconds that it is there', async () => {
    const { clock, service, openDesk } = makeStage();
    const desk = await openDesk();
    expect(desk.getState()).toMatchObject({ platform: 'online', web: 'online', self: { sipUri, name: 'Ann' } });
    expect(service.heartbeat).toHaveBeenCalledTimes(1);
    desk.setAvailability('away');
    await clock.advance(10_000);
    expect(service.heartbeat.mock.calls.map(([status]) => status)).toEqual(['available', 'away', 'away']);
  });

  it('reports activity, so that the agent does not turn idle', async () => {
    const { clock, platform, openDesk } = makeStage();
    await openDesk();
    await clock.advance(6 * 60_000);
    expect(platform.agentApplication().activityReports()).toBe(2);
  });

  it('rings, joins after accept, adds messaging and reads the record', async () => {
    const { clock, platform, recorded, service, openDesk, accept } = makeStage();
    recorded.push({ timeStamp: 5, author: 'helpdesk', senderUri: undefined, senderName: 'Help', text: 'Welcome' });
    const desk = await openDesk();
    const call = await accept(desk);
    expect(call.messagingState()).toBe('Connected');
    expect(statusOf(chatOf(desk))).toBe('active');
    expect(chatOf(desk)).toMatchObject({ sessionId: 'hds_1', page: { title: 'Pay' } });
    call.say({ from: 'Vera', text: 'Where is it?' });
    desk.write(chatOf(desk).href, 'One moment');
    await clock.settle();
    expect(textsOf(desk)).toEqual(['Welcome', 'Where is it?', 'One moment']);
    expect(call.sent.map(({ text }) => text)).toEqual(['One moment']);
    expect(service.sessionByMeeting).toHaveBeenCalledTimes(2);
    expect(platform.requests.filter(({ path }) => path.endsWith('/communication/messagingInvitations'))).toHaveLength(
      1,
    );
  });

  it('declines', async () => {
    const { clock, platform, openDesk } = makeStage();
    const desk = await openDesk();
    const call = platform.ring();
    await clock.settle();
    desk.decline(ringingNow(desk.getState(), clock.now())[0]?.href ?? '');
    await clock.settle();
    expect(call.isAlive()).toBe(false);
    expect(ringingNow(desk.getState(), clock.now())).toEqual([]);
    expect(chatsOf(desk.getState())).toEqual([]);
  });

  it('ends a chat through the service application', async () => {
    const { clock, service, openDesk, accept } = makeStage();
    const desk = await openDesk();
    const call = await accept(desk);
    desk.end(chatOf(desk).href);
    await clock.settle();
    expect(service.endSession).toHaveBeenCalledWith('hds_1');
    call.end('Ended');
    await clock.settle();
    expect(statusOf(chatOf(desk))).toBe('endedByAgent');
  });

  it('says so when a chat could not be ended, and lets it be tried again', async () => {
    const { clock, service, openDesk, accept } = makeStage();
    const desk = await openDesk();
    await accept(desk);
    service.endSession.mockRejectedValueOnce(new DeskServiceError('unreachable', undefined));
    desk.end(chatOf(desk).href);
    await clock.settle();
    expect(desk.getState()).toMatchObject({ web: 'waiting', notice: expect.stringContaining('could not be ended') });
    expect(statusOf(chatOf(desk))).toBe('active');
  });
});

describe('trouble', () => {
  it('a lost answer does not double a message', async () => {
    const { clock, platform, openDesk, accept } = makeStage();
    const desk = await openDesk();
    const call = await accept(desk);
    platform.addFault({ kind: 'lostAnswer', on: /POST .*\/messaging\/messages/ });
    desk.write(chatOf(desk).href, 'Once');
    await clock.advance(10_000);
    expect(call.sent.map(({ text }) => text)).toEqual(['Once']);
    expect(textsOf(desk)).toEqual(['Once']);
  });

  it('what is typed while the platform is away is sent in its order when it is back', async () => {
    const { clock, platform, openDesk, accept } = makeStage();
    const desk = await openDesk();
    const call = await accept(desk);
    platform.setOffline(true);
    await clock.advance(5000);
    expect(desk.getState().platform).toBe('waiting');
    desk.write(chatOf(desk).href, 'one');
    desk.write(chatOf(desk).href, 'two');
    await clock.advance(5000);
    expect(textsOf(desk)).toEqual(['one', 'two']);
    platform.setOffline(false);
    await clock.advance(40_000);
    expect(desk.getState().platform).toBe('online');
    expect(call.sent.map(({ text }) => text)).toEqual(['one', 'two']);
    expect(desk.getState().outbox).toEqual([]);
    expect(textsOf(desk)).toEqual(['one', 'two']);
  });

  it('a reload finds the chat and the unsent message again', async () => {
    const { clock, platform, recorded, openDesk, accept } = makeStage();
    const before = await openDesk();
    const call = await accept(before);
    before.write(chatOf(before).href, 'first');
    await clock.settle();
    platform.setOffline(true);
    before.write(chatOf(before).href, 'second');
    before.stop();
    platform.setOffline(false);
    recorded.push({
      timeStamp: call.sent[0]?.timeStampMs ?? 0,
      author: 'agent',
      senderUri: sipUri,
      senderName: 'Ann',
      text: 'first',
    });
    const desk = await openDesk();
    await clock.advance(10_000);
    expect(statusOf(chatOf(desk))).toBe('active');
    expect(call.sent.map(({ text }) => text)).toEqual(['first', 'second']);
    expect(textsOf(desk).filter((text) => text === 'second')).toHaveLength(1);
    expect(desk.getState().outbox).toEqual([]);
  });

  it('a reload while it rings goes on ringing', async () => {
    const { clock, platform, openDesk } = makeStage();
    const before = await openDesk();
    platform.ring({ subject: 'Vera: Hello' });
    await clock.advance(1000);
    before.stop();
    const desk = await openDesk();
    expect(ringingNow(desk.getState(), clock.now())).toMatchObject([{ visitorName: 'Vera', firstWords: 'Hello' }]);
  });

  it('another tab takes over, and gives back when asked', async () => {
    const { clock, platform, openDesk } = makeStage();
    const desk = await openDesk();
    platform.agentApplication().channel.replace();
    await clock.settle();
    expect(desk.getState().platform).toBe('elsewhere');
    desk.retryNow();
    await clock.advance(1500);
    expect(desk.getState().platform).toBe('online');
  });

  it('says nothing about the agent while another tab is the desk', async () => {
    const { clock, platform, service, openDesk } = makeStage();
    const desk = await openDesk();
    platform.agentApplication().channel.replace();
    await clock.settle();
    service.heartbeat.mockClear();
    desk.setAvailability('away');
    await clock.advance(60_000);
    await desk.leave();
    expect(service.heartbeat).not.toHaveBeenCalled();
    desk.retryNow();
    await clock.advance(1500);
    expect(service.heartbeat).toHaveBeenLastCalledWith('away');
    await desk.leave();
    expect(service.heartbeat).toHaveBeenLastCalledWith('offline');
  });

  it('a reload after the end of a chat hands back what was not sent, once', async () => {
    const { clock, platform, openDesk, accept } = makeStage();
    const before = await openDesk();
    const call = await accept(before);
    platform.setOffline(true);
    before.write(chatOf(before).href, 'Are you still there?');
    await clock.settle();
    before.stop();
    call.end('Ended');
    platform.setOffline(false);
    const desk = await openDesk();
    expect(desk.getState()).toMatchObject({ outbox: [], unsent: [{ text: 'Are you still there?' }] });
    desk.dismissUnsent();
    expect(desk.getState().unsent).toEqual([]);
    desk.stop();
    expect((await openDesk()).getState()).toMatchObject({ outbox: [], unsent: [] });
  });

  it('a ring that the platform lets go on longer than usual can be answered', async () => {
    const { clock, platform, openDesk } = makeStage();
    const desk = await openDesk();
    const call = platform.ring();
    await clock.advance(90_000);
    const [ringing] = ringingNow(desk.getState(), clock.now());
    desk.accept(ringing?.href ?? '');
    await clock.advance(2000);
    expect(call.messagingState()).toBe('Connected');
  });

  it('an application that the platform gave up is made anew', async () => {
    const { clock, platform, openDesk, accept } = makeStage();
    const desk = await openDesk();
    await accept(desk);
    platform.agentApplication().expire();
    await clock.advance(200_000);
    await clock.advance(15_000);
    expect(desk.getState().platform).toBe('online');
    expect(statusOf(chatOf(desk))).toBe('ended');
  });

  it('a web app that is away shows, and is not asked to ring a desk without platform', async () => {
    const { clock, platform, service, openDesk } = makeStage();
    const desk = await openDesk();
    service.heartbeat.mockRejectedValueOnce(new DeskServiceError('unreachable', undefined));
    await clock.advance(10_000);
    expect(desk.getState().web).toBe('waiting');
    await clock.advance(10_000);
    expect(desk.getState().web).toBe('online');
    platform.setOffline(true);
    service.heartbeat.mockClear();
    await clock.advance(10_000);
    expect(service.heartbeat).toHaveBeenLastCalledWith('away');
  });

  it('a message that is refused says why and stays', async () => {
    const { clock, platform, openDesk, accept } = makeStage();
    const desk = await openDesk();
    await accept(desk);
    platform.addFault({ kind: 'status', on: /POST .*\/messaging\/messages/, status: 413, code: 'EntityTooLarge' });
    desk.write(chatOf(desk).href, 'long');
    await clock.settle();
    expect(desk.getState().outbox).toMatchObject([{ status: 'failed', failure: 'This message is too long.' }]);
    desk.retry(desk.getState().outbox[0]?.operationId ?? '');
    await clock.settle();
    expect(desk.getState().outbox).toEqual([]);
    expect(textsOf(desk)).toEqual(['long']);
  });
});
