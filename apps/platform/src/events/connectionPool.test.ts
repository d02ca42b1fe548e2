import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { Client } from 'undici';
import { expect, test } from 'vitest';
import { createConnectionPool, type Line } from './connectionPool.ts';
import { createKeepAlivePost } from './keepAlivePost.ts';

test('the line that was used last comes first, no more than allowed are made, and others wait their turn', () => {
  let made = 0;
  const pool = createConnectionPool(() => {
    made += 1;
    return new Client('http://sa.example');
  }, 2);
  const taken: Line[] = [];
  const take = () => pool.take((line) => void taken.push(line));
  take();
  take();
  take();
  expect([made, taken.length]).toEqual([2, 2]);
  const [first, second] = taken;
  if (first === undefined || second === undefined) throw new Error('There are no lines');
  pool.give(first);
  expect(taken[2]).toBe(first);
  pool.give(first);
  pool.give(second);
  take();
  expect(taken[3]).toBe(second);
  pool.close();
});

test('a new connection that is closed without an answer is a failure, and is not tried again', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.once('data', () => socket.resetAndDestroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = createKeepAlivePost();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { signal } = new AbortController();
  await expect(client.post(url, { headers: {}, body: '{}', signal, cidrs: ['127.0.0.0/8'] })).rejects.toThrow();
  expect(connections).toBe(1);
  client.close();
  await new Promise((resolve) => server.close(resolve));
});
