import { expect, test } from 'vitest';
import { figuresOf } from './figures.ts';
import type { RoundResult } from './round.ts';

function round(cpuUs: number, messagesPerSecond: number): RoundResult {
  const loop = { chats: 10, messages: 1, messagesPerSecond, cpuUs, latencyMs: { p50: 1, p99: 2 } };
  const open = { ...loop, lateMs: { p50: 0, p99: 0 } };
  const memory = { residentKbPerChat: 90, ownKbPerChat: 80, heapKbPerChat: 70 };
  return { emptyKb: 1, loads: [{ chats: 10, setupMs: { p50: 50, p99: 60 }, closed: loop, open, ...memory }] };
}

test('the ratio is the median of the ratios of each round, not the ratio of the medians', () => {
  const rounds = [
    { bare: round(10, 300), platform: round(20, 200) },
    { bare: round(50, 300), platform: round(60, 50) },
    { bare: round(20, 300), platform: round(100, 200) },
  ];
  const figures = figuresOf(rounds, [10]);
  expect(figures[0]).toMatchObject({ bare: 20, platform: 60, ratio: 2, met: true });
  expect(figures[1]).toMatchObject({ bare: 300, platform: 200, met: true });
});

test('a goal that is missed is said to be missed; without a bare relay there is no ratio', () => {
  const [cpu] = figuresOf([{ bare: round(10, 300), platform: round(31, 200) }], [10]);
  expect(cpu).toMatchObject({ ratio: 3.1, met: false });
  const [alone] = figuresOf([{ platform: round(31, 200) }], [10]);
  expect(alone).toMatchObject({ bare: undefined, ratio: undefined, met: undefined });
});
