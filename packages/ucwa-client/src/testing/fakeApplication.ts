/** One signed-in UCWA application of the fake platform: its representation, its conversations and its event channel. */
import type { Resource } from '@repo/ucwa-protocol/hal';
import type { Clock } from '../clock.ts';
import { createFakeChannel } from './fakeChannel.ts';
import { createFakeConversation, type FakeConversation } from './fakeConversation.ts';
import { type FakeAnswer, type FakeRequest, refusal } from './fakeHttp.ts';

export interface FakeApplicationOptions {
  readonly face: 'anonymous' | 'agent';
  readonly path: string;
  readonly endpointId: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  readonly helpdeskUri: string;
  readonly autoAccept: boolean;
  stamp(): number;
}

export interface FakeCall {
  readonly subject?: string;
  readonly from?: string;
  readonly visitor?: string;
}

export type FakeApplication = ReturnType<typeof createFakeApplication>;

export function createFakeApplication(options: FakeApplicationOptions) {
  const { face, path, endpointId, input, clock, stamp } = options;
  const channel = createFakeChannel({ clock, eventsPath: `${path}/events` });
  const conversations: FakeConversation[] = [];
  const receipts = new Map<string, { readonly body: string | undefined; readonly answer: FakeAnswer }>();
  let ended: { readonly status: number; readonly subcode: string } | undefined;
  let madeAvailable = false;
  let activityReports = 0;
  let operations = 0;

  const resource = (): Resource => ({
    culture: input.culture ?? 'en-us',
    userAgent: input.userAgent,
    endpointId,
    id: path.split('/').at(-1),
    _links: { self: { href: path }, events: { href: channel.href() } },
    _embedded: { me: me(), communication: communication() },
    rel: 'application',
    etag: '1',
  });

  const me = (): Resource => ({
    name: input.anonymousDisplayName ?? 'Ann',
    _links: {
      self: { href: `${path}/me` },
      ...(face === 'agent' && !madeAvailable ? { makeMeAvailable: { href: `${path}/me/makeMeAvailable` } } : {}),
      ...(face === 'agent' && madeAvailable ? { reportMyActivity: { href: `${path}/reportMyActivity` } } : {}),
    },
    rel: 'me',
  });

  const communication = (): Resource => ({
    supportedMessageFormats: ['Plain'],
    _links: {
      self: { href: `${path}/communication` },
      conversations: { href: `${path}/communication/conversations?filter=active` },
      startMessaging: { href: `${path}/communication/messagingInvitations`, revision: '2' },
    },
    rel: 'communication',
    etag: '3',
  });

  function converse(invitation: Parameters<typeof createFakeConversation>[0]['invitation']): FakeConversation {
    operations += 1;
    const conversation = createFakeConversation({
      applicationPath: path,
      path: `${path}/communication/conversations/c${operations}`,
      channel,
      invitation: { ...invitation, path: `${invitation.path}/${operations}` },
      stamp,
    });
    conversations.push(conversation);
    return conversation;
  }

  function invite(body: Readonly<Record<string, unknown>>): FakeAnswer {
    if (String(body.to).toLowerCase() !== options.helpdeskUri) return refusal(403, 'Forbidden');
    const { operationId, subject, threadId, to } = body;
    const conversation = converse({
      word: 'messagingInvitation',
      path: `${path}/communication/messagingInvitations`,
      direction: 'Outgoing',
      members: { operationId, subject, threadId, to },
    });
    if (options.autoAccept) conversation.accept();
    return { status: 201, headers: { Location: conversation.invitationPath } };
  }

  function act(request: FakeRequest): FakeAnswer | Promise<FakeAnswer> {
    switch (`${request.method} ${request.path.slice(path.length)}`) {
      case 'GET ':
        return { status: 200, body: resource() };
      case 'DELETE ':
        ended = { status: 404, subcode: 'ApplicationNotFound' };
        return { status: 204 };
      case 'GET /events':
        return channel.get(request);
      case 'POST /me/makeMeAvailable':
        if (madeAvailable) return refusal(409, 'Conflict', 'AlreadyExists');
        madeAvailable = true;
        return { status: 204 };
      case 'POST /reportMyActivity':
        activityReports += 1;
        return { status: 204 };
      case 'GET /communication/conversations': {
        const links = conversations.filter((one) => one.isAlive()).map((one) => ({ href: one.path }));
        return { status: 200, body: { _links: { self: { href: request.path }, conversation: links } } };
      }
      case 'POST /communication/messagingInvitations': {
        const conversation = conversations.find((one) => one.path === request.query.get('conversation'));
        const body: Readonly<Record<string, unknown>> = JSON.parse(request.body ?? '{}');
        if (!conversation) return invite(body);
        if (!conversation.isAlive()) return refusal(404, 'NotFound', 'ConversationNotFound');
        return { status: 201, headers: { Location: conversation.addMessaging(body.operationId) } };
      }
    }
    for (const conversation of conversations) {
      const answer = conversation.handle(request);
      if (answer) return answer;
    }
    return refusal(404, 'NotFound');
  }

  return {
    face,
    path,
    endpointId,
    channel,
    resource,
    isAlive: (): boolean => ended === undefined,
    activityReports: (): number => activityReports,
    conversations: conversations as readonly FakeConversation[],

    conversation(): FakeConversation {
      const conversation = conversations.at(-1);
      if (!conversation) throw new Error('no conversation was started');
      return conversation;
    },

    ring({ subject = 'Visitor: Hello', from = 'Help desk', visitor = 'Visitor' }: FakeCall): FakeConversation {
      return converse({
        word: 'onlineMeetingInvitation',
        path: `${path}/communication/onlineMeetingInvitations`,
        direction: 'Incoming',
        members: {
          subject,
          importance: 'Normal',
          threadId: `t${operations}`,
          onlineMeetingUri: 'sip:m1@contoso.com;gruu;opaque=app:conf:focus:id:AB12CD34',
        },
        fromName: from,
        peerName: visitor,
      });
    },

    /** The server ends it: every request is answered 410 from now on, a parked one when it is asked again. */
    expire(): void {
      ended = { status: 410, subcode: 'InactiveApplicationExpired' };
    },

    /** A repeated operationId gets the first answer again; with another body 409. */
    handle(request: FakeRequest): FakeAnswer | Promise<FakeAnswer> {
      if (ended) return refusal(ended.status, ended.status === 404 ? 'NotFound' : 'Gone', ended.subcode);
      const operationId = request.query.get('operationId') ?? operationIdIn(request.body);
      if (request.method !== 'POST' || operationId === undefined) return act(request);
      const key = `${request.path} ${operationId}`;
      const receipt = receipts.get(key);
      if (receipt) return receipt.body === request.body ? receipt.answer : refusal(409, 'Conflict', 'AlreadyExists');
      const answer = act(request);
      if (!(answer instanceof Promise) && answer.status < 300) receipts.set(key, { body: request.body, answer });
      return answer;
    },
  };
}

function operationIdIn(body: string | undefined): string | undefined {
  if (!body?.startsWith('{')) return undefined;
  try {
    const { operationId }: { operationId?: unknown } = JSON.parse(body);
    return typeof operationId === 'string' ? operationId : undefined;
  } catch {
    return undefined;
  }
}
