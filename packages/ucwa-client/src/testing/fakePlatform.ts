/**
 * An in-process fake of the platform's two UCWA faces, the visitor's and the agent's, behind one `fetch`. Unit tests of
 * the widget, the desk and this package use it instead of a server:
 *
 *     const clock = createManualClock();
 *     const platform = createFakePlatform({ clock });
 *     const client = createAgentClient({ ...platform.agent, fetch: platform.fetch, clock });
 *     ... client.signIn(input) ...
 *     platform.ring({ subject: 'Vera: Hello' });
 *     await clock.settle();
 *
 * What it does by itself: sign-in, operationId receipts, acknowledge and replay of event batches, and (unless
 * `autoAccept` is false) answering the visitor's invitation. Everybody else is scripted through FakeConversation.
 * The two faces are not joined: what a visitor sends is in `conversation.sent`, no agent hears it.
 *
 * How to extend:
 * - a new resource of a conversation: a case in `handle` of fakeConversation.ts and its link in the representation there
 * - a new resource of an application: a case in `handle` of fakeApplication.ts
 * - a new way to fail: a kind in fakeHttp.ts; faults apply before a request is looked at, so they suit every resource
 * - a new rule of the event channel: fakeChannel.ts; keep to reference/events.md 3
 * Every href that it writes is host-relative, as on the wire, and each resource has exactly one.
 */
import type { Clock } from '../clock.ts';
import { createFakeApplication, type FakeApplication } from './fakeApplication.ts';
import type { FakeConversation } from './fakeConversation.ts';
import { createFakeHttp, type FakeAnswer, type FakeRequest, refusal } from './fakeHttp.ts';

export interface FakePlatformOptions {
  readonly clock: Clock;
  readonly baseUrl?: string;
  /** What a visitor's invitation must be addressed to. */
  readonly helpdeskUri?: string;
  /** Answer the visitor's invitation at once; true by default. */
  readonly autoAccept?: boolean;
}

const roots = { anonymous: '/ucwa/psanon/v1/applications', agent: '/ucwa/oauth/v1/applications' } as const;

export type FakePlatform = ReturnType<typeof createFakePlatform>;

/** Starts it: nobody is signed in and nothing is going on. */
export function createFakePlatform(options: FakePlatformOptions) {
  const {
    clock,
    baseUrl = 'https://platform.test',
    helpdeskUri = 'sip:helpdesk@contoso.com',
    autoAccept = true,
  } = options;
  const tokens = { anonymous: 'psat=anonymous-1', agent: 'agent-1' };
  const applications: FakeApplication[] = [];
  let lastStamp = 0;

  const stamp = () => {
    lastStamp = Math.max(clock.now(), lastStamp + 1);
    return lastStamp;
  };

  const applicationOf = (request: FakeRequest) =>
    applications.find(({ path }) => request.path === path || request.path.startsWith(`${path}/`));

  function isAllowed(request: FakeRequest, face: 'anonymous' | 'agent'): boolean {
    return request.headers.get('Authorization') === `Bearer ${tokens[face]}`;
  }

  function create(face: 'anonymous' | 'agent', request: FakeRequest): FakeAnswer {
    const input: Record<string, unknown> = JSON.parse(request.body ?? '{}');
    const endpointId = String(input.endpointId ?? tokens.anonymous);
    let application = applications.find((one) => one.isAlive() && one.face === face && one.endpointId === endpointId);
    if (!application) {
      const path = `${roots[face]}/${101 + applications.length}`;
      application = createFakeApplication({ face, path, endpointId, input, clock, stamp, helpdeskUri, autoAccept });
      applications.push(application);
    }
    return { status: 201, body: application.resource(), headers: { Location: application.path } };
  }

  function handle(request: FakeRequest): FakeAnswer | Promise<FakeAnswer> {
    switch (`${request.method} ${request.path}`) {
      case 'GET /platformservice/discover': {
        const _links = { self: { href: request.path }, anonApplications: { href: roots.anonymous } };
        return { status: 200, body: { _links, rel: 'ms:rtc:saas:discover' } };
      }
      case 'GET /autodiscover/root':
        return {
          status: 200,
          body: { _links: { self: { href: request.path }, user: { href: '/ucwa/oauth/v1/user' } } },
        };
    }
    const face = request.path.startsWith(roots.anonymous) ? 'anonymous' : 'agent';
    if (!isAllowed(request, face)) {
      return { status: 401, body: '<html>Unauthorized</html>', headers: { 'WWW-Authenticate': 'Bearer' } };
    }
    if (request.path === '/ucwa/oauth/v1/user') {
      const _links = { self: { href: request.path }, applications: { href: roots.agent } };
      return { status: 200, body: { _links, rel: 'user' } };
    }
    if (request.method === 'POST' && request.path === roots[face]) return create(face, request);
    return applicationOf(request)?.handle(request) ?? refusal(404, 'NotFound', 'ApplicationNotFound');
  }

  const http = createFakeHttp({ clock, handle, lastBatch: (request) => applicationOf(request)?.channel.lastAnswer() });

  function last(face: 'anonymous' | 'agent'): FakeApplication {
    const application = applications.findLast((one) => one.face === face);
    if (!application) throw new Error(`no ${face} application was created`);
    return application;
  }

  return {
    fetch: http.fetch,
    requests: http.requests,
    helpdeskUri,
    /** What the token route of the service application hands to a visitor; `token` follows `renewTokens`. */
    anonymous: {
      discoverHref: `${baseUrl}/platformservice/discover?anonymousContext=1`,
      token: () => tokens.anonymous,
    },
    /** What createAgentClient takes. */
    agent: { rootHref: `${baseUrl}/autodiscover/root`, token: async () => tokens.agent },

    addFault: http.addFault,
    clearFaults: http.clearFaults,
    /** Cuts every open request and refuses new ones until it is set back. */
    setOffline: http.setOffline,
    /** From now on only new tokens are valid. */
    renewTokens(): void {
      tokens.anonymous += '+';
      tokens.agent += '+';
    },

    /** The visitor's newest application: its channel, and `expire()`. */
    visitor: () => last('anonymous'),
    agentApplication: () => last('agent'),
    /** The visitor's newest conversation. */
    visitorConversation: (): FakeConversation => last('anonymous').conversation(),
    agentConversation: (): FakeConversation => last('agent').conversation(),
    /** Rings the agent: an incoming invitation to a meeting. */
    ring: (call: { readonly subject?: string; readonly from?: string } = {}): FakeConversation =>
      last('agent').ring(call),
  };
}
