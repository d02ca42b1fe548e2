import { assignmentsOf } from '@repo/db/assignments';
import type { Database } from '@repo/db/client';
import { findSession } from '@repo/db/helpdeskSessions';
import { commandsOf } from '@repo/db/outbox';
import { listPresence } from '@repo/db/presence';
import { sessionTimeline } from '@repo/db/sessionEvents';
import { openTestDatabase } from '@repo/db/testing';
import * as wire from '@repo/flows/helpdesk/testing/wire';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ServiceApp } from './serviceApp.ts';
import { createHarness, type Harness } from './testing/helpdeskHarness.ts';
import type { SeenRequest } from './testing/scriptedPlatform.ts';

let db: Database;
let harness: Harness;
let app: ServiceApp;

beforeAll(async () => {
  db = await openTestDatabase(process.env.TEST_DATABASE_URL);
}, 60_000);
afterAll(() => db.close());
beforeEach(async () => {
  harness = await createHarness(db);
  app = harness.startInstance();
  harness.invite();
  await harness.settle(app);
  const operationId = `${harness.platform.sessionId()}:addParticipant:1`;
  harness.platform.enqueue(
    'C2',
    wire.participant('C2', 'added', wire.ann),
    wire.ourInvitation('participantInvitation', 'completed', operationId),
  );
  await harness.settle(app);
});

const isLook = ({ method, path }: SeenRequest) => method === 'GET' && wire.conversationHref('C1').includes(path);
const gone = (status: number) => Response.json({ code: status === 404 ? 'NotFound' : 'Gone' }, { status });
const stateNow = async () => (await findSession(db, harness.platform.sessionId()))?.state;

/** The visitor has left, and nobody told us. */
async function pass(ms: number, answer: (request: SeenRequest) => Response | 'unreachable' | undefined) {
  let looks = 0;
  harness.platform.setFault((request) => {
    if (!isLook(request)) return undefined;
    looks += 1;
    return answer(request);
  });
  await harness.clock.advance(ms);
  await harness.settle(app);
  return looks;
}

describe('a session whose end no callback told', { timeout: 60_000 }, () => {
  it.each([404, 410])('ends when the platform says that the conversation is gone (%i)', async (status) => {
    expect(await pass(5 * 60_000, () => gone(status))).toBe(1);
    await harness.clock.advance(60_000);
    await harness.settle(app);
    const sessionId = harness.platform.sessionId();
    expect(await findSession(db, sessionId)).toMatchObject({ state: 'terminated', endReason: 'visitorLeft' });
    expect(await assignmentsOf(db, sessionId)).toMatchObject([{ releaseReason: 'sessionEnded' }]);
    expect((await listPresence(db))[0]?.activeCount).toBe(0);
    const lost = (await sessionTimeline(db, sessionId)).filter(({ data }) => data.reconciled === true);
    expect(lost).toMatchObject([{ kind: 'callback', name: 'conversation.deleted', data: { leg: 'C1' } }]);
  });

  it('ends also when the service application was away and has just come back', async () => {
    await harness.clock.advance(2 * 60_000 + 1);
    app = harness.startInstance();
    expect(await pass(0, () => gone(404))).toBe(1);
    expect(await stateNow()).not.toBe('serving');
  });

  it.each([
    ['the conversation is there', () => Response.json({ state: 'Connected' })],
    ['we may not ask', () => Response.json({ code: 'Forbidden' }, { status: 403 })],
    ['something else answers', () => new Response('<html>', { status: 404 })],
    ['the platform is in trouble', () => new Response('', { status: 500 })],
    ['nobody answers', () => 'unreachable' as const],
  ])('goes on when %s, and is asked about again five minutes later', async (_case, answer) => {
    expect(await pass(5 * 60_000, answer)).toBe(1);
    expect(await pass(5 * 60_000 - 1, answer)).toBe(0);
    expect(await pass(1, answer)).toBe(1);
    expect(await stateNow()).toBe('serving');
  });

  it('is not asked about while it was heard of in the last two minutes', async () => {
    await pass(5 * 60_000 - 60_000, () => gone(404));
    harness.platform.enqueue('C1', wire.participant('C1', 'added', wire.visitor));
    await harness.settle(app);
    expect(await pass(60_000, () => gone(404))).toBe(0);
    expect(await stateNow()).toBe('serving');
  });
});

it('work of a session that ended a week ago is removed, within the hour', { timeout: 60_000 }, async () => {
  const { length } = await commandsOf(db, harness.platform.sessionId());
  harness.platform.enqueue('C1', wire.conversation('C1', 'deleted'));
  await harness.settle(app);
  await harness.clock.advance(7 * 24 * 3_600_000 - 1);
  await harness.settle(app);
  expect((await commandsOf(db, harness.platform.sessionId())).length).toBeGreaterThan(length);
  await harness.clock.advance(3_600_000);
  await harness.settle(app);
  expect(await commandsOf(db, harness.platform.sessionId())).toEqual([]);
  expect(await sessionTimeline(db, harness.platform.sessionId())).not.toEqual([]);
});
