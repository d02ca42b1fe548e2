import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderInUseError, type HeldFolder, holdFolder } from './exclusiveFolder.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bridgedesk-exclusive-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('a folder is held by one, and by the next one when it has let go', async () => {
  const folder = join(root, 'data');
  const first = await holdFolder(folder);
  await expect(holdFolder(folder)).rejects.toThrow(FolderInUseError);
  await expect(holdFolder(folder)).rejects.toThrow(`A platform is running on ${folder}`);
  await first.release();
  expect(readdirSync(folder)).toEqual([]);
  await (await holdFolder(folder)).release();
});

test('of many that come at once at most one stays, and the folder is free afterwards', async () => {
  for (let round = 0; round < 5; round += 1) {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => holdFolder(root)));
    const held = outcomes.flatMap((one): HeldFolder[] => (one.status === 'fulfilled' ? [one.value] : []));
    expect(held.length).toBeLessThanOrEqual(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(FolderInUseError);
    for (const one of held) await one.release();
    await (await holdFolder(root)).release();
    expect(readdirSync(root)).toEqual([]);
  }
});

test('a killed process holds nothing, and its file is cleared away', async () => {
  const { child, ended } = await startHolder(root);
  await expect(holdFolder(root)).rejects.toThrow(FolderInUseError);
  child.kill('SIGKILL');
  await ended;
  const held = await holdFolder(root);
  expect(readdirSync(root)).toHaveLength(1);
  await held.release();
}, 30_000);

test('a process that is stopped, but not dead, still holds its folder', async () => {
  const { child, ended } = await startHolder(root);
  child.kill('SIGSTOP');
  await expect(holdFolder(root)).rejects.toThrow(FolderInUseError);
  child.kill('SIGKILL');
  await ended;
}, 30_000);

test.runIf(process.platform === 'linux')('the path may be longer than the address of a socket', async () => {
  const folder = join(root, 'x'.repeat(120), 'data');
  mkdirSync(folder, { recursive: true });
  const held = await holdFolder(folder);
  await expect(holdFolder(folder)).rejects.toThrow(FolderInUseError);
  await held.release();
});

/** A process that holds the folder until it is killed. */
async function startHolder(folder: string): Promise<{ child: ChildProcess; ended: Promise<unknown> }> {
  const [module, given] = [join(import.meta.dirname, 'exclusiveFolder.ts'), folder].map((path) => JSON.stringify(path));
  const script = `const { holdFolder } = await import(${module}); await holdFolder(${given});
    process.stdout.write('held'); setInterval(() => undefined, 60_000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return { child, ended };
}
