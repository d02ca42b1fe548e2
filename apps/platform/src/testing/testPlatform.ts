/** A platform for unit tests: no port, no disk, a clock that stands still, and the tenant contoso.com set up. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { type AppOptions, buildApp } from '../app.ts';
import { loadKeys } from '../auth/keys.ts';
import { fileSecrets } from '../auth/secretStore.ts';
import { openMemoryStore } from '../store/memory.ts';
import type { Store } from '../store/store.ts';
import { createManualClock, type ManualClock } from './manualClock.ts';

export const publicUrl = 'http://platform.example';
export const operatorToken = 'operator-token-of-the-tests';
export const clientSecret = 'secret-of-the-service-application';
export const helpdesk = 'sip:helpdesk@contoso.com';
export const visitorOrigin = 'https://shop.example';
export const deskOrigin = 'https://desk.example';
const secretsFolder = mkdtempSync(join(tmpdir(), 'bridgedesk-keys-'));

export interface TestPlatform {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly clock: ManualClock;
  serviceToken(clientId?: string): Promise<string>;
  agentToken(uri: string): Promise<string>;
  /** Path of the SA's application. */
  readonly applicationPath: string;
  visitorToken(applicationSessionId?: string): Promise<{ token: string; discoverHref: string }>;
}

export async function startTestPlatform(options: Partial<AppOptions> = {}): Promise<TestPlatform> {
  const clock = (options.clock as ManualClock | undefined) ?? createManualClock();
  const store = options.store ?? openMemoryStore();
  const app = await buildApp({
    publicUrl,
    secretsFolder,
    operatorToken,
    post: async () => new Response(null, { status: 200 }),
    keys: await loadKeys(fileSecrets(secretsFolder), clock),
    ...options,
    store,
    clock,
  });
  const applicationId = await setUp(app);
  const applicationPath = `/platformservice/v1/applications/${applicationId}`;
  const form = async (fields: Record<string, string>): Promise<string> => {
    const answer = await app.inject({
      method: 'POST',
      url: '/oauth2/contoso.com/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(fields).toString(),
    });
    return String(answer.json<{ access_token?: string }>().access_token);
  };
  const serviceToken = (clientId = 'desk'): Promise<string> =>
    form({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret });
  return {
    app,
    store,
    clock,
    serviceToken,
    applicationPath,
    agentToken: async (uri) =>
      form({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: await serviceToken(),
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        requested_subject: uri,
      }),
    visitorToken: async (applicationSessionId = 'session-1') => {
      const answer = await app.inject({
        method: 'POST',
        url: `${applicationPath}/anonApplicationTokens?endpointId=${helpdesk}`,
        headers: { authorization: `Bearer ${await serviceToken()}` },
        payload: { applicationSessionId, allowedOrigins: visitorOrigin },
      });
      const { token, _links } = answer.json<{ token: string; _links: Record<string, { href: string }> }>();
      return { token, discoverHref: String(_links['ms:rtc:saas:discover']?.href) };
    },
  };
}

async function setUp(app: FastifyInstance): Promise<string> {
  const put = (path: string, payload: object): Promise<{ json<T>(): T }> =>
    app.inject({
      method: 'PUT',
      url: `/management/tenants/contoso.com${path}`,
      headers: { authorization: `Bearer ${operatorToken}` },
      payload,
    });
  const application = { displayName: 'Desk', audience: 'https://desk.example', clientSecret, actForUsers: true };
  await put('', { displayName: 'Contoso', allowedOrigins: [deskOrigin] });
  await put('/applications/desk', { ...application, callbackHosts: ['sa.example'] });
  await put('/applications/other', { ...application, callbackHosts: ['sa.example'] });
  await put('/people/sip:ann@contoso.com', { displayName: 'Ann' });
  const endpoint = { displayName: 'Help desk', callbackUrl: 'https://sa.example/callback' };
  await put('/endpoints/sip:sales@contoso.com', { ...endpoint, clientId: 'other' });
  const answer = await put(`/endpoints/${helpdesk}`, { ...endpoint, clientId: 'desk' });
  return answer.json<{ applicationId: string }>().applicationId;
}
