import type { EventBatch } from '@repo/ucwa-protocol/events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { channelEvent, ucwaChannelId } from './model/channel.ts';
import { helpdesk, startTestPlatform, type TestPlatform } from './testing/testPlatform.ts';

let platform: TestPlatform;
let headers: Record<string, string>;
let application: string;
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
    expect(await platform.store.read((snapshot) => snapshot.ids('receipt'))).toHaveLength(1);
    platform.clock.jump(24 * 3_600_000);
    await platform.clock.advance(1_000);
    expect(await platform.store.read((snapshot) => snapshot.ids('receipt'))).toHaveLength(0);
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
