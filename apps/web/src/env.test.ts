import { afterEach, expect, it, vi } from 'vitest';
import { readEnv } from './env.ts';

const complete = {
  DATA_DIR: '/data',
  DATABASE_URL: '',
  NEXTAUTH_SECRET: 'x'.repeat(32),
  NEXTAUTH_URL: 'http://localhost:3000/',
  PLATFORM_URL: 'http://localhost:3001',
  TENANT_DOMAIN: 'contoso.com',
  HELPDESK_URI: '',
  SERVICE_CLIENT_ID: 'sa',
  SERVICE_CLIENT_SECRET: 'secret',
  CALLBACK_AUDIENCE: 'https://bridgedesk.contoso.com',
  DEMO_FILE: '',
  LOG_LEVEL: '',
};

function set(values: Record<string, string>): void {
  for (const [name, value] of Object.entries({ ...complete, ...values })) vi.stubEnv(name, value);
}

afterEach(() => vi.unstubAllEnvs());

it('reads a complete environment; an empty text counts as not set', () => {
  set({});
  expect(readEnv()).toMatchObject({ NEXTAUTH_URL: 'http://localhost:3000', LOG_LEVEL: 'info' });
  expect(readEnv().DATABASE_URL).toBeUndefined();
});

it('names what is missing or wrong, and shows no value', () => {
  set({ NEXTAUTH_SECRET: 'short', PLATFORM_URL: '', DATABASE_URL: 'mysql://root:pw@db' });
  expect(() => readEnv()).toThrow(/^environment variables are missing or wrong: [^:]*$/);
  expect(() => readEnv()).toThrow(/DATABASE_URL.*NEXTAUTH_SECRET.*PLATFORM_URL/);
});
