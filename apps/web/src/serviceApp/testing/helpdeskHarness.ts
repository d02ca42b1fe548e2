/** A service application on a database in memory, a clock moved by hand and a scripted platform. */
import type { Database } from '@repo/db/client';
import { saveHelpdesk } from '@repo/db/helpdesks';
import { savePerson } from '@repo/db/people';
import { renewPresence } from '@repo/db/presence';
import * as wire from '@repo/flows/helpdesk/testing/wire';
import { createManualClock } from '@repo/ucwa-client/testing/manualClock';
import type { Log } from '../deps.ts';
import { createServiceApp, type ServiceApp } from '../serviceApp.ts';
import { audience, createScriptedPlatform, platformUrl, type ScriptedBatch } from './scriptedPlatform.ts';

export const pageOrigin = 'http://localhost:3002';
const startMs = 1_800_000_000_000;

export async function createHarness(db: Database) {
  const clock = createManualClock(startMs);
  const platform = await createScriptedPlatform(clock.now);
  const logged: string[] = [];
  const write = (details: object, message: string) => void logged.push(`${message} ${JSON.stringify(details)}`);
  const log: Log = { debug: write, info: write, warn: write, error: write };

  /** A further instance on the same database, as after a crash or beside the first. */
  function startInstance(): ServiceApp {
    return createServiceApp({
      db,
      clock,
      log,
      fetch: platform.fetch,
      platform: { platformUrl, tenantDomain: 'contoso.com', clientId: 'sa', clientSecret: 'topsecret' },
      callbackAudience: audience,
      webUrl: 'http://localhost:3000',
      authSecret: 'x'.repeat(32),
    });
  }

  async function post(app: ServiceApp, batch: ScriptedBatch) {
    const { body, callbackContext } = batch;
    const read = async () => body;
    return app.receiveCallback({ body: read, callbackContext, authorization: `Bearer ${await platform.sign({})}` });
  }

  const now = new Date(clock.now());
  await db.runScript('TRUNCATE "person", "helpdesk" CASCADE');
  await saveHelpdesk(db, {
    publicKey: 'contoso',
    uri: 'sip:helpdesk@contoso.com',
    displayName: 'Contoso helpdesk',
    allowedOrigins: [pageOrigin],
    welcomeText: 'Welcome to Contoso',
    noAgentText: 'Nobody is here',
    ringTimeoutMs: 25_000,
    startTimeoutMs: 25_000,
    now,
  });
  for (const { uri, name } of [wire.ann]) {
    const email = `${name.toLowerCase()}@contoso.com`;
    await savePerson(db, { email, name, sipUri: uri, role: 'agent', passwordHash: 'x', now });
    await renewPresence(db, { sipUri: uri, status: 'available', until: new Date(clock.now() + 3_600_000) });
  }

  return {
    db,
    clock,
    platform,
    logged,
    log,
    startInstance,
    post,
    /** The visitor calls; the session id is the answer's context. */
    invite: () =>
      platform.enqueue('C1', wire.visitorInvitation('started'), wire.conversation('C1', 'added', 'Incoming')),
    /** Callbacks, decisions and commands until nothing is left to do. */
    async settle(app: ServiceApp): Promise<void> {
      do await app.runUntilIdle();
      while (await platform.deliver((batch) => post(app, batch)));
    },
    async deliverOne(app: ServiceApp): Promise<boolean> {
      return platform.deliver((batch) => post(app, batch));
    },
  };
}

export type Harness = Awaited<ReturnType<typeof createHarness>>;
