import { expect, it, vi } from 'vitest';
import { RefusalError } from '../../serviceApp/errors.ts';
import { refusal } from './refusal.ts';

it('issue 2: a refusal thrown by another copy of the module keeps its status (Next bundles routes apart)', async () => {
  vi.resetModules();
  const other = await import('../../serviceApp/errors.ts');
  const error = new other.RefusalError(503, 'later', { retryAfter: 5 });
  expect(error).not.toBeInstanceOf(RefusalError);
  const response = refusal(error);
  expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '5']);
});

it('an unforeseen error is a 500 that tells nothing', async () => {
  const response = refusal(new Error('a secret'));
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ code: 'ServiceFailure', message: 'something went wrong' });
});
