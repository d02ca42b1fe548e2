import { describe, expect, it } from 'vitest';
import { createServiceClient } from './serviceClient.ts';
import type { ServiceCommand } from './serviceCommand.ts';
import { createManualClock } from './testing/manualClock.ts';

const endpointUri = 'sip:helpdesk@contoso.com';
const ep = 'endpointId=sip:helpdesk@contoso.com';
const escapedEp = 'endpointId=sip%3Ahelpdesk%40contoso.com';
const app = '/platformservice/v1/applications/1393347000';
const applicationsHref = 'https://ring2.test/platformservice/v1/applications';
const visit = {
  applicationSessionId: 'hds_0123456789abcdef',
  allowedOrigins: ['https://contoso.com', 'http://localhost:3002'],
};

interface Given {
  readonly status?: number;
  readonly body?: unknown;
  readonly location?: string;
}

/** The platform's service face, as far as the client reads it: each path has its answer, for who has a token. */
function serve(answers: Readonly<Record<string, Given>>, strangers: Given = { status: 401 }) {
  const seen: { readonly what: string; readonly body: unknown; readonly headers: Headers }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const { host, pathname, search } = new URL(String(input));
    const headers = new Headers(init.headers);
    const known = headers.get('Authorization') === 'Bearer T';
    const what = `${init.method} ${host}${pathname}${search}`;
    seen.push({ what: known ? what : `${what} as a stranger`, body: init.body, headers });
    const found = answers[`${init.method} ${pathname}`] ?? { status: 404, body: { code: 'NotFound' } };
    const answer = known || pathname.endsWith('/discover') ? found : strangers;
    return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), {
      status: answer.status ?? 200,
      headers: answer.location === undefined ? {} : { Location: answer.location },
    });
  };
  const client = createServiceClient({
    fetch,
    clock: createManualClock(),
    discoverHref: 'https://api.test/platformservice/discover',
    token: () => 'T',
  });
  return { client, seen };
}

function platform(prefix: string): Record<string, Given> {
  const rel = (word: string) => `${prefix}${word}`;
  return {
    'GET /platformservice/discover': { body: { _links: { [rel('applications')]: { href: applicationsHref } } } },
    'GET /platformservice/v1/applications': { body: { _links: { [rel('application')]: { href: `${app}?${ep}` } } } },
    [`GET ${app}`]: {
      body: {
        rel: rel('application'),
        _links: { [rel('anonApplicationTokens')]: { href: `${app}/anonApplicationTokens?${ep}` } },
        _embedded: { [rel('adhocMeetings')]: {} },
      },
    },
    [`POST ${app}/anonApplicationTokens`]: {
      body: {
        token: 'psat=abc',
        expiryTime: '/Date(1488872625837)/',
        _links: {
          self: { href: 'https://api.test/x' },
          [rel('discover')]: { href: '/platformService/discover?anonymousContext=psat%253dabc' },
        },
      },
    },
  };
}

describe('the way to a token for a visitor', () => {
  it.each(['ms:rtc:saas:', 'service:'])('goes by links, prefix %s', async (prefix) => {
    const { client, seen } = serve(platform(prefix));
    const found = await client.discover();
    expect(found).toBe(applicationsHref);
    expect(await client.refusesStrangers(found, endpointUri)).toBe(true);
    const application = await client.application(found, endpointUri);
    expect(application.capabilities).toEqual({
      anonApplicationTokens: true,
      adhocMeetings: true,
      inviteUserToMeeting: false,
    });
    expect(await client.issueAnonToken(application, visit)).toEqual({
      token: 'psat=abc',
      expiresAtMs: 1488872625837,
      discoverHref: 'https://ring2.test/platformService/discover?anonymousContext=psat%253dabc',
    });
    expect(seen.map(({ what }) => what)).toEqual([
      'GET api.test/platformservice/discover as a stranger',
      `GET ring2.test/platformservice/v1/applications?${escapedEp} as a stranger`,
      `GET ring2.test/platformservice/v1/applications?${escapedEp}`,
      `GET ring2.test${app}?${ep}`,
      `POST ring2.test${app}/anonApplicationTokens?${ep}`,
    ]);
    expect(JSON.parse(String(seen.at(-1)?.body))).toEqual({
      applicationSessionId: 'hds_0123456789abcdef',
      allowedOrigins: 'https://contoso.com;http://localhost:3002',
    });
  });

  it('shows a platform that lets strangers in, and does not take a failure for a refusal', async () => {
    const open = serve(platform(''), { body: {} });
    expect(await open.client.refusesStrangers(applicationsHref, endpointUri)).toBe(false);
    const named = serve(platform(''), { status: 401, body: { code: 'Unauthorized' } });
    expect(await named.client.refusesStrangers(applicationsHref, endpointUri)).toBe(true);
    const broken = serve(platform(''), { status: 500 });
    const asked = broken.client.refusesStrangers(applicationsHref, endpointUri);
    await expect(asked).rejects.toMatchObject({ code: 'ServerError', retryable: true });
  });

  it('ends where a capability was not granted', async () => {
    const { client } = serve({ ...platform('service:'), [`GET ${app}`]: { body: { _links: {} } } });
    const application = await client.application(applicationsHref, endpointUri);
    expect(application.capabilities.anonApplicationTokens).toBe(false);
    await expect(client.issueAnonToken(application, visit)).rejects.toMatchObject({
      code: 'LinkNotAvailable',
      rel: 'anonApplicationTokens',
    });
    await expect(serve({}).client.application(applicationsHref, endpointUri)).rejects.toMatchObject({ status: 404 });
  });

  it.each([
    { token: 'psat=abc' },
    { expiryTime: '/Date(1488872625837)/' },
    { token: 'psat=abc', expiryTime: 'soon' },
    undefined,
  ])('does not end with half a token: %j', async (body) => {
    const { client } = serve({ ...platform(''), [`POST ${app}/anonApplicationTokens`]: { body } });
    const refused = client.issueAnonToken(await client.application(applicationsHref, endpointUri), visit);
    await expect(refused).rejects.toMatchObject({ code: 'MalformedAnswer' });
  });
});

const href = `https://api.test/x?${ep}`;
const operationId = 'hds_0123456789abcdef:command:1';
const json = 'application/json';
const bridged = { displayName: 'Ann', participantUri: 'sip:ann@contoso.com', messageFilterState: 'Disabled' } as const;
const accepting = { impersonatedDisplayName: 'Contoso', onlineMeetingUri: 'sip:m' };

const commands = {
  startAdhocMeeting: { name: 'startAdhocMeeting', href, operationId, input: { subject: 'Vera', callbackContext: 'c' } },
  addMessaging: { name: 'addMessaging', href, operationId },
  acceptAndBridge: { name: 'acceptAndBridge', href, operationId, input: accepting },
  addBridgedParticipant: { name: 'addBridgedParticipant', href, operationId, input: bridged },
  addParticipant: { name: 'addParticipant', href, operationId, input: { to: 'sip:ann@contoso.com' } },
  sendMessage: { name: 'sendMessage', href, operationId, text: 'Grüße' },
  decline: { name: 'decline', href, operationId },
  terminateOnlineMeeting: { name: 'terminateOnlineMeeting', href, operationId },
  removeBridgedParticipant: { name: 'removeBridgedParticipant', href, operationId },
  terminateConversation: { name: 'terminateConversation', href, operationId },
} satisfies { readonly [K in ServiceCommand['name']]: ServiceCommand & { readonly name: K } };
const names = Object.keys(commands) as (keyof typeof commands)[];

describe('a command', () => {
  it.each<[keyof typeof commands, string, string | null, unknown]>([
    ['startAdhocMeeting', 'POST', json, { subject: 'Vera', callbackContext: 'c', operationId }],
    ['addMessaging', 'POST', json, { operationId }],
    ['acceptAndBridge', 'POST', json, { ...accepting, operationId }],
    ['addBridgedParticipant', 'POST', json, { ...bridged, operationId }],
    ['addParticipant', 'POST', json, { to: 'sip:ann@contoso.com', operationId }],
    ['decline', 'POST', null, undefined],
    ['terminateOnlineMeeting', 'POST', null, undefined],
    ['removeBridgedParticipant', 'DELETE', null, undefined],
    ['terminateConversation', 'DELETE', null, undefined],
  ])('%s is a %s to the href that a callback brought', async (name, method, contentType, body) => {
    const { client, seen } = serve({ [`${method} /x`]: { status: 201, location: '/made' } });
    expect(await client.command(commands[name])).toEqual({ status: 201, location: 'https://api.test/made' });
    expect(seen.map(({ what }) => what)).toEqual([`${method} api.test/x?${ep}`]);
    expect(seen[0]?.headers.get('Content-Type')).toBe(contentType);
    expect(seen[0]?.headers.get('client-request-id')).toBe(operationId);
    expect(seen[0]?.body === undefined ? undefined : JSON.parse(String(seen[0].body))).toEqual(body);
  });

  it('sendMessage has the text for its body, and its operationId in the query', async () => {
    const { client, seen } = serve({ 'POST /x': { status: 201 } });
    expect(await client.command(commands.sendMessage)).toEqual({ status: 201 });
    expect(seen[0]).toMatchObject({
      what: `POST api.test/x?${ep}&operationId=${encodeURIComponent(operationId)}`,
      body: 'Grüße',
    });
    expect(seen[0]?.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
  });

  const refusals: Readonly<Record<string, Given>> = {
    there: { status: 409, body: { code: 'Conflict', subcode: 'AlreadyExists' } },
    conflict: { status: 409, body: { code: 'Conflict', subcode: 'InvalidState' } },
    notFound: { status: 404, body: { code: 'NotFound' } },
    gone: { status: 410, body: { code: 'Gone' } },
    forbidden: { status: 403, body: { code: 'Forbidden' } },
    broken: { status: 500 },
  };
  const reachedBy: Readonly<Record<string, readonly string[]>> = {
    addMessaging: ['there'],
    acceptAndBridge: ['there'],
    addBridgedParticipant: ['there'],
    decline: ['notFound', 'gone'],
    terminateOnlineMeeting: ['notFound', 'gone'],
    removeBridgedParticipant: ['notFound', 'gone'],
    terminateConversation: ['notFound', 'gone'],
  };

  it.each(names)('%s is done by a refusal that says that it is so already, and by no other', async (name) => {
    const done: string[] = [];
    for (const [kind, refusal] of Object.entries(refusals)) {
      const { client } = serve({ 'POST /x': refusal, 'DELETE /x': refusal });
      try {
        expect(await client.command(commands[name])).toMatchObject({ refusal: { status: refusal.status } });
        done.push(kind);
      } catch (error) {
        expect(error).toMatchObject({ status: refusal.status });
      }
    }
    expect(done).toEqual(reachedBy[name] ?? []);
  });
});
