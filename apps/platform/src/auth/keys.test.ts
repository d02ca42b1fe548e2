import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProtectedHeader, exportJWK, importJWK, SignJWT } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { defaultLeadMs, keptAfterMs, type SigningKey, withNextKey, withoutKey } from '../model/signingKeys.ts';
import { createManualClock, type ManualClock } from '../testing/manualClock.ts';
import { createAnonymousTokens } from './anonToken.ts';
import { type Keys, loadKeys, makeSigningKey, TokenInvalidError } from './keys.ts';
import { fileSecrets } from './secretStore.ts';

const publicUrl = 'http://platform.example';
let folder: string;
let clock: ManualClock;
let keys: Keys;
/** Another node with the same secrets. */
let other: Keys;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bridgedesk-ring-'));
  clock = createManualClock();
  const secrets = fileSecrets(folder);
  keys = await loadKeys(secrets, clock);
  other = await loadKeys(secrets, clock);
});

const grant = {
  tenantId: 't',
  endpointUri: 'sip:helpdesk@contoso.com',
  applicationSessionId: 's',
  allowedOrigins: ['https://shop.example'],
  routingUri: 'sip:pool@contoso.com',
  tokenId: 'j',
};
const visitorToken = async (on: Keys): Promise<string> =>
  (await createAnonymousTokens(on, clock, publicUrl).issue(grant)).token;
const check = (on: Keys, token: string) => createAnonymousTokens(on, clock, publicUrl).verify(token);
const headerOf = (token: string) => decodeProtectedHeader(token.replace('psat=', ''));
const publishedBy = async (on: Keys) => (await on.published()).keys.map(({ kid }) => kid);

async function rotate(): Promise<SigningKey> {
  const next = await makeSigningKey(clock.now(), clock.now() + defaultLeadMs);
  expect(await keys.change((ring) => withNextKey(ring, next))).toBeDefined();
  return next;
}

describe('rotation without a restart', () => {
  test('published first, then signing; a token of the old key is good until its end, on every node', async () => {
    const [old] = await publishedBy(keys);
    const next = await rotate();
    clock.jump(30_000);
    for (const node of [keys, other]) expect(await publishedBy(node)).toEqual([old, next.kid]);
    clock.jump(defaultLeadMs - 31_000);
    const before = await visitorToken(other);
    expect(headerOf(before)).toEqual({ typ: 'JWT', alg: 'RS256', x5t: old });

    clock.jump(1_000);
    const after = await visitorToken(other);
    expect(headerOf(after)).toEqual({ typ: 'JWT', alg: 'RS256', x5t: next.kid });
    clock.jump(8 * 3_600_000 - 2_000);
    for (const node of [keys, other]) {
      expect(await check(node, before)).toMatchObject({ applicationSessionId: 's' });
      expect(await check(node, after)).toMatchObject({ applicationSessionId: 's' });
      expect(await publishedBy(node)).toEqual([old, next.kid]);
    }
    clock.jump(keptAfterMs);
    for (const node of [keys, other]) {
      expect(await publishedBy(node)).toEqual([next.kid]);
      await expect(check(node, before)).rejects.toBeInstanceOf(TokenInvalidError);
    }
  });

  test('a node that has not read the new key yet looks once more before it refuses a token', async () => {
    await rotate();
    clock.jump(defaultLeadMs);
    const token = await visitorToken(keys);
    // As if the other node had read right before the change.
    expect(await check(other, token)).toMatchObject({ applicationSessionId: 's' });
  });

  test('two nodes that change the ring at once: nothing is lost', async () => {
    const [one, two] = await Promise.all([makeSigningKey(clock.now(), 1), makeSigningKey(clock.now(), 2)]);
    const add = (key: SigningKey) => (on: Keys) => on.change((ring) => ({ keys: [...ring.keys, key] }));
    await Promise.all([add(one)(keys), add(two)(other)]);
    const kids = (await keys.ring()).keys.map(({ kid }) => kid);
    expect(kids).toHaveLength(3);
    expect(kids).toEqual(expect.arrayContaining([one.kid, two.kid]));
  });
});

describe('a key that somebody else has', () => {
  const forged = async ({ kid, privateJwk }: SigningKey, lifetime: number): Promise<string> => {
    const exp = Math.floor(clock.now() / 1000) + lifetime;
    const key = await importJWK({ ...privateJwk }, 'RS256');
    return new SignJWT({ exp }).setProtectedHeader({ alg: 'RS256', kid }).sign(key);
  };
  const settings = { clockToleranceSeconds: 0 };

  test('a token that would outlive every one of this server is refused', async () => {
    const [stolen] = (await keys.ring()).keys as [SigningKey];
    const longest = await forged(stolen, 8 * 3600);
    expect(await keys.verify(longest, settings)).toBeDefined();
    await expect(keys.verify(await forged(stolen, 9 * 3600), settings)).rejects.toBeInstanceOf(TokenInvalidError);
  });

  test('its tokens end with it, also those that were seen before, on every node', async () => {
    const [stolen] = (await keys.ring()).keys as [SigningKey];
    const token = await forged(stolen, 8 * 3600);
    for (const node of [keys, other]) expect(await node.verify(token, settings)).toBeDefined();
    const substitute = await makeSigningKey(clock.now(), clock.now());
    await keys.change((ring) => withoutKey(ring, stolen.kid, substitute, clock.now()));
    await expect(keys.verify(token, settings)).rejects.toBeInstanceOf(TokenInvalidError);
    clock.jump(120_000);
    // This node does nothing but check.
    await expect(other.verify(token, settings)).rejects.toBeInstanceOf(TokenInvalidError);
    expect(headerOf(await visitorToken(other)).x5t).toBe(substitute.kid);
  });

  test('a token that was seen is believed as long as its key is in the set, and no longer', async () => {
    const [old] = (await keys.ring()).keys as [SigningKey];
    await rotate();
    clock.jump(defaultLeadMs + keptAfterMs - 60_000);
    const token = await forged(old, 3600);
    expect(await keys.verify(token, settings)).toBeDefined();
    clock.jump(60_000);
    await expect(keys.verify(token, settings)).rejects.toBeInstanceOf(TokenInvalidError);
  });

  test('when the ring cannot be read, what was read last counts', async () => {
    const secrets = fileSecrets(folder);
    let isAway = false;
    const node = await loadKeys(
      {
        ...secrets,
        readOrCreate: (name, make) => (isAway ? Promise.reject(new Error('away')) : secrets.readOrCreate(name, make)),
      },
      clock,
    );
    const token = await visitorToken(node);
    isAway = true;
    clock.jump(30_000);
    expect(await check(node, token)).toBeDefined();
  });
});

describe('the keys themselves', () => {
  test('no secret member is published, and the file is its owner’s', async () => {
    const [key] = (await keys.published()).keys;
    expect(Object.keys(key ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use', 'x5t']);
    await rotate();
    expect((await stat(join(folder, 'signingKeys.json'))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(join(folder, 'signingKeys.json'), 'utf8')).keys).toHaveLength(2);
  });

  test('the one key of an earlier release goes on signing', async () => {
    const earlier = await mkdtemp(join(tmpdir(), 'bridgedesk-ring-'));
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await writeFile(join(earlier, 'signingKey.json'), JSON.stringify(await exportJWK(privateKey)), { mode: 0o600 });
    const loaded = await loadKeys(fileSecrets(earlier), clock);
    const thumbprint = (await publishedBy(loaded))[0];
    const seconds = Math.floor(clock.now() / 1000);
    const token = await new SignJWT({ exp: seconds + 60 })
      .setProtectedHeader({ alg: 'RS256', x5t: String(thumbprint) })
      .sign(privateKey);
    expect(await loaded.verify(token, { clockToleranceSeconds: 0 })).toEqual({ exp: seconds + 60 });
  });

  test('a token that names no key, another key or another algorithm proves nothing', async () => {
    const [kid = ''] = await publishedBy(keys);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const exp = Math.floor(clock.now() / 1000) + 60;
    const signed = (header: object) =>
      new SignJWT({ exp }).setProtectedHeader({ alg: 'RS256', ...header }).sign(privateKey);
    for (const header of [{}, { kid: 'x' }, { x5t: kid }, { kid }, { x5t: kid, kid: 'x' }])
      await expect(keys.verify(await signed(header), { clockToleranceSeconds: 0 })).rejects.toBeInstanceOf(
        TokenInvalidError,
      );
  });
});
