import { expect, test } from 'vitest';
import { createManualClock } from '../testing/manualClock.ts';
import { PendingGets } from './pendingGet.ts';
import { Wakes } from './wakes.ts';

const channelId = 'ucwa:1';
const options = { timeoutMs: 180_000, news: 0, onClose: () => () => undefined, prepare: () => undefined };

function start() {
  const clock = createManualClock();
  const wakes = new Wakes(clock);
  return { clock, wakes, gets: new PendingGets(clock, wakes) };
}

test('a newer one replaces a parked one, and also one that news has just woken', async () => {
  const { gets, wakes } = start();
  const first = await gets.admit(channelId, 0);
  const parked = first?.park(options);
  wakes.wake(channelId);
  const second = await gets.admit(channelId, 0);
  expect(await parked).toBe('woken');
  expect(first?.isReplaced).toBe(true);
  const again = second?.park(options);
  first?.leave();
  expect(gets.isParked(channelId)).toBe(true);
  const third = await gets.admit(channelId, 0);
  expect(await again).toBe('replaced');
  expect(third?.isReplaced).toBe(false);
});

test('one of lower priority has to go, until the other one has its answer', async () => {
  const { gets } = start();
  const first = await gets.admit(channelId, 2);
  expect(await gets.admit(channelId, 1)).toBeUndefined();
  expect(first?.isReplaced).toBe(false);
  first?.leave();
  expect(await gets.admit(channelId, 1)).toBeDefined();
});

test('time and the end of the server end the wait', async () => {
  const { clock, gets } = start();
  const first = (await gets.admit(channelId, 0))?.park(options);
  await clock.advance(180_000);
  expect(await first).toBe('timeout');
  const second = (await gets.admit(channelId, 0))?.park(options);
  gets.close();
  expect(await second).toBe('closing');
  expect(await (await gets.admit(channelId, 0))?.park(options)).toBe('closing');
});

test('news that came between the look and the wait end it at once', async () => {
  const { gets, wakes } = start();
  const one = await gets.admit(channelId, 0);
  const news = one?.news ?? 0;
  wakes.wake(channelId);
  expect(await one?.park({ ...options, news })).toBe('woken');
  expect(gets.isParked(channelId)).toBe(false);
});
