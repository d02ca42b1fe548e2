/**
 * A platform with a second tenant beside contoso.com, asked by injected requests, and calls that are played on it (injectedCall.ts):
 * what tests about strangers, tokens, parsers and answers start from.
 */
import type { AppOptions } from '../app.ts';
import { type Call, playCall } from './injectedCall.ts';
import { clientSecret, operatorToken, startTestPlatform, type TestPlatform } from './testPlatform.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  json(): { readonly [name: string]: unknown };
}

export type Inject = (
  method: string,
  url: string,
  request?: { readonly token?: string; readonly body?: unknown; readonly headers?: Record<string, string> },
) => Promise<Answer>;

export interface TwoTenants {
  readonly platform: TestPlatform;
  readonly send: Inject;
  /** As `send`. @throws Error when the answer is a refusal */
  readonly must: Inject;
  /** @param client which application of contoso.com; fabrikam.com has one only */
  serviceToken(domain: string, client?: string): Promise<string>;
  agentToken(domain: string, uri: string): Promise<string>;
  visitorToken(domain: string, session: string): Promise<string>;
  /** Plays a call as far as the agent's greeting. @param session the visit */
  bridge(domain: string, session: string): Promise<Call>;
}

/** @param onAnswer is shown every answer, also those of the setting up */
export async function openTwoTenants(
  options: Partial<AppOptions> = {},
  onAnswer: (method: string, url: string, answer: Answer) => void = () => undefined,
): Promise<TwoTenants> {
  const platform = await startTestPlatform(options);
  const send = injectInto(platform, onAnswer);
  const must: Inject = async (...request) => {
    const answer = await send(...request);
    if (answer.status < 300) return answer;
    throw new Error(`${request[0]} ${request[1]} was answered ${answer.status}: ${answer.body}`);
  };
  await setUp(must);
  const tokens = tokensOf(platform, must);
  const two: TwoTenants = { platform, send, must, ...tokens, bridge: (...visit) => playCall(two, ...visit) };
  return two;
}

function injectInto({ app }: TestPlatform, onAnswer: (method: string, url: string, answer: Answer) => void): Inject {
  return async (method, url, { token, body, headers = {} } = {}) => {
    const answer = await app.inject({
      method: method as 'GET',
      url,
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    const { statusCode: status, headers: answered, body: text } = answer;
    const seen: Answer = { status, headers: answered, body: text, json: () => answer.json() };
    onAnswer(method, url, seen);
    return seen;
  };
}

/** What testPlatform.ts has not set up: fabrikam.com, and a second person of contoso.com. */
async function setUp(must: Inject): Promise<void> {
  const put = (path: string, body: object): Promise<Answer> =>
    must('PUT', `/management/tenants/${path}`, { token: operatorToken, body });
  await put('fabrikam.com', { displayName: 'Fabrikam', allowedOrigins: ['https://desk.fabrikam.example'] });
  await put('fabrikam.com/applications/desk', {
    displayName: 'Desk',
    audience: 'https://desk.example',
    clientSecret,
    actForUsers: true,
    callbackHosts: ['sa.example'],
  });
  const endpoint = { clientId: 'desk', displayName: 'Help desk', callbackUrl: 'https://sa.example/callback' };
  await put('fabrikam.com/endpoints/sip:helpdesk@fabrikam.com', endpoint);
  await put('fabrikam.com/people/sip:eve@fabrikam.com', { displayName: 'Eve' });
  await put('contoso.com/people/sip:bob@contoso.com', { displayName: 'Bob' });
}

function tokensOf(
  { store }: TestPlatform,
  must: Inject,
): Pick<TwoTenants, 'serviceToken' | 'agentToken' | 'visitorToken'> {
  const form = async (domain: string, fields: Record<string, string>): Promise<string> => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(fields).toString();
    return String((await must('POST', `/oauth2/${domain}/token`, { headers, body })).json().access_token);
  };
  const serviceToken = (domain: string, client = 'desk'): Promise<string> =>
    form(domain, { grant_type: 'client_credentials', client_id: client, client_secret: clientSecret });
  return {
    serviceToken,
    agentToken: async (domain, uri) =>
      form(domain, {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: await serviceToken(domain),
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        requested_subject: uri,
      }),
    visitorToken: async (domain, session) => {
      const uri = `sip:helpdesk@${domain}`;
      const id = await store.read((snapshot) => snapshot.get('endpoint', uri)?.applicationId ?? '');
      const url = `/platformservice/v1/applications/${id}/anonApplicationTokens?endpointId=${uri}`;
      const body = { applicationSessionId: session, allowedOrigins: 'https://shop.example' };
      return String((await must('POST', url, { token: await serviceToken(domain), body })).json().token);
    },
  };
}
