import type { Database } from '@repo/db/client';
import { openTestDatabase } from '@repo/db/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ServiceApp } from './serviceApp.ts';
import { createHarness, type Harness, pageOrigin } from './testing/helpdeskHarness.ts';
import { platformUrl } from './testing/scriptedPlatform.ts';

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

const body = '{"helpdesk":"contoso"}';

describe('a helpdesk token', { timeout: 60_000 }, () => {
  it('comes with all that a widget needs, and is good on that page only', async () => {
    const token = await app.issueHelpdeskToken({ body, origin: pageOrigin });
    expect(token).toEqual({
      token: 'psat=x',
      expiryTime: `/Date(${harness.clock.now() + 28_800_000})/`,
      discoverUrl: `${platformUrl}/platformservice/discover?anonymousContext=psat%253dx`,
      helpdeskUri: 'sip:helpdesk@contoso.com',
      displayName: 'Contoso helpdesk',
    });
  });

  it.each([
    ['no JSON', '{', pageOrigin, 400, 'DeserializationFailure'],
    ['null', 'null', pageOrigin, 400, 'ParameterValidationFailure'],
    ['without a key', '{}', pageOrigin, 400, 'ParameterValidationFailure'],
    ['with a key that is no text', '{"helpdesk":{"a":1}}', pageOrigin, 400, 'ParameterValidationFailure'],
    ['for an unknown key', '{"helpdesk":"nobody"}', pageOrigin, 404, undefined],
    ['from another origin', body, 'https://evil.example', 403, 'NotAllowed'],
    ['from the same host by another scheme', body, 'https://localhost:3002', 403, 'NotAllowed'],
    ['from an opaque origin', body, 'null', 403, 'NotAllowed'],
  ])('asked for %s is refused', async (_case, text, origin, status, subcode) => {
    await expect(app.issueHelpdeskToken({ body: text, origin })).rejects.toMatchObject({
      status,
      body: subcode ? { subcode } : {},
    });
  });

  it('is answered with 503 and when to ask again, while the platform cannot be reached', async () => {
    harness.platform.setFault(() => 'unreachable');
    await expect(app.issueHelpdeskToken({ body, origin: pageOrigin })).rejects.toMatchObject({
      status: 503,
      retryAfter: 5,
      body: { code: 'ServiceUnavailable' },
    });
    harness.platform.setFault(() => undefined);
    expect((await app.issueHelpdeskToken({ body, origin: pageOrigin })).token).toBe('psat=x');
  });
});

describe('an agent token', () => {
  it('is exchanged for one person', async () => {
    expect(await app.issueAgentToken('sip:ann@contoso.com')).toEqual({
      token: 'agent:sip:ann@contoso.com',
      expiresAt: new Date(harness.clock.now() + 3_600_000),
    });
  });

  it('is a PlatformTokenError when the platform gives none', async () => {
    harness.platform.setFault(() => Response.json({ error: 'invalid_client' }, { status: 401 }));
    await expect(app.issueAgentToken('sip:ann@contoso.com')).rejects.toMatchObject({ code: 'PlatformToken' });
  });
});
