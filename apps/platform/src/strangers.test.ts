/**
 * Every registered route, asked by everybody who has no business there: without a token, with tokens of every other kind, of another
 * session, another person, another application and another tenant. None gets anything but 401, 403 or 404, and no answer holds an id,
 * a uri or a text of the call that is being spied upon. Routes are collected as they are registered, so a new one is walked as well.
 */
import type { FastifyInstance } from 'fastify';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RegisteredRoute } from './registeredRoutes.ts';
import { addressOf, kindOf, type RouteKind } from './testing/addresses.ts';
import type { Call } from './testing/injectedCall.ts';
import { openTwoTenants, type TwoTenants } from './testing/twoTenants.ts';

/** Routes that answer anybody, and why. */
const publicRoutes: Readonly<Record<string, string>> = {
  'GET /healthz': 'says whether the process lives',
  'GET /readyz': 'says whether it takes requests',
  'GET /metrics': 'counts without saying of whom',
  'GET /openapi.json': 'describes the interface',
  'GET /oauth2/keys': 'public keys',
  'POST /oauth2/token': 'says that a tenant has to be named',
  'POST /oauth2/:tenant/token': 'is where tokens come from',
  'GET /platformservice/discover': 'is where everything begins',
  'GET /autodiscover/root': 'is where people begin',
};
/** Answers that are about the caller himself. */
const ownRoutes = ['/ucwa/oauth/v1/user'];
/** Routes of one's own tenant, which everybody of it may ask. */
const ownTenants = [/^\/ucwa\/oauth\/v1\/applications\/:id\/people\//];

let routes: readonly RegisteredRoute[];
let app: FastifyInstance;
let two: TwoTenants;
let victim: Call;
let other: Call;
let foreign: Call;
let strangers: readonly Stranger[];

/** Somebody with a token of his own, which is good for what is his. */
interface Stranger {
  readonly name: string;
  readonly kind: RouteKind;
  readonly token?: string;
  /** His own call, whose ids stand in the path while the victim's stand behind it. */
  readonly own?: Call;
  readonly isOfTenant: boolean;
}

beforeAll(async () => {
  two = await openTwoTenants();
  app = two.platform.app;
  routes = app.registeredRoutes;
  victim = await two.bridge('contoso.com', 'alpha');
  // A second visit of the same tenant, with the same helpdesk and the same agent; what is common to both is no secret of one.
  other = await two.bridge('contoso.com', 'beta');
  foreign = await two.bridge('fabrikam.com', 'gamma');
  strangers = [
    { name: 'nobody', kind: 'nobody', isOfTenant: false },
    { name: 'rubbish', kind: 'nobody', token: 'rubbish', isOfTenant: false },
    { name: 'the SA of another tenant', kind: 'service', token: foreign.serviceToken, own: foreign, isOfTenant: false },
    {
      name: 'another SA of the tenant',
      kind: 'service',
      token: await two.serviceToken('contoso.com', 'other'),
      isOfTenant: true,
    },
    {
      name: 'a visitor of another tenant',
      kind: 'anonymous',
      token: foreign.visitor.token,
      own: foreign,
      isOfTenant: false,
    },
    { name: 'another visitor', kind: 'anonymous', token: other.visitor.token, own: other, isOfTenant: true },
    { name: 'an agent of another tenant', kind: 'agent', token: foreign.agent.token, own: foreign, isOfTenant: false },
    {
      name: 'another agent',
      kind: 'agent',
      token: await two.agentToken('contoso.com', 'sip:bob@contoso.com'),
      isOfTenant: true,
    },
  ];
});

/** Whatever any route asks for, so that nothing is refused only because it is missing. */
const bodyFor = (call: Call, isOfTenant: boolean): object => ({
  operationId: `spy-${Math.random().toString(36).slice(2)}`,
  to: call.agent.uri,
  displayName: 'Spy',
  participantUri: 'sip:bob@contoso.com',
  messageFilterState: 'Disabled',
  // Whoever is of the tenant may come to its meetings, so he names one that is not there.
  onlineMeetingUri: isOfTenant ? `${call.meetingUri}X` : call.meetingUri,
  applicationSessionId: 'spy',
  allowedOrigins: 'https://shop.example',
  supportedModalities: ['Messaging'],
});

const isPublic = ({ method, url }: RegisteredRoute): boolean => publicRoutes[`${method} ${url}`] !== undefined;

/** What stands in the path besides the caller's own application. */
const namesMore = (url: string): boolean => /:(?!id\b|applicationId\b|tgt\b)\w+|:(tgt|id)\/.*Invitations$/.test(url);

interface Attempt {
  readonly who: Call;
  readonly isLeg: boolean;
}

/** All of the victim's addresses; and behind addresses of his own, the victim's ids. */
function attemptsOf({ kind, own, isOfTenant }: Stranger, url: string): Attempt[] {
  const isItsKind = kind === kindOf(url);
  if (kind !== 'nobody' && ownRoutes.includes(url)) return [];
  const asVictim = /:(id|applicationId|tgt)\b|endpointId/.test(url) || !isItsKind || kind === 'service';
  const legs = kind === 'service' && url.includes(':conversationId') ? [true, false] : [true];
  const mayAsk = isOfTenant && ownTenants.some((pattern) => pattern.test(url));
  return [
    ...(asVictim ? legs.map((isLeg) => ({ who: victim, isLeg })) : []),
    ...(own !== undefined && isItsKind && namesMore(url) && !mayAsk ? legs.map((isLeg) => ({ who: own, isLeg })) : []),
  ];
}

async function spy(stranger: Stranger, { method, url }: RegisteredRoute): Promise<string[]> {
  const found: string[] = [];
  for (const { who, isLeg } of attemptsOf(stranger, url)) {
    const href = addressOf(url, who, victim, isLeg);
    const isText = url.endsWith('/messaging/messages');
    const answer = await two.send(method, href, {
      ...(stranger.token === undefined ? {} : { token: stranger.token }),
      ...(method === 'GET' || method === 'DELETE'
        ? {}
        : { body: isText ? 'spying' : bodyFor(victim, stranger.isOfTenant) }),
      headers: isText ? { 'content-type': 'text/plain' } : {},
    });
    const told = victim.secrets.filter((secret) => answer.body.includes(secret));
    if (![401, 403, 404].includes(answer.status)) found.push(`${stranger.name}: ${method} ${href} -> ${answer.status}`);
    if (told.length > 0) found.push(`${stranger.name}: ${method} ${href} tells ${told.join()}`);
  }
  return found;
}

test('the list of public routes names only routes that are there', () => {
  const names = routes.map(({ method, url }) => `${method} ${url}`);
  expect(Object.keys(publicRoutes).filter((name) => !names.includes(name))).toEqual([]);
  expect(routes.length).toBeGreaterThan(100);
});

describe('every route that is not public', () => {
  test('opens to nobody but its own', async () => {
    const found: string[] = [];
    for (const route of routes.filter((one) => !isPublic(one) && one.method !== 'OPTIONS')) {
      for (const stranger of strangers) found.push(...(await spy(stranger, route)));
    }
    expect(found).toEqual([]);
  }, 120_000);

  test('answers its owner, so that the walk above was not along closed doors', async () => {
    const owners = { service: victim.serviceToken, anonymous: victim.visitor.token, agent: victim.agent.token };
    const opened: string[] = [];
    for (const { method, url } of routes.filter((one) => one.method === 'GET' && !isPublic(one))) {
      const kind = kindOf(url);
      if (kind === 'nobody' || url.endsWith('/events')) continue;
      const answers = await Promise.all(
        [true, false].map((isLeg) => two.send(method, addressOf(url, victim, victim, isLeg), { token: owners[kind] })),
      );
      if (answers.some(({ status }) => status === 200)) opened.push(url);
    }
    expect(opened.length).toBeGreaterThan(40);
  }, 60_000);
});

test('public routes tell nothing of the call either', async () => {
  for (const { method, url } of routes.filter(isPublic)) {
    // Without a query: discover repeats it in its own address.
    const [path = ''] = addressOf(url, victim, victim, true).split('?');
    const answer = await two.send(method, path);
    for (const secret of victim.secrets) expect(answer.body, `${method} ${url}`).not.toContain(secret);
    expect(answer.status, `${method} ${url}`).toBeLessThan(500);
  }
});

test('a path has the methods that it has: others are refused without a word about it', async () => {
  const found: string[] = [];
  for (const url of new Set(routes.map((route) => route.url))) {
    const known = routes.filter((route) => route.url === url).map(({ method }) => method);
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'].filter(
      (one) => !known.includes(one),
    )) {
      const answer = await two.send(method, addressOf(url, victim, victim, true));
      if (![204, 401, 403, 404, 405].includes(answer.status)) found.push(`${method} ${url} -> ${answer.status}`);
      if (victim.secrets.some((secret) => answer.body.includes(secret))) found.push(`${method} ${url} tells`);
    }
  }
  expect(app.hasRoute({ method: 'GET', url: '/healthz' })).toBe(true);
  expect(found).toEqual([]);
}, 60_000);
