import type { EventBatch } from '@repo/ucwa-protocol/events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { channelEvent, ucwaChannelId } from './model/channel.ts';
import { onReceiptTimer } from './receipts.ts';
import { helpdesk, startTestPlatform, type TestPlatform } from './testing/testPlatform.ts';

let platform: TestPlatform;
let headers: Record<string, string>;
let application: string;
const receipts = () => platform.store.read((snapshot) => snapshot.ids('receipt').length);
beforeEach(async () => {
  platform = await startTestPlatform();
  headers = { authorization: `Bearer ${(await platform.visitorToken()).token}` };
  const answer = await platform.app.inject({
    method: 'POST',
    url: '/ucwa/psanon/v1/applications',
    headers,
    payload: { anonymousDisplayName: 'Visitor' },
  });
  application = answer.json<{ _links: { self: { href: string } } }>()._links.self.href;
});
afterEach(() => platform.app.close());

const invite = (payload: object, query = '') =>
  platform.app.inject({
    method: 'POST',
    url: `${application}/communication/messagingInvitations${query}`,
    headers,
    payload,
  });
const invitations = (): Promise<string[]> => platform.store.read((snapshot) => snapshot.ids('invitation'));

describe('a repeated operationId', () => {
  test('with the same request gets the first answer again, and nothing happens twice', async () => {
    const first = await invite({ operationId: 'op1', to: helpdesk, subject: 'Hello' });
    expect(first.statusCode).toBe(201);
    const before = await invitations();
    const again = await invite({ operationId: 'op1', to: helpdesk, subject: 'Hello' });
    expect([again.statusCode, again.headers.location, again.body]).toEqual([201, first.headers.location, first.body]);
    expect(await invitations()).toEqual(before);
  });

  test('two at the same time are one', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => invite({ operationId: 'op1', to: helpdesk })));
    expect(new Set(answers.map((answer) => answer.headers.location)).size).toBe(1);
  });

  test('with another body: 409 AlreadyExists', async () => {
    await invite({ operationId: 'op1', to: helpdesk, subject: 'Hello' });
    const other = await invite({ operationId: 'op1', to: helpdesk, subject: 'Something else' });
    expect(other.statusCode).toBe(409);
    expect(other.json()).toMatchObject({ code: 'Conflict', subcode: 'AlreadyExists' });
  });

  test('of a request that was refused counts for nothing', async () => {
    expect((await invite({ operationId: 'op1', to: 'nonsense' })).statusCode).toBe(400);
    expect((await invite({ operationId: 'op1', to: helpdesk })).statusCode).toBe(201);
  });

  test('is forgotten after 24 hours', async () => {
    await invite({ operationId: 'op1', to: helpdesk });
    expect(await receipts()).toBe(1);
    platform.clock.jump(24 * 3_600_000);
    await platform.clock.advance(1_000);
    expect(await receipts()).toBe(0);
  });

  test('is kept as long as the client lives, and ends soon after it', async () => {
    await invite({ operationId: 'op1', to: helpdesk });
    for (let round = 0; round < 4; round += 1) {
      platform.clock.jump(10 * 60_000);
      await platform.app.inject({ method: 'GET', url: `${application}/me`, headers });
      await platform.clock.advance(1_000);
    }
    expect((await invite({ operationId: 'op1', to: helpdesk })).statusCode).toBe(201);
    expect(await receipts()).toBe(1);
    await platform.app.inject({ method: 'DELETE', url: application, headers });
    platform.clock.jump(31 * 60_000);
    await platform.clock.advance(1_000);
    expect(await receipts()).toBe(0);
  });
});

describe('the receipt of what was asked of a conversation', () => {
  const now = 1_800_000_000_000;
  const about = (conversation: object | undefined, at: number) => {
    const kept: unknown[] = [];
    const belongsTo = { conversationId: 'c' };
    const documents = {
      receipt: { fingerprint: '', answer: '', keptUntil: now + 86_400_000, belongsTo },
      conversation,
    };
    onReceiptTimer(
      {
        now: at,
        get: (kind) => documents[kind as keyof typeof documents] as never,
        delete: (kind) => kept.push(`without ${kind}`),
        schedule: ({ dueAt }) => kept.push(dueAt - at),
      },
      'r',
    );
    return kept;
  };

  test('is looked at every half an hour, and goes ten minutes after its end', () => {
    expect(about({}, now)).toEqual([30 * 60_000]);
    expect(about({}, now + 86_399_000)).toEqual([1_000]);
    expect(about({}, now + 86_400_000)).toEqual(['without receipt']);
    expect(about({ endedAt: now }, now + 599_000)).toEqual([30 * 60_000]);
    expect(about({ endedAt: now }, now + 600_000)).toEqual(['without receipt']);
  });
});

describe('one request, one commit', () => {
  test('a refused decision leaves no document and no event', async () => {
    const before = await platform.store.read((snapshot) =>
      snapshot.events(ucwaChannelId(application.split('/').at(-1) ?? ''), 1, 100),
    );
    expect((await invite({ operationId: 'op1', to: 'sip:somebody@contoso.com' })).statusCode).toBe(403);
    expect(await invitations()).toEqual([]);
    const after = await platform.store.read((snapshot) =>
      snapshot.events(ucwaChannelId(application.split('/').at(-1) ?? ''), 1, 100),
    );
    expect(after).toEqual(before);
  });

  test('events of a request reach a parked GET after its answer', async () => {
    const parked = platform.app.inject({ method: 'GET', url: `${application}/events?ack=1`, headers });
    const answer = await invite({ operationId: 'op1', to: helpdesk });
    expect(answer.statusCode).toBe(201);
    const batch = (await parked).json<EventBatch>();
    expect(batch.sender?.[0]?.events[0]).toMatchObject({ link: { rel: 'messagingInvitation' }, type: 'started' });
  });

  test('an application that lets a thousand events pile up is ended', async () => {
    const id = application.split('/').at(-1) ?? '';
    await platform.store.commit((transaction) => {
      for (let count = 0; count < 1000; count += 1) {
        transaction.append(
          ucwaChannelId(id),
          channelEvent(
            { rel: 'communication', href: '/c' },
            { link: { rel: 'message', href: '/m' }, type: 'completed' },
            'high',
          ),
        );
      }
    });
    expect((await invite({ operationId: 'op1', to: helpdesk })).statusCode).toBe(201);
    const answer = await platform.app.inject({ method: 'GET', url: application, headers });
    expect(answer.statusCode).toBe(410);
    expect(answer.json()).toMatchObject({ code: 'Gone', subcode: 'InactiveApplicationExpired' });
  });
});
