import { nextCallback, postponeCallback, storeCallback } from '@repo/db/callbackInbox';
import type { Database } from '@repo/db/client';
import { createSession, findSession } from '@repo/db/helpdeskSessions';
import { findHelpdeskByKey } from '@repo/db/helpdesks';
import { openTestDatabase } from '@repo/db/testing';
import * as wire from '@repo/flows/helpdesk/testing/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { processInbox } from './processInbox.ts';
import { createHarness } from './testing/helpdeskHarness.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase(process.env.TEST_DATABASE_URL);
}, 60_000);
afterAll(() => db.close());

it('a batch that is put off makes its session wait, not spin, and the others are served', async () => {
  const { clock, log } = await createHarness(db);
  const now = new Date(clock.now());
  const helpdeskId = (await findHelpdeskByKey(db, 'contoso'))?.id ?? '';
  const body = JSON.stringify(wire.batch(wire.visitorInvitation('started')));
  const [stuck, other] = [await createSession(db, { helpdeskId, now }), await createSession(db, { helpdeskId, now })];
  for (const ack of [1, 2]) await storeCallback(db, { key: 'stuck', ack, sessionId: stuck, body, now });
  const head = await nextCallback(db, stuck, now);
  await postponeCallback(db, head?.id ?? 0n, new Date(clock.now() + 5_000), 'broken');
  await storeCallback(db, { key: 'other', ack: 1, sessionId: other, body, now });

  const held: string[] = [];
  const look = () =>
    processInbox(
      { db, clock, log, wake: () => undefined },
      {
        isFree: () => true,
        hold: (sessionId, act) => {
          held.push(sessionId);
          return act();
        },
      },
    );
  expect([await look(), await look()]).toEqual([true, false]);
  expect(held).toEqual([other]);
  expect((await findSession(db, other))?.state).not.toBe('new');
  expect((await findSession(db, stuck))?.state).toBe('new');
}, 60_000);
