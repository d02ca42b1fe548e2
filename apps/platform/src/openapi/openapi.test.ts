/** The description of the interface is valid, complete, and true: what the platform answers is what it describes. */

import { wordOf } from '@repo/ucwa-protocol/rels';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { RegisteredRoute } from '../registeredRoutes.ts';
import { addressOf, kindOf } from '../testing/addresses.ts';
import type { Call } from '../testing/injectedCall.ts';
import { operatorToken } from '../testing/testPlatform.ts';
import { type Answer, openTwoTenants, type TwoTenants } from '../testing/twoTenants.ts';
import { type Description, descriptionKey } from './describe.ts';
import { descriptions } from './descriptions.ts';
import * as resources from './resourceSchemas.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly answer: Answer;
}
const seen: Seen[] = [];
let two: TwoTenants;
let call: Call;
let routes: readonly RegisteredRoute[];

beforeAll(async () => {
  two = await openTwoTenants({}, (method, url, answer) => seen.push({ method, url, answer }));
  routes = two.platform.app.registeredRoutes.filter(({ method }) => method !== 'OPTIONS');
  call = await two.bridge('contoso.com', 'described');
  await walk();
});
afterAll(() => two.platform.app.close());

const tokenFor = (url: string): string =>
  ({ service: call.serviceToken, anonymous: call.visitor.token, agent: call.agent.token, nobody: operatorToken })[
    kindOf(url)
  ];

/** Everything that can be looked at, once from the leg and once from the meeting; then what a body tells. */
async function walk(): Promise<void> {
  const get = (url: string, isLeg: boolean): Promise<Answer> =>
    two.send('GET', addressOf(url, call, call, isLeg), { token: tokenFor(url) });
  for (const { url } of routes.filter(({ method }) => method === 'GET')) {
    await get(url, true);
    if (kindOf(url) === 'service' && url.includes(':conversationId')) await get(url, false);
  }
  const service = `/platformservice/v1/applications/${call.applicationId}`;
  const query = `?endpointId=${call.endpointUri}`;
  const token = call.serviceToken;
  const made = await two.send('POST', `${service}/adhocMeetings${query}`, { token, body: { subject: 'Described' } });
  const [path = ''] = String(made.headers.location).split('?');
  await two.send('GET', `${path}${query}`, { token });
  await two.send('GET', '/ucwa/oauth/v1/applications', { token: call.agent.token });
  const { agent } = call;
  const mine = `/ucwa/oauth/v1/applications/${agent.id}`;
  await two.send('GET', `${mine}/people/search?query=ann`, { token: agent.token });
  await calledIn(service, query);
  const tenant = '/management/tenants/contoso.com';
  await two.send('GET', `${tenant}/endpoints/${call.endpointUri}`, { token: operatorToken });
  await two.send('GET', `${tenant}/callbacks/${call.legId}`, { token: operatorToken });
  await two.send('PUT', tenant, { token: operatorToken, body: { xframeOrigins: ['https://old.example'] } });
  await two.send('GET', '/autodiscover/xframe', { headers: { referer: 'https://old.example/page' } });
  await two.send('POST', '/management/signingKeys', { token: operatorToken, body: {} });
  const secrets = '/management/tenants/contoso.com/applications/desk/secrets';
  await two.send('POST', secrets, { token: operatorToken, body: {} });
}

/** People are called in, with and without a leg in the meeting, and the calls are looked at. */
async function calledIn(service: string, query: string): Promise<void> {
  const token = call.serviceToken;
  const invitations = `/platformservice/${call.tgt}/v1/applications/${call.applicationId}/communication/participantInvitations`;
  const to = 'sip:bob@contoso.com';
  const { meetingLegId, meetingUri: onlineMeetingUri } = call;
  for (const [url, body] of [
    [`${invitations}${query}&conversationId=${meetingLegId}`, { operationId: 'in', to }],
    [`${service}/communication/userMeetingInvitations${query}`, { operationId: 'user', to, onlineMeetingUri }],
  ] as const) {
    const started = await two.send('POST', url, { token, body });
    await two.send('GET', String(started.headers.location), { token });
  }
}

/** The route behind an address, the one with most fixed words. */
function routeOf({ method, url }: Seen): RegisteredRoute | undefined {
  const path = url.split('?')[0] ?? '';
  const fits = (pattern: string): boolean =>
    new RegExp(`^${pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')}$`, 'i').test(path);
  return routes
    .filter((route) => route.method === method && fits(route.url))
    .sort((a, b) => a.url.split(':').length - b.url.split(':').length)[0];
}

function schemaFor(description: Description, status: number): z.ZodType | undefined {
  if (status === 200) return description.shows ?? description.answers?.[200]?.schema;
  if (status === 201) return description.makes === true ? z.null() : description.makes;
  if (status === 204) return description.acts === true ? z.null() : undefined;
  return status >= 400 ? (description.answers?.[status]?.schema ?? resources.error) : undefined;
}

const byWord = new Map<string, z.ZodType>(Object.entries(resources));

/** Every resource that is embedded anywhere. */
function embeddedIn(value: unknown): { readonly rel: string }[] {
  if (Array.isArray(value)) return value.flatMap(embeddedIn);
  if (typeof value !== 'object' || value === null) return [];
  const { _embedded: embedded = {}, ...rest } = value as Record<string, unknown>;
  const own = Object.values(embedded as object)
    .flat()
    .filter((one): one is { rel: string } => typeof one?.rel === 'string');
  return [...own, ...Object.values(rest).flatMap(embeddedIn), ...own.flatMap(embeddedIn)];
}

/** What the schema leaves out or refuses. */
function difference(schema: z.ZodType, value: unknown): unknown {
  const read = schema.safeParse(value);
  return read.success ? { read: read.data } : { wrong: z.prettifyError(read.error), value };
}

test('it is valid OpenAPI 3.1', async () => {
  const { body, status } = await two.send('GET', '/openapi.json');
  expect(status).toBe(200);
  const document = JSON.parse(body) as { openapi: string };
  expect(document.openapi).toBe('3.1.0');
  const validator = new Validator();
  expect(await validator.validate(document)).toEqual({ valid: true });
  // Nothing refers to what is not there.
  expect(JSON.stringify(validator.resolveRefs())).not.toContain('"$ref"');
});

test('every route is in it, described, and nothing else is', async () => {
  const { paths } = JSON.parse((await two.send('GET', '/openapi.json')).body) as {
    paths: Record<string, Record<string, { summary?: string; operationId: string }>>;
  };
  const listed = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const registered = routes.map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
  expect(listed.toSorted()).toEqual(registered.toSorted());
  const keys = routes.map(({ method, url }) => descriptionKey(method, url));
  expect(keys.filter((key) => descriptions[key] === undefined)).toEqual([]);
  expect(Object.keys(descriptions).filter((key) => !keys.includes(key))).toEqual([]);
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  expect(operations.filter(({ summary }) => !summary)).toEqual([]);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
});

test('every answer says what it is, and which headers to read', async () => {
  const text = (await two.send('GET', '/openapi.json')).body;
  expect(text).not.toContain('Default Response');
  expect(text).not.toContain(String(Number.MAX_SAFE_INTEGER));
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Operation>> };
  const counted: string[] = [];
  for (const [path, methods] of Object.entries(paths))
    for (const [method, { responses }] of Object.entries(methods)) {
      const what = `${method} ${path}`;
      for (const [status, { description, headers = {} }] of Object.entries(responses)) {
        expect(description, what).toMatch(/\S/);
        for (const { schema, ...more } of Object.values(headers)) {
          expect(Object.keys(more), what).toEqual(['description']);
          expect(Object.keys(schema), `${what} ${status}`).toEqual(['type']);
        }
      }
      const names = (status: number): string[] => Object.keys(responses[status]?.headers ?? {});
      if (responses[201] !== undefined && !path.startsWith('/management/'))
        expect(names(201), what).toEqual(['Location']);
      if (path !== '/healthz') expect(names(503), what).toEqual(['Retry-After']);
      if (responses[429] === undefined) continue;
      expect(names(429), what).toEqual(['Retry-After']);
      counted.push(what);
    }
  expect(counted).toContain('post /oauth2/{tenant}/token');
  expect(counted).toContain('post /ucwa/psanon/v1/applications/{id}/batch');
});

interface Operation {
  readonly responses: Readonly<
    Record<string, { description?: string; headers?: Readonly<Record<string, { schema: object }>> }>
  >;
}

describe('what was answered in a whole call is what is described', () => {
  test('bodies', () => {
    const checked = new Set<string>();
    for (const one of seen) {
      const route = routeOf(one);
      if (route === undefined || one.answer.status === 401) continue;
      const key = descriptionKey(route.method, route.url);
      const schema = schemaFor(descriptions[key] as Description, one.answer.status);
      const what = `${one.method} ${one.url} ${one.answer.status}`;
      expect(schema, what).toBeDefined();
      const isJson = String(one.answer.headers['content-type']).includes('json');
      const value: unknown = isJson ? JSON.parse(one.answer.body) : one.answer.body === '' ? null : one.answer.body;
      expect(difference(schema as z.ZodType, value), what).toEqual({ read: value });
      if (one.answer.status < 300) checked.add(key);
    }
    // Of every resource at least one was seen.
    const unseen = Object.keys(descriptions).filter((key) => key.startsWith('GET ') && !checked.has(key));
    expect(unseen).toEqual([]);
  });

  test('embedded resources, also those of events', () => {
    const found = seen
      .filter(({ answer }) => String(answer.headers['content-type']).includes('json'))
      .flatMap(({ answer }) => embeddedIn(JSON.parse(answer.body)));
    expect(found.length).toBeGreaterThan(50);
    for (const resource of found) {
      const schema = byWord.get(wordOf(resource.rel));
      expect(schema, resource.rel).toBeDefined();
      expect(difference(schema as z.ZodType, resource), resource.rel).toEqual({ read: resource });
    }
  });
});
