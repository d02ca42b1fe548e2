import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  finishCallback,
  nextCallback,
  postponeCallback,
  sessionOfKey,
  sessionsWithCallbacks,
  storeCallback,
} from './callbackInbox.ts';
import type { Database } from './client.ts';
import { removeFinishedWork } from './finishedWork.ts';
import {
  createSession,
  findSession,
  findSessionByMeetingUri,
  listSessions,
  lockSession,
  saveSession,
} from './helpdeskSessions.ts';
import { saveHelpdesk } from './helpdesks.ts';
import { claimCommands, commandsOf, enqueueCommand, finishCommand, postponeCommand } from './outbox.ts';
import { appendSessionEvents, sessionTimeline } from './sessionEvents.ts';
import { openTestDatabase } from './testing.ts';
import { cancelTimer, scheduleTimer, takeTimer, timersDue } from './timers.ts';
import { internalMessages, recordInternalMessage, recordVisitorMessage, visitorMessages } from './transcripts.ts';

const now = new Date('2026-03-01T10:00:00Z');
const at = (ms: number) => new Date(now.getTime() + ms);
const engines = [
  ['pglite', undefined],
  ...(process.env.TEST_DATABASE_URL ? [['postgresql', process.env.TEST_DATABASE_URL]] : []),
];

describe.each(engines)('on %s', { timeout: 60_000 }, (_engine, databaseUrl) => {
  let database: Database;
  let helpdeskId: string;
  let session: string;
  let other: string;

  beforeAll(async () => {
    database = await openTestDatabase(databaseUrl);
    const helpdesk = {
      publicKey: 'contoso',
      uri: 'sip:helpdesk@contoso.com',
      displayName: 'Contoso',
      allowedOrigins: [],
      welcomeText: '',
      noAgentText: '',
      ringTimeoutMs: 1,
      startTimeoutMs: 1,
    };
    helpdeskId = (await saveHelpdesk(database, { ...helpdesk, now })).id;
  }, 60_000);
  afterAll(() => database.close());

  beforeEach(async () => {
    await database.runScript('TRUNCATE "helpdeskSession" CASCADE');
    session = await createSession(database, { helpdeskId, now });
    other = await createSession(database, { helpdeskId, now: at(1) });
  });

  describe('callback inbox', () => {
    const store = (key: string, ack: number, sessionId = session, ms = 0) =>
      storeCallback(database, { key, ack, sessionId, body: `${key}${ack}`, now: at(ms) });

    it('keeps a batch once, and answers a repeated one with the session of the first', async () => {
      expect(await store('k', 1)).toEqual({ sessionId: session, repeated: false });
      expect(await store('k', 1, other)).toEqual({ sessionId: session, repeated: true });
      expect(await sessionOfKey(database, 'k')).toBe(session);
      expect(await sessionOfKey(database, 'unknown')).toBeUndefined();
    });

    it('keeps one of many that come at the same time', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => store('k', 1)));
      expect(answers.filter((answer) => !answer.repeated)).toHaveLength(1);
    });

    it('gives batches of a key in the order of ack, whatever order they came in', async () => {
      for (const ack of [3, 1, 2]) await store('k', ack);
      await store('l', 1);
      const order: string[] = [];
      for (
        let next = await nextCallback(database, session, now);
        next;
        next = await nextCallback(database, session, now)
      ) {
        order.push(next.body);
        await finishCallback(database, next.id, now);
      }
      expect(order).toEqual(['k1', 'k2', 'k3', 'l1']);
      expect(await sessionsWithCallbacks(database, now, 10)).toEqual([]);
    });

    it('lets later batches of a key wait behind one that is put off', async () => {
      await store('k', 1);
      await store('k', 2);
      const first = await nextCallback(database, session, now);
      await postponeCallback(database, first?.id ?? 0n, at(5_000), 'broken');
      expect(await nextCallback(database, session, at(4_999))).toBeUndefined();
      expect(await nextCallback(database, session, at(5_000))).toMatchObject({ body: 'k1', attempts: 1 });
    });

    it('names a session only when a batch can be worked on now', async () => {
      await store('k', 1);
      await store('k', 2);
      await store('k', 1, other).then(() => store('l', 1, other, 1));
      const first = await nextCallback(database, session, now);
      await postponeCallback(database, first?.id ?? 0n, at(5_000), 'broken');
      expect(await sessionsWithCallbacks(database, at(4_999), 10)).toEqual([other]);
      expect(await sessionsWithCallbacks(database, at(5_000), 10)).toEqual([session, other]);
    });
  });

  describe('outbox', () => {
    const enqueue = (sessionId: string, n: number) =>
      enqueueCommand(database, { sessionId, operationId: `${sessionId}:c:${n}`, name: 'c', command: { n }, now });
    const claim = (ms = 0, limit = 10) => claimCommands(database, { now: at(ms), leaseMs: 1_000, limit });

    it('takes a command whose text PostgreSQL would refuse', async () => {
      const command = { text: 'a\0b \ud83d \u{1f600} \\u0000', 'na\0me': 1 };
      await enqueueCommand(database, { sessionId: session, operationId: `${session}:c:1`, name: 'c', command, now });
      const stored = { text: 'a\ufffdb \ufffd \u{1f600} \\u0000', 'na\ufffdme': 1 };
      expect(await claim()).toMatchObject([{ command: stored }]);
    });

    it('takes an operationId once', async () => {
      expect(await enqueue(session, 1)).toBe(true);
      expect(await enqueue(session, 1)).toBe(false);
      expect(await commandsOf(database, session)).toHaveLength(1);
    });

    it('gives out the first unfinished command of each session, and the next one when that is done', async () => {
      for (const n of [1, 2]) await enqueue(session, n);
      await enqueue(other, 1);
      const claimed = await claim();
      expect(claimed.map(({ sessionId, command }) => [sessionId, command])).toEqual([
        [session, { n: 1 }],
        [other, { n: 1 }],
      ]);
      expect(await claim()).toEqual([]);
      expect(await finishCommand(database, claimed[0]?.id ?? '', { state: 'succeeded', outcome: {}, now })).toBe(true);
      expect(await claim()).toMatchObject([{ sessionId: session, command: { n: 2 } }]);
    });

    it('gives a command out again when its holder did not come back, under the same operationId', async () => {
      await enqueue(session, 1);
      const [first] = await claim();
      expect(await claim(999)).toEqual([]);
      expect(await claim(1_000)).toEqual([{ ...first, attempts: 2 }]);
    });

    it('ends a command once', async () => {
      await enqueue(session, 1);
      const id = (await claim())[0]?.id ?? '';
      const end = (state: 'succeeded' | 'failed') => finishCommand(database, id, { state, outcome: {}, now });
      expect([await end('succeeded'), await end('failed')]).toEqual([true, false]);
      expect((await commandsOf(database, session))[0]?.state).toBe('succeeded');
    });

    it('lets the commands behind one that is put off wait', async () => {
      for (const n of [1, 2]) await enqueue(session, n);
      await postponeCommand(database, (await claim())[0]?.id ?? '', at(2_000), { status: 503 });
      expect(await claim(1_999)).toEqual([]);
      expect(await claim(2_000)).toMatchObject([{ command: { n: 1 }, attempts: 2 }]);
    });

    it('never gives one command to two who ask at the same time', async () => {
      const sessions = await Promise.all(Array.from({ length: 6 }, () => createSession(database, { helpdeskId, now })));
      for (const sessionId of sessions) for (const n of [1, 2]) await enqueue(sessionId, n);
      const claimed = (await Promise.all(Array.from({ length: 12 }, () => claim(0, 1)))).flat();
      expect(new Set(claimed.map((one) => one.id)).size).toBe(claimed.length);
      expect(claimed.every((one) => one.operationId.endsWith(':1'))).toBe(true);
    });
  });

  describe('timers', () => {
    it('move, fire once, and can be cancelled', async () => {
      const timer = { sessionId: session, name: 'ring', dueAt: at(10) };
      await scheduleTimer(database, timer);
      await scheduleTimer(database, { ...timer, dueAt: at(20) });
      expect(await timersDue(database, at(19), 10)).toEqual([]);
      expect(await timersDue(database, at(20), 10)).toEqual([{ ...timer, dueAt: at(20) }]);
      expect(await takeTimer(database, timer)).toBe(false);
      expect(await takeTimer(database, { ...timer, dueAt: at(20) })).toBe(true);
      expect(await cancelTimer(database, session, 'ring')).toBe(false);
    });
  });

  describe('the work of ended sessions', () => {
    it('is removed when they ended long ago, a bounded part at a time; what waits and what is recent stays', async () => {
      const store = (key: string, ack: number, sessionId: string) =>
        storeCallback(database, { key, ack, sessionId, body: `${key}${ack}`, now });
      const recent = await createSession(database, { helpdeskId, now });
      await saveSession(database, session, { endedAt: at(-1) });
      await saveSession(database, recent, { endedAt: at(0) });
      for (const sessionId of [session, other, recent]) {
        for (const ack of [1, 2, 3]) await store(sessionId, ack, sessionId);
        for (const n of [1, 2, 3]) {
          await enqueueCommand(database, {
            sessionId,
            operationId: `${sessionId}:c:${n}`,
            name: 'c',
            command: {},
            now,
          });
        }
        for (let n = 0; n < 2; n += 1) {
          const callback = await nextCallback(database, sessionId, now);
          await finishCallback(database, callback?.id ?? 0n, now);
          const command = (await commandsOf(database, sessionId))[n];
          await finishCommand(database, command?.id ?? '', { state: 'succeeded', outcome: {}, now });
        }
      }
      await appendSessionEvents(database, session, [{ at: now, kind: 'decision', name: 'terminated' }]);
      const remove = () => removeFinishedWork(database, { endedBefore: now, limit: 1 });
      expect(await remove()).toEqual({ callbacks: 1, commands: 1 });
      expect(await remove()).toEqual({ callbacks: 1, commands: 1 });
      expect(await remove()).toEqual({ callbacks: 0, commands: 0 });
      expect((await commandsOf(database, session)).map(({ state }) => state)).toEqual(['waiting']);
      expect(await nextCallback(database, session, now)).toMatchObject({ ack: 3 });
      expect(await commandsOf(database, other)).toHaveLength(3);
      expect(await commandsOf(database, recent)).toHaveLength(3);
      expect(await sessionTimeline(database, session)).toHaveLength(1);
    });
  });

  const sample = {
    timeStampMs: now.getTime(),
    direction: 'Incoming',
    author: 'agent',
    senderName: 'Ann',
    format: 'plain',
    text: 'hello',
    delivered: true,
    now,
  } as const;

  describe('the two record tables', () => {
    it.each([
      ['the meeting event first', [recordInternalMessage, recordVisitorMessage]],
      ['the visitor event first', [recordVisitorMessage, recordInternalMessage]],
      ['both twice', [recordInternalMessage, recordVisitorMessage, recordInternalMessage, recordVisitorMessage]],
    ])('hold a message that crossed the visitor leg once: %s', async (_order, calls) => {
      for (const record of calls) await record(database, { ...sample, sessionId: session });
      expect(await visitorMessages(database, session)).toMatchObject([{ text: 'hello', timeStampMs: now.getTime() }]);
      expect(await internalMessages(database, session)).toEqual([]);
    });

    it('keep apart what was said in the meeting only', async () => {
      await recordVisitorMessage(database, { ...sample, sessionId: session });
      await recordInternalMessage(database, {
        ...sample,
        sessionId: session,
        timeStampMs: now.getTime() + 1,
        text: 'psst',
      });
      expect((await visitorMessages(database, session)).map(({ text }) => text)).toEqual(['hello']);
      expect((await internalMessages(database, session)).map(({ text }) => text)).toEqual(['psst']);
    });
  });

  describe('a message that did not reach the visitor', () => {
    it('is marked so by a later word, and stays so', async () => {
      const message = { ...sample, sessionId: session };
      await recordVisitorMessage(database, message);
      await recordVisitorMessage(database, { ...message, delivered: false });
      await recordVisitorMessage(database, message);
      expect(await visitorMessages(database, session)).toMatchObject([{ text: 'hello', delivered: false }]);
    });
  });

  describe('sessions', () => {
    it('number their timeline without gaps, also when written to at the same time', async () => {
      const write = (name: string) =>
        database.inTransaction((transaction) =>
          appendSessionEvents(transaction, session, [
            { at: now, kind: 'decision', name },
            { at: now, kind: 'command', name, data: { n: 1, none: undefined } },
          ]),
        );
      await Promise.all(['a', 'b', 'c'].map(write));
      const timeline = await sessionTimeline(database, session);
      expect(timeline.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(timeline[1]).toMatchObject({ kind: 'command', data: { n: 1 }, at: now });
    });

    it('are found by id and by meeting, and listed newest first', async () => {
      const uri = 'sip:M1@contoso.com;gruu;opaque=app:conf:focus:id:AB12';
      await saveSession(database, session, {
        state: 'serving',
        snapshot: { a: 1 },
        onlineMeetingUri: uri,
        visitorName: 'Eve',
      });
      expect(await findSessionByMeetingUri(database, uri.toLowerCase())).toMatchObject({
        id: session,
        visitorName: 'Eve',
      });
      expect(await findSession(database, 'hds_none')).toBeUndefined();
      expect((await listSessions(database, { limit: 10 })).map(({ id }) => id)).toEqual([other, session]);
      expect((await listSessions(database, { limit: 1, before: at(1) })).map(({ id }) => id)).toEqual([session]);
      expect(await listSessions(database, { limit: 1, personUri: 'sip:ann@contoso.com' })).toEqual([]);
      const locked = await database.inTransaction((transaction) => lockSession(transaction, session));
      expect(locked).toMatchObject({ snapshot: { a: 1 }, state: 'serving', startedAt: now });
    });

    it('keep nothing of a transaction that fails', async () => {
      const failing = database.inTransaction(async (transaction) => {
        await saveSession(transaction, session, { state: 'serving' });
        throw new Error('killed');
      });
      await expect(failing).rejects.toThrow('killed');
      expect((await findSession(database, session))?.state).toBe('new');
    });
  });
});
