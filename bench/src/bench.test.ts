/** A short run of the whole table against the built platform: it ends by itself and prints every number. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Figure } from './figures.ts';

const measured = [
  'CPU a message, closed loop, 4 chats',
  'messages a second, closed loop, 4 chats',
  'CPU a message, equal rate, 4 chats',
  'CPU a message, closed loop, 8 chats',
  'messages a second, closed loop, 8 chats',
  'CPU a message, equal rate, 8 chats',
  'latency p50, open loop, 4 chats',
  'latency p99, open loop, 4 chats',
  'set-up p50, ten at a time',
  'set-up p99, ten at a time',
];
/** With so few chats these are noise, of either sign. */
const noise = ['resident memory a chat, 8 chats', '… without mapped files', '… in the heap'];

test('a short run prints a table and one line with every number', { timeout: 90_000 }, async () => {
  const script = path.join(import.meta.dirname, 'bench.ts');
  const args = ['--import', 'tsx', script, '--short'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 80_000, maxBuffer: 2 ** 24 });
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { figures: Figure[] };
  const figure = (name: string): Figure | undefined => result.figures.find((one) => one.name === name);
  for (const name of measured) {
    expect(figure(name), name).toMatchObject({ bare: expect.any(Number), platform: expect.any(Number) });
    expect(figure(name)?.bare, name).toBeGreaterThan(0);
    expect(figure(name)?.platform, name).toBeGreaterThan(0);
    expect(figure(name)?.ratio, name).toBeGreaterThan(0);
  }
  for (const name of noise) expect(figure(name)?.platform, name).toEqual(expect.any(Number));
  for (const { name } of result.figures) expect(stdout).toContain(`\n${name}`);
});
