import { expect, test } from 'vitest';
import { startTestPlatform } from '../testing/testPlatform.ts';

test('/readyz says 503 while the store refuses commits, and 200 when it takes them again', async () => {
  let isFull = true;
  const checkCommits = async (): Promise<void> => {
    if (isFull) throw new Error('no room');
  };
  const { app } = await startTestPlatform({ operations: { checkCommits } });
  const refused = await app.inject('/readyz');
  expect(refused.statusCode).toBe(503);
  expect(refused.headers['retry-after']).toBe('2');
  expect(refused.json()).toMatchObject({ message: 'The store refuses commits' });
  expect((await app.inject('/healthz')).statusCode).toBe(200);
  isFull = false;
  expect((await app.inject('/readyz')).statusCode).toBe(200);
  await app.close();
});
