import type { Database } from '@repo/db/client';
import { findSession } from '@repo/db/helpdeskSessions';
import { commandsOf } from '@repo/db/outbox';
import { openTestDatabase } from '@repo/db/testing';
import { visitorMessages } from '@repo/db/transcripts';
import * as wire from '@repo/flows/helpdesk/testing/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHarness } from './testing/helpdeskHarness.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase(process.env.TEST_DATABASE_URL);
}, 60_000);
afterAll(() => db.close());

it('marks that PostgreSQL refuses do not cost the visitor his session: name, page and message are kept without them', async () => {
  const harness = await createHarness(db);
  const app = harness.startInstance();
  const hostile = (body: string) =>
    body
      .replaceAll('"Vera"', String.raw`"Ve\u0000ra \ud83d"`)
      .replaceAll('Where is my parcel?', String.raw`Where\u0000?`)
      .replaceAll('%2fcart', '%5cu0000%5cud83d%2fcart');
  async function settle() {
    do await app.runUntilIdle();
    while (await harness.platform.deliver((batch) => harness.post(app, { ...batch, body: hostile(batch.body) })));
  }
  harness.invite();
  await settle();
  const from = wire.visitor;
  const at = harness.clock.now() + 1;
  harness.platform.enqueue('C1', wire.message({ leg: 'C1', n: 1, direction: 'Incoming', at, text: 'a\0b', from }));
  await settle();

  const sessionId = harness.platform.sessionId();
  expect(await findSession(db, sessionId)).toMatchObject({
    state: 'awaitingAgent',
    visitorName: 'Ve\ufffdra \ufffd',
    subject: 'Where\ufffd?',
    page: { page: '\ufffd\ufffd/cart' },
  });
  expect((await visitorMessages(db, sessionId)).at(-1)).toMatchObject({
    text: 'a\ufffdb',
    senderName: 'Ve\ufffdra \ufffd',
  });
  expect((await commandsOf(db, sessionId)).filter(({ state }) => state !== 'succeeded')).toEqual([]);
  expect(harness.logged.filter((line) => line.startsWith('a callback could not'))).toEqual([]);
}, 60_000);

it('a helpdesk key or a context with such a mark is unknown, not a failure', async () => {
  const harness = await createHarness(db);
  const app = harness.startInstance();
  const asked = app.issueHelpdeskToken({ body: String.raw`{"helpdesk":"\u0000"}`, origin: undefined });
  await expect(asked).rejects.toMatchObject({ status: 404 });
  const body = JSON.stringify(wire.batch(wire.visitorInvitation('started')));
  await expect(harness.post(app, { body, callbackContext: 'hds_\0' })).rejects.toMatchObject({ status: 400 });
}, 60_000);
