import { afterAll, expect, it, vi } from 'vitest';
import type { ServiceApp } from '../../../../serviceApp/serviceApp.ts';
import { shareServiceApp } from '../../../../serviceApp/wiring.ts';
import { GET } from './route.ts';

vi.mock('../../../../auth/session.ts', () => ({ signedInPerson: async () => undefined }));
afterAll(() => shareServiceApp(undefined));

it('an answer, also a refusal, is kept by no cache', async () => {
  shareServiceApp({ webUrl: 'http://localhost:3000' } as ServiceApp);
  const response = await GET(new Request('http://localhost:3000/api/trpc/transcripts.bySession'));
  expect(response.status).toBe(401);
  expect(response.headers.get('Cache-Control')).toBe('no-store');
});
