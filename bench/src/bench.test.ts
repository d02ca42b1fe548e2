/** A short run of the whole benchmark against the built platform: it ends by itself and prints one line of JSON. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const percentiles = { p50: expect.any(Number), p99: expect.any(Number) };
const relayMs = { visitorToAgent: percentiles, agentToVisitor: percentiles };

test('a short run prints one line with every number', { timeout: 60_000 }, async () => {
  const script = path.join(import.meta.dirname, 'bench.ts');
  const args = ['--import', 'tsx', script, '--chats', '2,6', '--seconds', '1', '--setups', '2'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 });
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(1);
  const result: unknown = JSON.parse(lines[0] ?? '');
  const load = { relayMs, messagesPerSecond: expect.any(Number), ratio: expect.any(Number), bare: expect.any(Object) };
  expect(result).toMatchObject({
    setupMs: { ...percentiles, chats: 2 },
    relayMs,
    loads: [
      { chats: 2, ...load },
      { chats: 6, ...load },
    ],
    platform: { callbacks: expect.any(Number) },
  });
  const { loads } = result as { loads: { messages: number; bare: { messages: number } }[] };
  for (const { bare, messages } of loads) {
    expect(messages).toBeGreaterThan(0);
    expect(bare.messages).toBeGreaterThan(0);
  }
});
