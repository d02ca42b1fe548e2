import { createManualClock } from '@repo/ucwa-client/testing/manualClock';
import { generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { audience, createScriptedPlatform, platformUrl, tenantId } from './testing/scriptedPlatform.ts';
import { createVerifyCallback, type VerifyCallback } from './verifyCallback.ts';

const clock = createManualClock();
let platform: Awaited<ReturnType<typeof createScriptedPlatform>>;
let verify: VerifyCallback;

beforeAll(async () => {
  platform = await createScriptedPlatform(clock.now);
  verify = createVerifyCallback({
    platformUrl,
    audience,
    fetch: platform.fetch,
    clock,
    tenantId: async () => tenantId,
  });
});

const seconds = () => Math.floor(clock.now() / 1000);

describe('the token of a callback', () => {
  it('is accepted when the platform made it for us', async () => {
    await expect(verify(`Bearer ${await platform.sign({})}`)).resolves.toBeUndefined();
  });

  it.each([
    ['missing', () => undefined],
    ['no token', () => 'Bearer nonsense'],
    ['of another scheme', async () => `Basic ${await platform.sign({})}`],
    ['expired', () => platform.sign({ exp: seconds() - 61 })],
    ['not valid yet', () => platform.sign({ nbf: seconds() + 61 })],
    ['without an end', () => platform.sign({ exp: undefined })],
    ['for another audience', () => platform.sign({ aud: 'https://fabrikam.com' })],
    ['of another issuer', () => platform.sign({ iss: `https://evil.example/oauth2/${tenantId}` })],
    ['of another tenant', () => platform.sign({ tid: 'b', iss: `${platformUrl}/oauth2/b` })],
    ['of another application', () => platform.sign({ appid: 'sa' })],
    ['signed with another key', async () => platform.sign({}, (await generateKeyPair('RS256')).privateKey)],
    [
      'signed with another algorithm',
      () => new SignJWT({ tid: tenantId }).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(new Uint8Array(32)),
    ],
  ])('is refused with 401 when it is %s', async (_case, make) => {
    const token = await make();
    const header = token === undefined || token.includes(' ') ? token : `Bearer ${token}`;
    await expect(verify(header)).rejects.toMatchObject({ status: 401 });
  });

  it('is answered with 503 when the keys cannot be had, so that the platform repeats the batch', async () => {
    const fetch = () => Promise.reject(new TypeError('fetch failed'));
    const options = { platformUrl, audience, fetch, clock, tenantId: async () => tenantId };
    const token = await platform.sign({});
    await expect(createVerifyCallback(options)(`Bearer ${token}`)).rejects.toMatchObject({ status: 503 });
  });
});
