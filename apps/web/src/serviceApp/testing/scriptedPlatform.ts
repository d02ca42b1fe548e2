/**
 * A platform for tests, made of a `fetch` function: it issues and signs tokens, answers commands (a repeated
 * operationId gets the first answer again), and queues the callbacks that would follow, as reference/call-flow.md 2
 * lists them.
 */
import * as wire from '@repo/flows/helpdesk/testing/wire';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export const platformUrl = 'https://pool1.api.example';
export const audience = 'https://helpdesk.contoso.com';
export const tenantId = 'a0a0a0a0-0000-4000-8000-000000000001';
const platformAppId = '00000004-0000-0ff1-ce00-000000000000';

export interface ScriptedBatch {
  readonly body: string;
  readonly callbackContext: string | undefined;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly operationId: string | undefined;
  readonly body: string;
  readonly authorized: boolean;
}

export type Fault = (request: SeenRequest) => Response | 'lostAnswer' | 'unreachable' | undefined;

type Legs = 'C1' | 'C2';

export async function createScriptedPlatform(now: () => number) {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  const requests: SeenRequest[] = [];
  const performed: string[] = [];
  const receipts = new Map<string, () => Response>();
  const queue: ScriptedBatch[] = [];
  const acks = { C1: 0, C2: 0 };
  /** Of the visitor's leg: learned from the answer to its first batch. */
  let sessionId: string | undefined;
  /** Of the meeting leg: given with the request that started it. */
  let meetingContext: string | undefined;
  let fault: Fault = () => undefined;

  function sign(claims: Record<string, unknown>, key: CryptoKey = privateKey): Promise<string> {
    const seconds = Math.floor(now() / 1000);
    return new SignJWT({
      iss: `${platformUrl}/oauth2/${tenantId}`,
      aud: audience,
      tid: tenantId,
      appid: platformAppId,
      nbf: seconds,
      exp: seconds + 3_900,
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1', typ: 'JWT' })
      .sign(key);
  }

  function enqueue(leg: Legs, ...sent: readonly wire.Sent[]): void {
    acks[leg] += 1;
    const self = { href: `/platformservice/events?ack=${acks[leg]}&key=app~helpdesk~${leg}` };
    const body = JSON.stringify({ ...wire.batch(...sent), _links: { self } });
    queue.push({ body, callbackContext: leg === 'C2' ? meetingContext : undefined });
  }

  function perform(request: SeenRequest): Response {
    const { path, method } = request;
    const operationId = request.operationId ?? '';
    const created = (location: string) =>
      new Response('{}', { status: 201, headers: { Location: location, 'Content-Type': 'application/json' } });
    if (path.includes('startAdhocMeeting')) {
      meetingContext = /"callbackContext":"([^"]+)"/.exec(request.body)?.[1];
      enqueue(
        'C2',
        wire.ourInvitation('onlineMeetingInvitation', 'started', operationId),
        wire.conversation('C2', 'added', 'Connecting'),
        wire.conversation('C2', 'updated', 'Conferenced'),
        wire.onlineMeeting(),
        wire.messaging('C2', 'Disconnected'),
        wire.ourInvitation('onlineMeetingInvitation', 'completed', operationId),
      );
      return created('/invitations/meeting');
    }
    if (path.endsWith('/acceptAndBridge')) {
      enqueue(
        'C1',
        wire.participant('C1', 'added', wire.visitor),
        wire.messaging('C1', 'Connected'),
        wire.conversation('C1', 'updated', 'Connected'),
        wire.conversationBridge('added'),
        wire.visitorInvitation('completed'),
      );
      return new Response(null, { status: 200 });
    }
    if (path.endsWith('/communication/messagingInvitations')) {
      enqueue(
        'C2',
        wire.ourInvitation('messagingInvitation', 'started', operationId),
        wire.messaging('C2', 'Connected'),
        wire.ourInvitation('messagingInvitation', 'completed', operationId),
      );
      return created('/invitations/messaging');
    }
    if (method === 'POST' && path.endsWith('/bridgedParticipants')) {
      enqueue('C1', wire.bridgedParticipant(wire.ann));
      return created(wire.bridgedParticipantPath(wire.ann));
    }
    if (path.endsWith('/participantInvitations')) {
      enqueue('C2', wire.ourInvitation('participantInvitation', 'started', operationId));
      return created('/invitations/agent');
    }
    if (path.endsWith('/messages')) {
      const { body: text } = request;
      const at = now();
      enqueue('C1', wire.message({ leg: 'C1', n: 2, direction: 'Outgoing', at, text, operationId }));
      return created(wire.messagePath('C1', 2));
    }
    if (path.endsWith('/terminateOnlineMeeting')) {
      enqueue('C2', wire.conversation('C2', 'updated', 'Disconnected'), wire.conversation('C2', 'deleted'));
      return new Response(null, { status: 204 });
    }
    if (method === 'DELETE' || path.endsWith('/decline')) return new Response(null, { status: 204 });
    return Response.json({ code: 'NotFound' }, { status: 404 });
  }

  async function bootstrap(request: SeenRequest): Promise<Response | undefined> {
    const { path, authorized } = request;
    const link = (rel: string, href: string) => ({ [`ms:rtc:saas:${rel}`]: { href } });
    if (path === '/oauth2/keys') return Response.json({ keys: [jwk] });
    if (path.endsWith('/token')) {
      const form = new URLSearchParams(request.body);
      const exchanged = form.get('grant_type') !== 'client_credentials';
      const access_token = exchanged ? `agent:${form.get('requested_subject')}` : await sign({ aud: platformUrl });
      return Response.json({ access_token, token_type: 'Bearer', expires_in: 3_600 });
    }
    if (path === '/platformservice/discover') {
      return Response.json({ _links: link('applications', `${platformUrl}/platformservice/v1/applications`) });
    }
    if (!authorized) return new Response('', { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } });
    if (path === '/platformservice/v1/applications') {
      return Response.json({ _links: link('application', '/platformservice/v1/applications/1') });
    }
    if (path === '/platformservice/v1/applications/1') {
      return Response.json({
        _links: link('anonApplicationTokens', '/platformservice/v1/applications/1/anonApplicationTokens'),
        _embedded: { 'ms:rtc:saas:adhocMeetings': {} },
      });
    }
    if (path.endsWith('/anonApplicationTokens')) {
      const expiryTime = `/Date(${now() + 28_800_000})/`;
      const discover = link('discover', `${platformUrl}/platformservice/discover?anonymousContext=psat%253dx`);
      return Response.json({ token: 'psat=x', expiryTime, _links: discover });
    }
    return undefined;
  }

  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const body = typeof init?.body === 'string' ? init.body : '';
    const request: SeenRequest = {
      method: init?.method ?? 'GET',
      path: url.pathname,
      operationId: operationIdIn(url, body),
      body,
      authorized: new Headers(init?.headers).has('authorization'),
    };
    const answer = fault(request);
    if (answer === 'unreachable') throw new TypeError('fetch failed');
    if (answer instanceof Response) return answer;
    const early = await bootstrap(request);
    if (early) return early;
    requests.push(request);
    const name = `${request.method} ${request.path} ${request.operationId ?? ''}`;
    const receipt = request.operationId === undefined ? undefined : receipts.get(name);
    if (!receipt) performed.push(name);
    const response = receipt ? receipt() : perform(request);
    const kept = response.clone();
    receipts.set(name, () => kept.clone());
    if (answer === 'lostAnswer') throw new TypeError('socket hang up');
    return response;
  };

  return {
    fetch,
    sign,
    enqueue,
    requests,
    /** What was really done: repeated operations count once. */
    performed,
    setFault: (next: Fault) => {
      fault = next;
    },
    /** Gives the next batch to `receive`, and learns the context from the answer. */
    async deliver(receive: (batch: ScriptedBatch) => Promise<{ readonly CallbackContext?: string }>): Promise<boolean> {
      const next = queue.shift();
      if (!next) return false;
      const answer = await receive({ ...next, callbackContext: next.callbackContext ?? sessionId });
      sessionId = answer.CallbackContext ?? sessionId;
      return true;
    },
    sessionId: () => sessionId ?? '',
  };
}

function operationIdIn(url: URL, body: string): string | undefined {
  const inQuery = url.searchParams.get('operationId');
  if (inQuery) return inQuery;
  return /"operationId":"([^"]+)"/.exec(body)?.[1];
}
