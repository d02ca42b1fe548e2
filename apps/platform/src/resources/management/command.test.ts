/** `npm run platform` against a platform that listens. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadKeys } from '../../auth/keys.ts';
import { fileSecrets } from '../../auth/secretStore.ts';
import { createManualClock, settle } from '../../testing/manualClock.ts';
import { helpdesk, operatorToken, startTestPlatform, type TestPlatform } from '../../testing/testPlatform.ts';

// Every command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

const script = fileURLToPath(new URL('../../../../../scripts/platform.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bridgedesk-command-'));
let platform: TestPlatform;
let url: string;
let status = 200;

beforeAll(async () => {
  const clock = createManualClock();
  const keys = await loadKeys(fileSecrets(folder), clock);
  const post = async () => new Response(null, { status });
  platform = await startTestPlatform({ clock, keys, post });
  await platform.app.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(platform.app.server.address() as AddressInfo).port}`;
});
afterAll(() => platform.app.close());

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(args: readonly string[], env: Record<string, string> = { OPERATOR_TOKEN: operatorToken }): Promise<Ended> {
  return new Promise((resolve) => {
    const { PATH = '' } = process.env;
    const options = { env: { PATH, PLATFORM_URL: url, DATA_DIR: join(folder, 'none'), ...env } };
    execFile(process.execPath, [script, ...args], options, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

async function json<T>(...args: string[]): Promise<T> {
  const { code, out, err } = await run([...args, '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as T;
}

describe('what is registered', () => {
  test('a tenant, an application, an endpoint and a person: put, listed, deleted', async () => {
    expect(
      await json(
        'tenants',
        'put',
        'litware.com',
        '--name',
        'Litware',
        '--allowed-origins',
        'https://a.example,https://b.example',
      ),
    ).toMatchObject({
      domain: 'litware.com',
      allowedOrigins: ['https://a.example', 'https://b.example'],
    });
    const application = [
      'applications',
      'put',
      'litware.com',
      'chat',
      '--name',
      'Chat',
      '--audience',
      'https://chat.example',
    ];
    const made = await json<Record<string, unknown>>(
      ...application,
      '--callback-hosts',
      'sa.example,10.0.0.7:8443',
      '--callback-cidrs',
      '10.0.0.0/24',
      '--act-for-users',
    );
    expect(made).toMatchObject({ callbackHosts: ['sa.example', '10.0.0.7:8443'], actForUsers: true });
    expect(made.clientSecret).toMatch(/^[\w-]{43}$/);
    expect(await json('applications', 'put', 'litware.com', 'chat', '--no-act-for-users')).toMatchObject({
      actForUsers: false,
      callbackCidrs: ['10.0.0.0/24'],
    });
    await json(
      'endpoints',
      'put',
      'litware.com',
      'sip:desk@litware.com',
      '--client',
      'chat',
      '--name',
      'Desk',
      '--callback-url',
      'https://10.0.0.7:8443/callback',
    );
    await json('users', 'put', 'litware.com', 'sip:eva@litware.com', '--name', 'Eva');

    const listed = await run(['endpoints', 'list', 'litware.com']);
    expect(listed.out.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^uri +displayName +clientId +callbackUrl +applicationId$/),
      expect.stringMatching(/^sip:desk@litware\.com +Desk +chat +https:\/\/10\.0\.0\.7:8443\/callback +\d{10}$/),
    ]);
    expect((await run(['users', 'list', 'litware.com'])).out).toContain('sip:eva@litware.com');
    expect((await run(['tenants', 'delete', 'litware.com'])).code).toBe(1);
    expect(await run(['tenants', 'delete', 'litware.com', '--force'])).toEqual({ code: 0, out: 'done\n', err: '' });
    expect((await run(['tenants', 'get', 'litware.com'])).err).toBe('There is no such tenant (404)\n');
  });

  test('secrets are rotated', async () => {
    const { secrets } = await json<{ secrets: { id: string }[] }>('secrets', 'list', 'contoso.com', 'other');
    const file = join(folder, 'secret');
    writeFileSync(file, 'a-secret-of-the-operators-choice\n');
    expect(await json('secrets', 'add', 'contoso.com', 'other', '--secret-file', file)).not.toHaveProperty(
      'clientSecret',
    );
    expect(await run(['secrets', 'add', 'contoso.com', 'other'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/retire one first \(409\)/),
    });
    expect((await run(['secrets', 'retire', 'contoso.com', 'other', secrets[0]?.id ?? ''])).code).toBe(0);
    expect(await platform.serviceToken('other')).toBe('undefined');
  });

  test('signing keys are rotated', async () => {
    const next = await json<{ kid: string }>('keys', 'rotate', '--in', '3600');
    const { out } = await run(['keys', 'list']);
    expect(out).toMatch(new RegExp(`^${next.kid} +next `, 'm'));
    expect(out).toMatch(/ +active +/);
    expect((await run(['keys', 'delete', next.kid])).err).toContain('only a retired one can be deleted (409)');
    // A thumbprint may begin with a hyphen.
    const slip = '-abcdefghijklmnopqrstuvwxyz';
    const nothing = { code: 1, out: '', err: `There is no ${slip}; nothing is changed\n` };
    expect(await run(['keys', 'delete', slip])).toEqual(nothing);
    expect(await run(['keys', 'delete', slip, '--force'])).toEqual(nothing);
    expect(await run(['secrets', 'retire', 'contoso.com', 'desk', slip])).toEqual(nothing);
    expect(await run(['keys', 'delete', next.kid, '--force'])).toEqual({ code: 0, out: 'done\n', err: '' });
    expect((await run(['keys', 'list'])).out).not.toContain(next.kid);
    expect((await run(['keys', 'rotate', '--in', 'soon'])).code).toBe(1);
  });
});

test('callbacks are listed, shown and delivered again', async () => {
  status = 400;
  await platform.app.inject({
    method: 'POST',
    url: `/platformservice/tgt-1${platform.applicationPath.replace('/platformservice', '')}/communication/onlineMeetingInvitations/startAdhocMeeting?endpointId=${helpdesk}`,
    headers: { authorization: `Bearer ${await platform.serviceToken()}` },
    payload: { operationId: 'op1', subject: 'x' },
  });
  const kept = () => platform.store.read((snapshot) => snapshot.ids('givenUpBatch'));
  while ((await kept()).length === 0) await settle();
  const { givenUp } = await json<{ givenUp: { conversationId: string; ack: number }[] }>(
    'callbacks',
    'list',
    'contoso.com',
    '--outcome',
    'givenUp',
  );
  const [batch] = givenUp;
  const replay = ['callbacks', 'replay', 'contoso.com', batch?.conversationId ?? '', String(batch?.ack)];
  expect((await run(replay)).code).toBe(1);
  status = 200;
  expect(await run(replay)).toMatchObject({ code: 0, out: expect.stringMatching(/^outcome +delivered$/m) });
  const shown = await run(['callbacks', 'show', 'contoso.com', batch?.conversationId ?? '']);
  expect(shown.out).toMatch(/permanent +400/);
  expect(shown.out).toMatch(/delivered +200/);
});

describe('who may, and what is understood', () => {
  test('the token comes from the environment, a file, or a data folder, and goes nowhere else', async () => {
    const file = join(folder, 'operatorToken');
    writeFileSync(file, `${operatorToken}\n`);
    expect((await run(['keys', 'list', '--token-file', file], {})).code).toBe(0);
    expect((await run(['keys', 'list', '--data-dir', folder], {})).code).toBe(0);
    writeFileSync(join(folder, 'secrets.json'), JSON.stringify({ operatorToken }));
    writeFileSync(join(folder, 'endpoints.json'), JSON.stringify({ platformUrl: url }));
    expect((await run(['keys', 'list'], { DATA_DIR: folder })).code).toBe(0);
    // A platform that was started by itself, with the same two settings.
    const own = mkdtempSync(join(tmpdir(), 'bridgedesk-command-'));
    writeFileSync(join(own, 'operatorToken'), `${operatorToken}\n`);
    expect((await run(['keys', 'list'], { DATA_DIR: own, PLATFORM_URL: url })).code).toBe(0);
    expect((await run(['keys', 'list', '--url', 'http://127.0.0.1:9'], { DATA_DIR: own })).code).toBe(2);
    const elsewhere = await run(['keys', 'list', '--url', 'http://127.0.0.1:9'], { DATA_DIR: folder });
    expect(elsewhere).toMatchObject({ code: 2, err: expect.stringContaining('Which operator token?') });
    expect(await run(['keys', 'list'], { OPERATOR_TOKEN: 'wrong' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('(401)'),
    });
  });

  test('what the platform refuses is said in its words', async () => {
    const answer = await run(['backup', 'monday']);
    expect(answer).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/backed up by its own means.*\(409\)/),
    });
  });

  test('a backup is restored by the name that it was made under', async () => {
    const [dataDir, target] = [mkdtempSync(join(tmpdir(), 'bridgedesk-command-')), join(folder, 'restored')];
    const missing = await run(['restore', 'monday', '--data-dir', target], { DATA_DIR: dataDir });
    expect(missing).toMatchObject({ code: 1, out: '', err: expect.stringContaining(join(dataDir, 'backups/monday')) });
    mkdirSync(join(dataDir, 'backups/monday/store'), { recursive: true });
    writeFileSync(join(dataDir, 'backups/monday/backup.json'), '{}');
    writeFileSync(join(dataDir, 'backups/monday/operatorToken'), operatorToken);
    expect(await run(['restore', 'monday', '--data-dir', target], { DATA_DIR: dataDir })).toMatchObject({ code: 0 });
    expect(readFileSync(join(target, 'operatorToken'), 'utf8')).toBe(operatorToken);
  });

  test('nobody there', async () => {
    expect(await run(['keys', 'list', '--url', 'http://127.0.0.1:1'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('does not answer'),
    });
  });

  test.each([
    [['users']],
    [['users', 'put', 'contoso.com']],
    [['users', 'list', 'contoso.com', '--colour', 'red']],
    [['nonsense']],
  ])('%j is not understood', async (args) => {
    expect(await run(args)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/\S/) });
  });

  test('help', async () => {
    for (const args of [[], ['help'], ['users', 'put', '--help']]) {
      expect(await run(args, {})).toMatchObject({
        code: 0,
        out: expect.stringContaining('users put <domain> <sipUri> [--name <text>]'),
      });
    }
  });
});
