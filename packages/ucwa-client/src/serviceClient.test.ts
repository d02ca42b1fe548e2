import { describe, expect, it } from 'vitest';
import { createServiceClient } from './serviceClient.ts';
import { createManualClock } from './testing/manualClock.ts';

/** The platform's service face, as far as the client reads it: each path has its answer. */
function serve(
  answers: Readonly<Record<string, { readonly status?: number; readonly body?: unknown; readonly location?: string }>>,
) {
  const seen: { readonly what: string; readonly body: unknown; readonly headers: Headers }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const { host, pathname, search } = new URL(String(input));
    seen.push({
      what: `${init.method} ${host}${pathname}${search}`,
      body: init.body,
      headers: new Headers(init.headers),
    });
    const answer = answers[`${init.method} ${pathname}`] ?? { status: 404, body: { code: 'NotFound' } };
    return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), {
      status: answer.status ?? 200,
      headers: answer.location === undefined ? {} : { Location: answer.location },
    });
  };
  const client = createServiceClient({
    fetch,
    clock: createManualClock(),
    discoverHref: 'https://api.test/platformservice/discover',
    endpointId: 'sip:helpdesk@contoso.com',
    token: () => 'T',
  });
  return { client, seen };
}

const ep = 'endpointId=sip:helpdesk@contoso.com';
const app = '/platformservice/v1/applications/1393347000';

function platform(prefix: string) {
  const anonApplicationTokens = { href: `${app}/anonApplicationTokens?${ep}` };
  return {
    'GET /platformservice/discover': {
      body: { _links: { [`${prefix}applications`]: { href: 'https://ring2.test/platformservice/v1/applications' } } },
    },
    'GET /platformservice/v1/applications': {
      body: { _links: { [`${prefix}application`]: { href: `${app}?${ep}` } } },
    },
    [`GET ${app}`]: {
      body: { rel: `${prefix}application`, _links: { [`${prefix}anonApplicationTokens`]: anonApplicationTokens } },
    },
    [`POST ${app}/anonApplicationTokens`]: {
      body: {
        token: 'psat=abc',
        expiryTime: '/Date(1488872625837)/',
        _links: {
          self: { href: 'https://api.test/x' },
          [`${prefix}discover`]: { href: 'https://api.test/platformService/discover?anonymousContext=psat%253dabc' },
        },
      },
    },
  };
}

describe('the service application', () => {
  it.each(['ms:rtc:saas:', 'service:'])('gets an anonymous token by links, prefix %s', async (prefix) => {
    const { client, seen } = serve(platform(prefix));
    const issued = await client.issueAnonToken({
      applicationSessionId: 'hds_0123456789abcdef',
      allowedOrigins: ['https://contoso.com', 'http://localhost:3002'],
    });
    expect(issued).toEqual({
      token: 'psat=abc',
      expiryTimeMs: 1488872625837,
      discoverHref: 'https://api.test/platformService/discover?anonymousContext=psat%253dabc',
    });
    expect(seen.map(({ what }) => what)).toEqual([
      'GET api.test/platformservice/discover',
      'GET ring2.test/platformservice/v1/applications?endpointId=sip%3Ahelpdesk%40contoso.com',
      `GET ring2.test${app}?${ep}`,
      `POST ring2.test${app}/anonApplicationTokens?${ep}`,
    ]);
    expect(seen.every(({ headers }) => headers.get('Authorization') === 'Bearer T')).toBe(true);
    expect(JSON.parse(String(seen[3]?.body))).toEqual({
      applicationSessionId: 'hds_0123456789abcdef',
      allowedOrigins: 'https://contoso.com;http://localhost:3002',
    });
  });

  it('learns that a capability was not granted', async () => {
    const { client } = serve({ ...platform('service:'), [`GET ${app}`]: { body: { _links: {} } } });
    const refused = client.issueAnonToken({ applicationSessionId: 'x', allowedOrigins: [] });
    await expect(refused).rejects.toMatchObject({ code: 'LinkNotAvailable', rel: 'anonApplicationTokens' });
  });

  it('does not take half a token', async () => {
    const { client } = serve({
      ...platform(''),
      [`POST ${app}/anonApplicationTokens`]: { body: { token: 'psat=abc' } },
    });
    const refused = client.issueAnonToken({ applicationSessionId: 'x', allowedOrigins: [] });
    await expect(refused).rejects.toMatchObject({ code: 'MalformedAnswer' });
  });

  it('sends commands to the hrefs of callbacks, with and without a body', async () => {
    const { client, seen } = serve({
      'POST /c/accept': { status: 200 },
      'POST /c/messages': { status: 201, location: '/c/messages/2' },
      'POST /c/terminate': { status: 204 },
      'PUT /c/b/ann': { status: 204 },
      'DELETE /c': { status: 204 },
      'GET /c': { body: { rel: 'ms:rtc:saas:conversation' } },
    });
    expect(await client.post('https://api.test/c/accept', { onlineMeetingUri: 'sip:m' })).toMatchObject({
      status: 200,
    });
    expect(await client.post(`https://api.test/c/terminate?${ep}`)).toMatchObject({ status: 204 });
    expect(await client.put('https://api.test/c/b/ann', { displayName: 'Ann' })).toMatchObject({ status: 204 });
    const sent = await client.sendText(`https://api.test/c/messages?${ep}`, 'Welcome', 'hds_1:sendMessage:1');
    expect(sent.location).toBe('https://api.test/c/messages/2');
    await client.delete('https://api.test/c');
    await client.delete('https://api.test/gone');
    expect(await client.get('https://api.test/c')).toEqual({ rel: 'ms:rtc:saas:conversation' });
    expect(seen.map(({ what }) => what)).toEqual([
      'POST api.test/c/accept?endpointId=sip%3Ahelpdesk%40contoso.com',
      `POST api.test/c/terminate?${ep}`,
      'PUT api.test/c/b/ann?endpointId=sip%3Ahelpdesk%40contoso.com',
      `POST api.test/c/messages?${ep}&operationId=hds_1%3AsendMessage%3A1`,
      'DELETE api.test/c?endpointId=sip%3Ahelpdesk%40contoso.com',
      'DELETE api.test/gone?endpointId=sip%3Ahelpdesk%40contoso.com',
      'GET api.test/c?endpointId=sip%3Ahelpdesk%40contoso.com',
    ]);
    expect(seen[1]?.headers.has('Content-Type')).toBe(false);
    expect(seen[3]).toMatchObject({ body: 'Welcome' });
  });
});
