import type { Database } from '@repo/db/client';
import { listSessions } from '@repo/db/helpdeskSessions';
import { openTestDatabase } from '@repo/db/testing';
import * as wire from '@repo/flows/helpdesk/testing/wire';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
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

const invitation = JSON.stringify(wire.batch(wire.visitorInvitation('started')));

describe('a callback', { timeout: 60_000 }, () => {
  it('with a new invitation makes one session, also when it comes many times at once', async () => {
    const request = { body: invitation, callbackContext: undefined };
    const answers = await Promise.all(Array.from({ length: 5 }, () => harness.post(app, request)));
    const sessions = await listSessions(db, { limit: 10 });
    expect(sessions).toHaveLength(1);
    expect(answers).toEqual(answers.map(() => ({ CallbackContext: sessions[0]?.id })));
  });

  it('without a valid token is refused before anything is stored', async () => {
    const body = vi.fn(async () => invitation);
    const request = { body, callbackContext: undefined, authorization: 'Bearer a.b.c' };
    await expect(app.receiveCallback(request)).rejects.toMatchObject({ status: 401 });
    expect(body).not.toHaveBeenCalled();
    expect(await listSessions(db, { limit: 10 })).toEqual([]);
  });

  it.each([
    ['no JSON', '{', undefined, 'DeserializationFailure'],
    ['no batch', '{"sender": 1}', undefined, 'DeserializationFailure'],
    [
      'without ack and key',
      JSON.stringify({ ...wire.batch(wire.visitorInvitation('started')), _links: {} }),
      undefined,
      'ParameterValidationFailure',
    ],
    ['of an unknown context', invitation, 'hds_0000000000000000', undefined],
    ['without context and without invitation', JSON.stringify(wire.batch(wire.onlineMeeting())), undefined, undefined],
    ['for an unknown helpdesk', invitation.replaceAll('sip:helpdesk@', 'sip:other@'), undefined, undefined],
  ])('that is %s is answered with 400', async (_case, body, callbackContext, subcode) => {
    await expect(harness.post(app, { body, callbackContext })).rejects.toMatchObject({
      status: 400,
      body: { code: 'BadRequest', ...(subcode ? { subcode } : {}) },
    });
    expect(await listSessions(db, { limit: 10 })).toEqual([]);
  });

  it('without events is a probe: answered, not kept', async () => {
    expect(await harness.post(app, { body: '{"sender":[]}', callbackContext: undefined })).toEqual({});
    expect(await listSessions(db, { limit: 10 })).toEqual([]);
  });

  it('that cannot be worked on is tried again, then put aside, and the session goes on', async () => {
    const context = (await harness.post(app, { body: invitation, callbackContext: undefined })).CallbackContext;
    await db.runScript(`UPDATE "helpdeskSession" SET "snapshot" = '{"machineVersion":"0"}'`);
    await app.runUntilIdle();
    for (const ms of [1_000, 2_000, 5_000, 10_000, 30_000]) {
      await harness.clock.advance(ms);
      await app.runUntilIdle();
    }
    expect(harness.logged.filter((line) => line.startsWith('a callback could not'))).toHaveLength(6);
    expect(context).toMatch(/^hds_/);
  });
});
