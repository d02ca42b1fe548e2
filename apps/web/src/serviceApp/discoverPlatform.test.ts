import { createServiceClient } from '@repo/ucwa-client/serviceClient';
import { createManualClock } from '@repo/ucwa-client/testing/manualClock';
import { describe, expect, it, vi } from 'vitest';
import { createDiscovery } from './discoverPlatform.ts';
import { issueAnonToken } from './issueAnonToken.ts';

const endpointUri = 'sip:helpdesk@contoso.com';
const ep = 'endpointId=sip:helpdesk@contoso.com';
const escapedEp = 'endpointId=sip%3Ahelpdesk%40contoso.com';
const app = '/platformservice/v1/applications/1393347000';
const visit = {
  applicationSessionId: 'hds_0123456789abcdef',
  origin: 'https://contoso.com',
  allowedOrigins: ['https://contoso.com', 'https://shop.contoso.com'],
};

type Answers = Readonly<Record<string, unknown>>;

/** The platform's service face as far as it is read here: each path has its answer. */
function serve(answers: Answers, refusesStrangers = true) {
  const seen: string[] = [];
  const bodies: unknown[] = [];
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const { host, pathname, search } = new URL(String(input));
    const name = `${init.method} ${pathname}`;
    const known = new Headers(init.headers).has('Authorization');
    seen.push(`${init.method} ${host}${pathname}${search}${known ? '' : ' as a stranger'}`);
    if (typeof init.body === 'string') bodies.push(JSON.parse(init.body));
    if (refusesStrangers && !known && !name.endsWith('/discover')) return new Response('', { status: 401 });
    return name in answers ? Response.json(answers[name]) : Response.json({ code: 'NotFound' }, { status: 404 });
  };
  const clock = createManualClock();
  const warn = vi.fn();
  const discoverHref = 'https://api.test/platformservice/discover';
  const deps = {
    clock,
    service: createServiceClient({ fetch, clock, discoverHref, token: () => 'T' }),
    log: { debug: vi.fn(), info: vi.fn(), warn, error: vi.fn() },
  };
  return { deps, clock, seen, bodies, warn, discover: createDiscovery(deps) };
}

function platform(prefix: string): Answers {
  return {
    'GET /platformservice/discover': {
      _links: { [`${prefix}applications`]: { href: 'https://ring2.test/platformservice/v1/applications' } },
    },
    'GET /platformservice/v1/applications': { _links: { [`${prefix}application`]: { href: `${app}?${ep}` } } },
    [`GET ${app}`]: {
      rel: `${prefix}application`,
      _links: { [`${prefix}anonApplicationTokens`]: { href: `${app}/anonApplicationTokens?${ep}` } },
      _embedded: { [`${prefix}adhocMeetings`]: {} },
    },
    [`POST ${app}/anonApplicationTokens`]: {
      token: 'psat=abc',
      expiryTime: '/Date(1488872625837)/',
      _links: { [`${prefix}discover`]: { href: '/platformService/discover?anonymousContext=psat%253dabc' } },
    },
  };
}

describe('the service application', () => {
  it.each(['ms:rtc:saas:', 'service:'])('gets a visitor’s token by links, prefix %s', async (prefix) => {
    const { deps, discover, seen, bodies, warn } = serve(platform(prefix));
    const found = await discover(endpointUri);
    expect(found.capabilities).toEqual({
      anonApplicationTokens: true,
      adhocMeetings: true,
      inviteUserToMeeting: false,
    });
    expect(await issueAnonToken(deps, found, visit)).toEqual({
      token: 'psat=abc',
      expiresAtMs: 1488872625837,
      discoverHref: 'https://ring2.test/platformService/discover?anonymousContext=psat%253dabc',
    });
    expect(seen).toEqual([
      'GET api.test/platformservice/discover as a stranger',
      `GET ring2.test/platformservice/v1/applications?${escapedEp} as a stranger`,
      `GET ring2.test/platformservice/v1/applications?${escapedEp}`,
      `GET ring2.test${app}?${ep}`,
      `POST ring2.test${app}/anonApplicationTokens?${ep}`,
    ]);
    expect(bodies).toEqual([{ applicationSessionId: 'hds_0123456789abcdef', allowedOrigins: 'https://contoso.com' }]);
    expect(warn).not.toHaveBeenCalled();
  });

  it('asks for every allowed page when no page asked', async () => {
    const { deps, discover, bodies } = serve(platform(''));
    await issueAnonToken(deps, await discover(endpointUri), { ...visit, origin: undefined });
    expect(bodies).toMatchObject([{ allowedOrigins: 'https://contoso.com;https://shop.contoso.com' }]);
  });

  it('uses what it found for a minute', async () => {
    const { discover, clock, seen } = serve(platform(''));
    const first = await discover(endpointUri);
    await clock.advance(59_999);
    expect(await discover(endpointUri)).toBe(first);
    await clock.advance(1);
    expect(await discover(endpointUri)).not.toBe(first);
    expect(seen).toHaveLength(8);
  });

  it('says so when the platform lets strangers in, and goes on', async () => {
    const { discover, warn } = serve(platform(''), false);
    expect((await discover(endpointUri)).capabilities.adhocMeetings).toBe(true);
    expect(warn).toHaveBeenCalledOnce();
  });

  it('learns that a capability was not granted', async () => {
    const { deps, discover } = serve({ ...platform('service:'), [`GET ${app}`]: { _links: {} } });
    const found = await discover(endpointUri);
    expect(found.capabilities.anonApplicationTokens).toBe(false);
    await expect(issueAnonToken(deps, found, visit)).rejects.toMatchObject({
      code: 'LinkNotAvailable',
      rel: expect.stringContaining('anonApplicationTokens'),
    });
  });

  it('does not take half a token', async () => {
    const { deps, discover } = serve({ ...platform(''), [`POST ${app}/anonApplicationTokens`]: { token: 'psat=abc' } });
    await expect(issueAnonToken(deps, await discover(endpointUri), visit)).rejects.toMatchObject({
      code: 'MalformedAnswer',
    });
  });
});
