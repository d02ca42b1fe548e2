/// <reference types="node" />
/** What a page pays for the widget, measured on the built files (gzip, bytes). */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const loaderBudget = 3 * 1024;
const wholeBudget = 25 * 1024;

describe('what the widget weighs', () => {
  let folder: string;
  const files = new Map<string, string>();
  const weightOf = (name: string) => gzipSync(files.get(name) ?? '').length;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'widget-'));
    const vite = join(import.meta.dirname, '../node_modules/vite/bin/vite.js');
    await promisify(execFile)(process.execPath, [vite, 'build', '--outDir', folder, '--emptyOutDir'], {
      cwd: join(import.meta.dirname, '..'),
      env: { ...process.env, NODE_ENV: 'production' },
    });
    for (const name of await readdir(folder)) files.set(name, await readFile(join(folder, name), 'utf8'));
  }, 60_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is a loader with a fixed name and one chunk named by its content', () => {
    expect([...files.keys()].sort()).toEqual([expect.stringMatching(/^chat-[\w-]{8}\.js$/), 'v1.js']);
  });

  it('keeps to the budgets', () => {
    expect(weightOf('v1.js')).toBeLessThanOrEqual(loaderBudget);
    expect([...files.keys()].reduce((sum, name) => sum + weightOf(name), 0)).toBeLessThanOrEqual(wholeBudget);
  });

  it('imports the chunk from next to it, and nothing from anywhere else', () => {
    const addresses = [...files.values()].flatMap((code) =>
      [...code.matchAll(/\b(?:from|import)\s*\(?\s*["'`]([^"'`]+)/g)].map((match) => match[1]),
    );
    expect(addresses).toEqual([expect.stringMatching(/^\.\/chat-/)]);
  });

  it('holds none of what a strict page forbids, or another application would bring', () => {
    for (const code of files.values()) {
      expect(code).not.toMatch(
        /\beval\(|new Function|insertAdjacentHTML|document\.write|document\.cookie|localStorage/,
      );
    }
  });
});
