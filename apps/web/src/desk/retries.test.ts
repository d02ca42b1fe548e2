import { ConnectionError } from '@repo/ucwa-client/errors';
import { createFakePlatform } from '@repo/ucwa-client/testing/fakePlatform';
import { createManualClock } from '@repo/ucwa-client/testing/manualClock';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDesk, type Desk } from './createDesk.ts';
import { type DeskService, DeskServiceError } from './deskService.ts';
import { createDeskStorage } from './deskStorage.ts';
import { chatsOf, ringingNow } from './deskView.ts';
import { createRetries } from './retries.ts';

const sipUri = 'sip:ann@contoso.com';
const messages = /POST .*\/messaging\/messages$/;
const nothingStored = { getItem: () => null, setItem: () => {}, removeItem: () => {} };

let desk: Desk | undefined;
afterEach(() => desk?.stop());

/** A desk with a visitor who rings; `trouble` comes before the agent answers. */
async function openRingingDesk(trouble: (stage: ReturnType<typeof makeStage>) => void = () => {}) {
  const stage = makeStage();
  const { clock, platform, service } = stage;
  let ids = 0;
  const opened = createDesk({
    service,
    clock,
    fetch: platform.fetch,
    storage: createDeskStorage(sipUri, nothingStored, nothingStored),
    newId: () => `desk_${++ids}`,
    random: () => 0,
  });
  desk = opened;
  opened.start();
  await clock.advance(1500);
  const call = platform.ring();
  await clock.settle();
  trouble(stage);
  opened.accept(ringingNow(opened.getState(), clock.now())[0]?.href ?? '');
  await clock.advance(2000);
  const href = (): string => chatsOf(opened.getState())[0]?.href ?? '';
  return { ...stage, call, desk: opened, href };
}

function makeStage() {
  const clock = createManualClock();
  const platform = createFakePlatform({ clock });
  const service = {
    connection: async () => ({
      rootHref: platform.agent.rootHref,
      token: await platform.agent.token(),
      expiresAt: clock.now() + 8 * 3_600_000,
      sipUri,
      name: 'Ann',
    }),
    sessionByMeeting: vi.fn<DeskService['sessionByMeeting']>(async () => ({
      id: 'hds_1',
      visitorName: 'Vera',
      messages: [],
    })),
    heartbeat: async () => {},
    endSession: async () => {},
  };
  const count = (what: RegExp): number =>
    platform.requests.filter(({ method, path }) => what.test(`${method} ${path}`)).length;
  return { clock, platform, service, count };
}

describe('trying again', () => {
  it('sends a message ever more slowly while it fails', async () => {
    const { clock, platform, call, count, desk: opened, href } = await openRingingDesk();
    platform.addFault({ kind: 'network', on: messages, times: 1000 });
    opened.write(href(), 'Hello');
    await clock.advance(5 * 60_000);
    expect(count(messages)).toBeLessThan(20);
    platform.clearFaults();
    await clock.advance(60_000);
    expect(call.sent.map(({ text }) => text)).toEqual(['Hello']);
  });

  it('does not send a message again before the time that the platform asked for', async () => {
    const { clock, platform, call, count, desk: opened, href } = await openRingingDesk();
    platform.addFault({ kind: 'status', on: messages, status: 429, code: 'TooManyRequests', retryAfterS: 45 });
    opened.write(href(), 'Hello');
    await clock.advance(44_000);
    opened.retryNow();
    await clock.settle();
    expect(count(messages)).toBe(1);
    await clock.advance(5000);
    expect(call.sent.map(({ text }) => text)).toEqual(['Hello']);
  });

  it('adds messaging ever more slowly, and not before the time that the platform asked for', async () => {
    const invitations = /POST .*\/communication\/messagingInvitations/;
    const { clock, platform, call, count } = await openRingingDesk(({ platform: before }) => {
      before.addFault({ kind: 'status', on: invitations, status: 503, code: 'ServiceUnavailable', retryAfterS: 30 });
    });
    await clock.advance(27_000);
    expect(count(invitations)).toBe(1);
    platform.addFault({ kind: 'network', on: invitations, times: 1000 });
    await clock.advance(5 * 60_000);
    expect(count(invitations)).toBeLessThan(20);
    platform.clearFaults();
    await clock.advance(60_000);
    expect(call.messagingState()).toBe('Connected');
  });

  it('goes on at once when the platform is reached again', async () => {
    const { clock, platform, call, desk: opened, href } = await openRingingDesk();
    platform.setOffline(true);
    opened.write(href(), 'Hello');
    await clock.advance(5 * 60_000);
    platform.setOffline(false);
    opened.retryNow();
    await clock.advance(1500);
    expect(call.sent.map(({ text }) => text)).toEqual(['Hello']);
  });

  it('reads the record ever more slowly while the web app is away', async () => {
    const stage = await openRingingDesk(({ service }) => {
      service.sessionByMeeting.mockRejectedValue(new DeskServiceError('unreachable', undefined));
    });
    await stage.clock.advance(5 * 60_000);
    // One look with each heartbeat, and the tries.
    expect(stage.service.sessionByMeeting.mock.calls.length - 30).toBeLessThan(20);
  });
});

describe('createRetries', () => {
  it('counts each matter by itself, and begins anew when one is settled', async () => {
    const clock = createManualClock();
    const retries = createRetries({ clock, random: () => 0 });
    const error = new ConnectionError('Network', 'away');
    const waitOf = async (matter: string): Promise<number> => {
      const from = clock.now();
      let until = 0;
      const due = retries.due(matter, error).then(() => {
        until = clock.now();
      });
      await clock.advance(120_000);
      await due;
      return until - from;
    };
    expect([await waitOf('a'), await waitOf('a'), await waitOf('a'), await waitOf('b')]).toEqual([
      1000, 2000, 4000, 1000,
    ]);
    for (let turn = 0; turn < 10; turn += 1) await waitOf('a');
    expect(await waitOf('a')).toBe(30_000);
    retries.settled('a');
    expect(await waitOf('a')).toBe(1000);
  });
});
