import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assignAgent, assignmentsOf, releaseAgent } from './assignments.ts';
import type { Database } from './client.ts';
import { createSession, listSessions, lockSession } from './helpdeskSessions.ts';
import { saveHelpdesk } from './helpdesks.ts';
import { savePerson } from './people.ts';
import { listPresence, renewPresence } from './presence.ts';
import { openTestDatabase } from './testing.ts';

const now = new Date('2026-03-01T10:00:00Z');
const later = new Date(now.getTime() + 30_000);
const engines = [
  ['pglite', undefined],
  ...(process.env.TEST_DATABASE_URL ? [['postgresql', process.env.TEST_DATABASE_URL]] : []),
];

describe.each(engines)('assignments on %s', { timeout: 60_000 }, (_engine, databaseUrl) => {
  let database: Database;
  let helpdeskId: string;

  beforeAll(async () => {
    database = await openTestDatabase(databaseUrl);
  }, 60_000);
  afterAll(() => database.close());

  beforeEach(async () => {
    await database.runScript('TRUNCATE "person", "helpdesk" CASCADE');
    helpdeskId = (
      await saveHelpdesk(database, {
        publicKey: 'contoso',
        uri: 'sip:helpdesk@contoso.com',
        displayName: 'Contoso',
        allowedOrigins: ['http://localhost:3002'],
        welcomeText: 'Welcome',
        noAgentText: 'Nobody',
        ringTimeoutMs: 1,
        startTimeoutMs: 1,
        now,
      })
    ).id;
  });

  async function addAgent(name: string, capacity: number, until: Date | 'none' = later) {
    const sipUri = `sip:${name}@contoso.com`;
    await savePerson(database, {
      email: `${name}@contoso.com`,
      name,
      sipUri,
      role: 'agent',
      passwordHash: 'x',
      capacity,
      now,
    });
    if (until !== 'none') await renewPresence(database, { sipUri, status: 'available', until });
    return sipUri;
  }

  async function assign(sessionId: string, excluded: readonly string[] = []) {
    return database.inTransaction(async (transaction) => {
      await lockSession(transaction, sessionId);
      return assignAgent(transaction, { sessionId, excluded, now });
    });
  }

  it('chooses the one with the fewest visitors and says why the others were not', async () => {
    const ann = await addAgent('ann', 2);
    const bob = await addAgent('bob', 2);
    await addAgent('cid', 2, now);
    await addAgent('dee', 0);
    await addAgent('eve', 2, 'none');
    const sessions = await Promise.all([1, 2, 3].map(() => createSession(database, { helpdeskId, now })));
    const [first, second, third] = sessions as [string, string, string];
    expect((await assign(first)).agent?.sipUri).toBe(ann);
    expect((await assign(second)).agent?.sipUri).toBe(bob);
    const { agent, considered } = await assign(third, [ann.toUpperCase()]);
    expect(agent).toEqual({ sipUri: bob, name: 'bob' });
    expect(Object.fromEntries(considered.map((one) => [one.sipUri.slice(4, 7), one.reason]))).toEqual({
      ann: 'excluded',
      bob: 'eligible',
      cid: 'leaseOver',
      dee: 'atCapacity',
      eve: 'noPresence',
    });
    expect((await assignmentsOf(database, third))[0]?.considered).toEqual(considered);
  });

  it('records that nobody was there', async () => {
    const session = await createSession(database, { helpdeskId, now });
    expect((await assign(session)).agent).toBeUndefined();
    expect(await assignmentsOf(database, session)).toMatchObject([{ personUri: undefined, releaseReason: 'noAgent' }]);
  });

  it('frees the room on release, once', async () => {
    const ann = await addAgent('ann', 1);
    const session = await createSession(database, { helpdeskId, now });
    await assign(session);
    expect(await releaseAgent(database, { sessionId: session, reason: 'left', now })).toBe(ann);
    expect(await releaseAgent(database, { sessionId: session, reason: 'left', now })).toBeUndefined();
    expect((await listPresence(database))[0]?.activeCount).toBe(0);
    expect((await assign(session)).agent?.sipUri).toBe(ann);
  });

  it('makes a session one of his when he has it or has served it, not when he was merely rung', async () => {
    const ann = await addAgent('ann', 5);
    const reasons = ['declined', 'ringTimeout', 'unreachable', 'commandFailed', 'endedUnanswered'];
    const sessionWith = async (reason: string | undefined) => {
      const session = await createSession(database, { helpdeskId, now });
      await assign(session);
      if (reason) await releaseAgent(database, { sessionId: session, reason, now });
      return session;
    };
    for (const reason of reasons) await sessionWith(reason);
    const his = await Promise.all([undefined, 'left', 'sessionEnded'].map(sessionWith));
    const listed = await listSessions(database, { limit: 20, personUri: ann.toUpperCase() });
    expect(listed.map(({ id }) => id).sort()).toEqual(his.sort());
  });

  it('refuses a second holder of a session', async () => {
    await addAgent('ann', 5);
    const session = await createSession(database, { helpdeskId, now });
    await assign(session);
    await expect(assign(session)).rejects.toThrow();
    expect((await listPresence(database))[0]?.activeCount).toBe(1);
  });

  it('never gives anybody more than the capacity, nor a session to two, when all ask at once', async () => {
    await addAgent('ann', 3);
    await addAgent('bob', 2);
    const sessions = await Promise.all(Array.from({ length: 12 }, () => createSession(database, { helpdeskId, now })));
    const results = await Promise.all(sessions.map((session) => assign(session)));
    const given = results.flatMap((result) => result.agent?.sipUri ?? []);
    expect(given.filter((uri) => uri.startsWith('sip:ann'))).toHaveLength(3);
    expect(given.filter((uri) => uri.startsWith('sip:bob'))).toHaveLength(2);
    expect((await listPresence(database)).map((one) => one.activeCount)).toEqual([3, 2]);
  });

  it('keeps the count right when sessions move between agents at once', async () => {
    await addAgent('ann', 8);
    await addAgent('bob', 8);
    const sessions = await Promise.all(Array.from({ length: 8 }, () => createSession(database, { helpdeskId, now })));
    await Promise.all(sessions.map((session) => assign(session)));
    await Promise.all(
      sessions.map((sessionId) =>
        database.inTransaction(async (transaction) => {
          await lockSession(transaction, sessionId);
          const previous = await releaseAgent(transaction, { sessionId, reason: 'declined', now });
          return assignAgent(transaction, { sessionId, excluded: [previous ?? ''], now });
        }),
      ),
    );
    const counts = (await listPresence(database)).map((one) => one.activeCount);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(8);
    const held = await Promise.all(sessions.map((session) => assignmentsOf(database, session)));
    expect(held.flat().filter((one) => !one.releasedAt)).toHaveLength(8);
  });
});
