import { assignmentsOf } from '@repo/db/assignments';
import type { Database } from '@repo/db/client';
import { findSession, findSessionByMeetingUri } from '@repo/db/helpdeskSessions';
import { claimCommands, commandsOf } from '@repo/db/outbox';
import { listPresence } from '@repo/db/presence';
import { sessionTimeline } from '@repo/db/sessionEvents';
import { openTestDatabase } from '@repo/db/testing';
import { internalMessages, visitorMessages } from '@repo/db/transcripts';
import * as wire from '@repo/flows/helpdesk/testing/wire';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { processInbox } from './processInbox.ts';
import type { ServiceApp } from './serviceApp.ts';
import { createHarness, type Harness } from './testing/helpdeskHarness.ts';

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
});

const inboxOnly = () =>
  processInbox(
    { db, clock: harness.clock, log: harness.log, wake: () => undefined },
    { isFree: () => true, hold: (_sessionId, act) => act() },
  );
const operations = () => harness.platform.requests.map(({ operationId }) => operationId?.split(':').slice(1).join(':'));
const namesOf = async (state?: string) =>
  (await commandsOf(db, harness.platform.sessionId()))
    .filter((one) => !state || one.state === state)
    .map(({ name }) => name);

async function serveVisitor(): Promise<string> {
  harness.invite();
  await harness.settle(app);
  const addParticipant = `${harness.platform.sessionId()}:addParticipant:1`;
  harness.platform.enqueue(
    'C2',
    wire.participant('C2', 'added', wire.ann),
    wire.ourInvitation('participantInvitation', 'completed', addParticipant),
  );
  await harness.settle(app);
  return harness.platform.sessionId();
}

describe('a visitor and an agent', { timeout: 60_000 }, () => {
  it('are brought together step by step, and the session ends when the visitor leaves', async () => {
    const sessionId = await serveVisitor();
    expect(operations()).toEqual([
      'startAdhocMeeting:1',
      'addMessaging:1',
      'acceptAndBridge:1',
      'addBridgedParticipant:1',
      'sendMessage:1',
      'addParticipant:1',
    ]);
    expect(await findSession(db, sessionId)).toMatchObject({
      state: 'serving',
      visitorName: 'Vera',
      subject: 'Where is my parcel?',
      page: { page: '/cart' },
      conversationHref: wire.conversationHref('C1'),
    });
    expect((await findSessionByMeetingUri(db, wire.meetingUri))?.id).toBe(sessionId);
    expect(await assignmentsOf(db, sessionId)).toMatchObject([{ personUri: wire.ann.uri, releasedAt: undefined }]);

    const gone = [wire.messaging('C1', 'Disconnected'), wire.conversation('C1', 'deleted')];
    harness.platform.enqueue('C1', ...gone);
    await harness.settle(app);
    const ended = await findSession(db, sessionId);
    expect(ended).toMatchObject({ state: 'terminated', endReason: 'visitorLeft' });
    expect(ended?.endedAt).toEqual(new Date(harness.clock.now()));
    expect((await namesOf()).slice(-2)).toEqual(['terminateOnlineMeeting', 'terminateConversation']);
    expect(await namesOf('waiting')).toEqual([]);
    expect((await listPresence(db))[0]?.activeCount).toBe(0);
  });

  it('leave a timeline of callbacks, decisions, commands and outcomes without a word of what was said', async () => {
    const sessionId = await serveVisitor();
    const timeline = await sessionTimeline(db, sessionId);
    const kinds = new Set(timeline.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['callback', 'command', 'decision', 'outcome']);
    const outcome = timeline.find(({ kind, name }) => kind === 'outcome' && name === 'acceptAndBridge');
    expect(outcome?.data).toMatchObject({ result: 'succeeded', status: 200, attempts: 1, ms: 0 });
    const text = `${JSON.stringify(timeline)}${harness.logged.join()}`;
    expect(text).not.toMatch(/Welcome to Contoso|parcel|topsecret|eyJ/);
  });

  it('have what they say to each other in one table, and what is said about the visitor in the other', async () => {
    const sessionId = await serveVisitor();
    const at = harness.clock.now();
    const { enqueue } = harness.platform;
    enqueue(
      'C2',
      wire.message({ leg: 'C2', n: 1, direction: 'Incoming', at: at + 1, text: 'Hello?', from: wire.visitor }),
    );
    enqueue(
      'C1',
      wire.message({ leg: 'C1', n: 3, direction: 'Incoming', at: at + 1, text: 'Hello?', from: wire.visitor }),
    );
    enqueue(
      'C2',
      wire.message({ leg: 'C2', n: 2, direction: 'Incoming', at: at + 2, text: 'Good day', from: wire.ann }),
    );
    enqueue(
      'C1',
      wire.message({ leg: 'C1', n: 4, direction: 'Outgoing', at: at + 2, text: 'Good day', from: wire.ann }),
    );
    enqueue(
      'C2',
      wire.message({ leg: 'C2', n: 3, direction: 'Incoming', at: at + 3, text: 'He is rude', from: wire.ben }),
    );
    await harness.settle(app);
    expect((await visitorMessages(db, sessionId)).map(({ text, author }) => [text, author])).toEqual([
      ['Welcome to Contoso', 'helpdesk'],
      ['Hello?', 'visitor'],
      ['Good day', 'agent'],
    ]);
    expect((await internalMessages(db, sessionId)).map(({ text }) => text)).toEqual(['He is rude']);
  });

  it('are parted when the agent ends the chat', async () => {
    const sessionId = await serveVisitor();
    await app.endSession({ sessionId, byUri: wire.ann.uri });
    await harness.settle(app);
    expect((await namesOf()).slice(-3)).toEqual([
      'terminateConversation',
      'terminateOnlineMeeting',
      'terminateConversation',
    ]);
    await expect(app.endSession({ sessionId: 'hds_none', byUri: wire.ann.uri })).rejects.toMatchObject({
      code: 'SessionNotFound',
    });
  });
});

describe('callbacks', { timeout: 60_000 }, () => {
  it('may come twice: the session and what was done stay one', async () => {
    harness.invite();
    const seen: string[] = [];
    await harness.platform.deliver(async (batch) => {
      const first = await harness.post(app, batch);
      await app.runUntilIdle();
      expect(await harness.post(app, batch)).toEqual(first);
      seen.push(first.CallbackContext ?? '');
      return first;
    });
    expect(seen[0]).toMatch(/^hds_[0-9a-f]{16}$/);
    await harness.settle(app);
    expect(operations().filter((name) => name === 'startAdhocMeeting:1')).toHaveLength(1);
  });

  it('are worked on in the order of ack, also when stored in another one', async () => {
    harness.invite();
    await harness.deliverOne(app);
    await app.runUntilIdle();
    const context = harness.platform.sessionId();
    const batches: string[] = [];
    harness.platform.enqueue('C1', wire.participant('C1', 'added', wire.visitor));
    harness.platform.enqueue('C1', wire.participant('C1', 'deleted', wire.visitor));
    for (let n = 0; n < 3; n += 1) {
      await harness.platform.deliver(async ({ body }) => {
        if (body.includes('~C1')) batches.push(body);
        return {};
      });
    }
    for (const body of batches.reverse()) await harness.post(app, { body, callbackContext: context });
    await app.runUntilIdle();
    const callbacks = (await sessionTimeline(db, context)).filter(({ kind }) => kind === 'callback');
    const names = callbacks.map(({ name }) => name).filter((name) => name.startsWith('participant.'));
    expect(names).toEqual(['participant.added', 'participant.deleted']);
  });

  it('find their session when the platform did not get the context', async () => {
    harness.invite();
    await harness.deliverOne(app);
    harness.platform.enqueue('C1', wire.participant('C1', 'added', wire.visitor));
    await harness.platform.deliver(async ({ body }) => {
      expect(await harness.post(app, { body, callbackContext: undefined })).toEqual({
        CallbackContext: harness.platform.sessionId(),
      });
      return {};
    });
  });
});

describe('a crash', { timeout: 60_000 }, () => {
  it('between storing and working on a batch loses nothing', async () => {
    harness.invite();
    await harness.deliverOne(app);
    const after = harness.startInstance();
    await harness.settle(after);
    expect(operations()).toContain('addParticipant:1');
  });

  it('between the commit and the request leaves the command in the outbox, under its operationId', async () => {
    harness.invite();
    await harness.deliverOne(app);
    await inboxOnly();
    expect(operations()).toEqual([]);
    expect(await namesOf('waiting')).toEqual(['startAdhocMeeting']);
    await harness.settle(harness.startInstance());
    expect(operations()[0]).toBe('startAdhocMeeting:1');
  });

  it('while a request is on its way sends it again when the lease is over, and it is done once', async () => {
    harness.invite();
    await harness.deliverOne(app);
    await inboxOnly();
    // The worker that dies: it has claimed the command and sent it, and never comes back.
    const [claimed] = await claimCommands(db, { now: new Date(harness.clock.now()), leaseMs: 15_000, limit: 1 });
    const { href, subject, callbackContext } = (claimed?.command ?? {}) as Record<string, string>;
    const body = JSON.stringify({ subject, callbackContext, operationId: claimed?.operationId });
    await harness.platform.fetch(href ?? '', { method: 'POST', body, headers: { Authorization: 'Bearer x' } });

    const after = harness.startInstance();
    await after.runUntilIdle();
    expect(operations()).toEqual(['startAdhocMeeting:1']);
    await harness.clock.advance(15_000);
    await after.runUntilIdle();
    expect(operations()).toEqual(['startAdhocMeeting:1', 'startAdhocMeeting:1']);
    expect(harness.platform.performed).toHaveLength(1);
  });

  it('of the platform is waited for: 1, 2, 5 seconds', async () => {
    harness.invite();
    await harness.deliverOne(app);
    let refused = 0;
    harness.platform.setFault(({ path }) => {
      if (!path.includes('startAdhocMeeting')) return undefined;
      refused += 1;
      return 'unreachable';
    });
    await app.runUntilIdle();
    for (const [ms, times] of [
      [999, 1],
      [1, 2],
      [1_999, 2],
      [1, 3],
      [5_000, 4],
    ] as const) {
      await harness.clock.advance(ms);
      await app.runUntilIdle();
      expect(refused).toBe(times);
    }
    harness.platform.setFault(() => undefined);
    await harness.clock.advance(10_000);
    await harness.settle(app);
    expect(await findSession(db, harness.platform.sessionId())).toMatchObject({ state: 'awaitingAgent' });
  });

  it('of the connection after the platform has acted does nothing twice', async () => {
    harness.invite();
    await harness.deliverOne(app);
    let lost = false;
    harness.platform.setFault(({ path }) => {
      if (lost || !path.endsWith('/acceptAndBridge')) return undefined;
      lost = true;
      return 'lostAnswer';
    });
    await harness.settle(app);
    await harness.clock.advance(1_000);
    await harness.settle(app);
    expect(harness.platform.performed.filter((name) => name.includes('acceptAndBridge'))).toHaveLength(1);
    expect(operations()).toContain('addParticipant:1');
  });
});

describe('answers of the platform', { timeout: 60_000 }, () => {
  it('that say "there already" or "gone already" count as done', async () => {
    harness.platform.setFault(({ path }) => {
      if (path.endsWith('/bridgedParticipants')) {
        return Response.json({ code: 'Conflict', subcode: 'AlreadyExists' }, { status: 409 });
      }
      if (path.endsWith('/terminateOnlineMeeting')) return Response.json({ code: 'NotFound' }, { status: 404 });
      return undefined;
    });
    const sessionId = await serveVisitor();
    await app.endSession({ sessionId, byUri: wire.ann.uri });
    await harness.settle(app);
    expect(await namesOf('failed')).toEqual([]);
    expect(await namesOf('succeeded')).toContain('terminateOnlineMeeting');
  });

  it('that refuse for good are told to the decision', async () => {
    harness.platform.setFault(({ path }) =>
      path.includes('startAdhocMeeting') ? Response.json({ code: 'Forbidden' }, { status: 403 }) : undefined,
    );
    harness.invite();
    await harness.settle(app);
    expect(await namesOf('failed')).toEqual(['startAdhocMeeting']);
    expect(await namesOf('succeeded')).toContain('decline');
  });
});

describe('time', { timeout: 60_000 }, () => {
  it('ends the ringing of an agent who does not answer', async () => {
    harness.invite();
    await harness.settle(app);
    await harness.clock.advance(25_000);
    await harness.settle(app);
    const sessionId = harness.platform.sessionId();
    expect((await assignmentsOf(db, sessionId)).map(({ releaseReason }) => releaseReason)).toEqual([
      'ringTimeout',
      'noAgent',
    ]);
    expect((await sessionTimeline(db, sessionId)).map(({ kind, name }) => `${kind} ${name}`)).toContain(
      'timer timer.ringTimeout',
    );
    expect((await visitorMessages(db, sessionId)).at(-1)?.text).toBe('Nobody is here');
  });
});
