/**
 * One conversation as one party sees it: the visitor's two-party call or the agent's meeting. What the party itself
 * does arrives at `handle`; what the others do is scripted by a test with accept, fail, say, type, leave and end.
 */
import { toDataUri } from '@repo/ucwa-protocol/dataUri';
import type { WireEvent } from '@repo/ucwa-protocol/events';
import type { Resource } from '@repo/ucwa-protocol/hal';
import type { ConversationState, Direction, InvitationState, MessagingState } from '@repo/ucwa-protocol/states';
import { toWireDate } from '@repo/ucwa-protocol/wireDate';
import type { FakeChannel } from './fakeChannel.ts';
import { type FakeAnswer, type FakeRequest, refusal } from './fakeHttp.ts';

export interface FakeConversationOptions {
  /** Path of the application and of the conversation below it. */
  readonly applicationPath: string;
  readonly path: string;
  readonly channel: FakeChannel;
  /** The visitor's invitation goes out, the agent's comes in. */
  readonly invitation: {
    readonly word: 'messagingInvitation' | 'onlineMeetingInvitation';
    readonly path: string;
    readonly direction: Direction;
    readonly members: Readonly<Record<string, unknown>>;
    /** Who rings. */
    readonly fromName?: string;
    /** Who is in the meeting when the agent has accepted. */
    readonly peerName?: string;
  };
  /** A fresh time stamp in milliseconds, greater than every earlier one. */
  stamp(): number;
}

export interface SentMessage {
  readonly text: string;
  readonly operationId: string | null;
  readonly timeStampMs: number;
}

export type FakeConversation = ReturnType<typeof createFakeConversation>;

export function createFakeConversation(options: FakeConversationOptions) {
  const { path, applicationPath, channel, invitation, stamp } = options;
  const meeting = invitation.word === 'onlineMeetingInvitation';
  let state: ConversationState = meeting ? 'Incoming' : 'Connecting';
  let messagingState: MessagingState = meeting ? 'Disconnected' : 'Connecting';
  let invitationState: InvitationState = 'Connecting';
  let alive = true;
  let messageNumber = 1;
  let typed = 0;
  const sent: SentMessage[] = [];
  const messages = new Map<string, Resource>();
  const participants = new Map<string, Resource>();

  const communication = { rel: 'communication', href: `${applicationPath}/communication` };
  const self = { rel: 'conversation', href: path };
  const at = (below: string) => ({ href: `${path}${below}` });

  const conversation = (): Resource => ({
    state,
    threadId: String(invitation.members.threadId ?? path),
    subject: invitation.members.subject,
    activeModalities: messagingState === 'Connected' ? ['Messaging'] : [],
    importance: 'Normal',
    _links: { self: at(''), messaging: at('/messaging'), ...(meeting ? { participants: at('/participants') } : {}) },
    rel: 'conversation',
  });

  const messaging = (): Resource => ({
    state: messagingState,
    _links: {
      self: at('/messaging'),
      conversation: at(''),
      ...(messagingState === 'Disconnected' && meeting && state === 'Conferenced'
        ? { addMessaging: { href: `${applicationPath}/communication/messagingInvitations?conversation=${path}` } }
        : {}),
      ...(messagingState === 'Connecting' || messagingState === 'Connected'
        ? { stopMessaging: at('/messaging/terminate') }
        : {}),
      ...(messagingState === 'Connected'
        ? {
            sendMessage: at('/messaging/messages'),
            setIsTyping: at('/messaging/typing'),
            typingParticipants: at('/messaging/typingParticipants'),
          }
        : {}),
    },
    rel: 'messaging',
  });

  const invitationResource = (): Resource => {
    const ringing = invitationState === 'Connecting';
    const outgoing = invitation.direction === 'Outgoing';
    return {
      ...invitation.members,
      direction: invitation.direction,
      state: invitationState,
      _links: {
        self: { href: invitation.path },
        conversation: at(''),
        messaging: at('/messaging'),
        ...(ringing && outgoing ? { cancel: at('/messaging/terminate') } : {}),
        ...(ringing && !outgoing
          ? { accept: { href: `${invitation.path}/accept` }, decline: { href: `${invitation.path}/decline` } }
          : {}),
      },
      ...(outgoing ? {} : { _embedded: { from: participant(invitation.fromName ?? 'Help desk') } }),
      rel: invitation.word,
    };
  };

  function participantPath(name: string): string {
    return `${path}/participants/${encodeURIComponent(name.toLowerCase())}@contoso.com`;
  }

  function participant(name: string): Resource {
    return {
      uri: `sip:${encodeURIComponent(name.toLowerCase())}@contoso.com`,
      name,
      _links: { self: { href: participantPath(name) }, conversation: at('') },
      rel: 'participant',
    };
  }

  function emit(sender: { rel: string; href: string }, event: WireEvent): void {
    channel.push({ sender, event });
  }

  function updated(word: 'conversation' | 'messaging', type: WireEvent['type'] = 'updated'): void {
    const resource = word === 'conversation' ? conversation() : messaging();
    const href = word === 'conversation' ? path : `${path}/messaging`;
    const sender = word === 'conversation' ? communication : self;
    emit(sender, { link: { rel: word, href }, _embedded: { [word]: resource }, type });
  }

  function join(name: string): void {
    const href = participantPath(name);
    if (participants.has(href)) return;
    participants.set(href, participant(name));
    const link = { rel: 'participant', href, title: name };
    emit(self, { link, _embedded: { participant: participant(name) }, type: 'added' });
  }

  function leave(name: string): void {
    const href = participantPath(name);
    if (participants.delete(href)) emit(self, { link: { rel: 'participant', href, title: name }, type: 'deleted' });
  }

  function complete(success: boolean, subcode?: string): void {
    invitationState = success ? 'Connected' : 'Failed';
    emit(communication, {
      link: { rel: invitation.word, href: invitation.path },
      status: success ? 'Success' : 'Failure',
      ...(subcode === undefined ? {} : { reason: { code: 'RemoteFailure', subcode } }),
      _embedded: { [invitation.word]: invitationResource() },
      type: 'completed',
    });
  }

  function end(subcode?: string): void {
    if (!alive) return;
    alive = false;
    messagingState = 'Disconnected';
    state = 'Disconnected';
    updated('messaging');
    for (const name of [...participants.values()]) leave(String(name.name));
    updated('conversation');
    const reason = subcode === undefined ? {} : { reason: { code: 'RemoteFailure', subcode } };
    emit(communication, { link: { rel: 'conversation', href: path }, ...reason, type: 'deleted' });
  }

  function record(direction: Direction, text: string, extra: Readonly<Record<string, unknown>>, from?: string): string {
    messageNumber += 1;
    const href = `${path}/messaging/messages/${messageNumber}`;
    const timeStampMs = stamp();
    const resource: Resource = {
      direction,
      timeStamp: toWireDate(timeStampMs),
      ...extra,
      _links: {
        self: { href },
        messaging: at('/messaging'),
        ...(from === undefined ? {} : { participant: { href: participantPath(from), title: from } }),
        plainMessage: { href: toDataUri('text/plain;charset=utf-8', text) },
      },
      rel: 'message',
    };
    messages.set(href, resource);
    emit(self, {
      link: { rel: 'message', href },
      status: 'Success',
      _embedded: { message: resource },
      type: 'completed',
    });
    if (direction === 'Outgoing') sent.push({ text, operationId: (extra.operationId ?? null) as string, timeStampMs });
    return href;
  }

  function typing(name: string, on: boolean): void {
    emit(self, {
      link: { rel: 'participant', href: participantPath(name), title: name },
      in: { rel: 'typingParticipants', href: `${path}/messaging/typingParticipants` },
      type: on ? 'added' : 'deleted',
    });
  }

  /** The visitor is answered, or the agent has accepted. */
  function connect(name: string): void {
    state = meeting ? 'Conferenced' : 'Connected';
    if (!meeting) messagingState = 'Connected';
    updated('messaging');
    updated('conversation');
    join(name);
    complete(true);
  }

  // Announced as the wire does it: the invitation first, then the conversation and its messaging.
  emit(communication, {
    link: { rel: invitation.word, href: invitation.path },
    _embedded: { [invitation.word]: invitationResource() },
    type: 'started',
  });
  updated('conversation', 'added');
  if (!meeting) updated('messaging');

  return {
    path,
    /** What the party sent, in order. */
    sent: sent as readonly SentMessage[],
    typedCount: (): number => typed,
    state: (): ConversationState => state,
    messagingState: (): MessagingState => messagingState,
    isAlive: (): boolean => alive,
    resource: conversation,
    invitationPath: invitation.path,

    /** The helpdesk answers the visitor; `name` is what the visitor sees. */
    accept: (name = 'Help desk'): void => connect(name),
    /** The invitation comes to nothing: `Declined`, `Timeout`, ... */
    fail(subcode: string): void {
      complete(false, subcode);
      end();
    },
    join,
    leave,
    /** Somebody else writes; who is not there yet joins. @returns the message's path */
    say({ from, text }: { readonly from: string; readonly text: string }): string {
      join(from);
      return record('Incoming', text, {}, from);
    },
    type: ({ from, on = true }: { readonly from: string; readonly on?: boolean }): void => typing(from, on),
    /** The other side ends it. */
    end,

    /** Paths of this conversation and of its invitation. */
    handle(request: FakeRequest): FakeAnswer | undefined {
      if (request.path === invitation.path) return { status: 200, body: invitationResource() };
      if (request.path === `${invitation.path}/accept` || request.path === `${invitation.path}/decline`) {
        if (invitationState !== 'Connecting' || !alive) return refusal(404, 'NotFound');
        if (request.path.endsWith('/accept')) connect(invitation.peerName ?? 'Visitor');
        else {
          complete(false, 'Declined');
          end();
        }
        return { status: 204 };
      }
      if (request.path !== path && !request.path.startsWith(`${path}/`)) return undefined;
      if (!alive)
        return request.method === 'DELETE' ? { status: 204 } : refusal(404, 'NotFound', 'ConversationNotFound');
      switch (`${request.method} ${request.path.slice(path.length)}`) {
        case 'GET ':
          return { status: 200, body: conversation() };
        case 'DELETE ':
        case 'POST /messaging/terminate':
          if (invitationState === 'Connecting') complete(false, 'Canceled');
          end();
          return { status: 204 };
        case 'GET /messaging':
          return { status: 200, body: messaging() };
        case 'POST /messaging/typing':
          typed += 1;
          return { status: 204 };
        case 'POST /messaging/messages': {
          if (messagingState !== 'Connected') return refusal(409, 'Conflict');
          const operationId = request.query.get('operationId');
          const extra = operationId === null ? {} : { operationId };
          return { status: 201, headers: { Location: record('Outgoing', request.body ?? '', extra) } };
        }
        default: {
          const resource = messages.get(request.path) ?? participants.get(request.path);
          return resource ? { status: 200, body: resource } : refusal(404, 'NotFound');
        }
      }
    },

    /** The agent adds messaging to the meeting (reference/call-flow.md 15b). @returns the path of the invitation */
    addMessaging(operationId: unknown): string {
      const href = `${applicationPath}/communication/messagingInvitations/${path.split('/').at(-1)}`;
      const tell = (type: 'started' | 'completed', state: InvitationState) => {
        const resource: Resource = {
          direction: 'Outgoing',
          state,
          operationId,
          _links: { self: { href }, conversation: at(''), messaging: at('/messaging') },
          rel: 'messagingInvitation',
        };
        emit(communication, {
          link: { rel: 'messagingInvitation', href },
          ...(type === 'completed' ? { status: 'Success' } : {}),
          _embedded: { messagingInvitation: resource },
          type,
        });
      };
      tell('started', 'Connecting');
      messagingState = 'Connected';
      updated('messaging');
      updated('conversation');
      tell('completed', 'Connected');
      return href;
    },
  };
}
