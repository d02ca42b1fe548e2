import { expect, test } from 'vitest';
import { optionsFrom } from './options.ts';

test('without options: the table of issue figures, three rounds, five messages a second a chat', () => {
  expect(optionsFrom([])).toMatchObject({ mode: 'table', chats: [200, 1000], rounds: 3, rate: 1000 });
});

test('the other runs, the short form, and what makes no sense', () => {
  expect(optionsFrom(['--idle', '10000'])).toMatchObject({ mode: 'idle', count: 10_000 });
  expect(optionsFrom(['--storm', '2000'])).toMatchObject({ mode: 'storm', count: 2_000 });
  expect(optionsFrom(['--finished', '10000'])).toMatchObject({ mode: 'finished', count: 10_000 });
  expect(optionsFrom(['--growth'])).toMatchObject({ mode: 'growth', chats: [50, 200, 1000, 5000], rate: 500 });
  expect(optionsFrom(['--short', '--seconds', '1'])).toMatchObject({ chats: [4, 8], seconds: 1, rounds: 1 });
  expect(optionsFrom(['--only', 'bare']).targets).toEqual(['bare']);
  expect(() => optionsFrom(['--chats', '0'])).toThrow(TypeError);
  expect(() => optionsFrom(['--only', 'other'])).toThrow(TypeError);
  expect(() => optionsFrom(['--hurry'])).toThrow(TypeError);
});
