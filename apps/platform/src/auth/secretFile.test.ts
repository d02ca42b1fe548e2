import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOrCreateSecret } from './secretFile.ts';
import { fileSecrets } from './secretStore.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridgedesk-secret-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('is made once, for its owner only, and leaves no draft', async () => {
  expect(await readOrCreateSecret(folder, 'one', async () => 'made')).toBe('made');
  expect(await readOrCreateSecret(folder, 'one', async () => 'another')).toBe('made');
  expect(readdirSync(folder)).toEqual(['one']);
  expect(statSync(join(folder, 'one')).mode & 0o777).toBe(0o600);
});

test('of many that come at once all get the same one', async () => {
  const secrets = await Promise.all(
    Array.from({ length: 10 }, (_, count) => readOrCreateSecret(folder, 'one', async () => `made by ${count}`)),
  );
  expect(new Set(secrets).size).toBe(1);
  expect(readdirSync(folder)).toEqual(['one']);
});

test('an empty file, as a start leaves it that is killed in between, counts as missing', async () => {
  writeFileSync(join(folder, 'one'), '');
  expect(await readOrCreateSecret(folder, 'one', async () => 'made')).toBe('made');
  expect(readFileSync(join(folder, 'one'), 'utf8')).toBe('made');
});

test('the name is there only with all of the secret behind it', async () => {
  const seen = new Set<string>();
  let isDone = false;
  const look = async (): Promise<void> => {
    while (!isDone) {
      if (readdirSync(folder).includes('one')) seen.add(readFileSync(join(folder, 'one'), 'utf8'));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const looking = look();
  const text = 'x'.repeat(2_000_000);
  await readOrCreateSecret(folder, 'one', async () => text);
  isDone = true;
  await looking;
  expect([...seen].every((one) => one.length === text.length)).toBe(true);
});

test('is replaced when it is the expected one', async () => {
  const secrets = fileSecrets(folder);
  await secrets.readOrCreate('one', async () => 'first');
  expect(await secrets.replace('one', 'other', 'second')).toBe(false);
  expect(await secrets.replace('one', 'first', 'second')).toBe(true);
  expect(await secrets.read('one')).toBe('second');
  expect(readdirSync(folder)).toEqual(['one']);
});
