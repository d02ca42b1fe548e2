/** Callback batches as the platform writes them (reference/service-api.md 16), for tests. */

import { toDataUri } from '@repo/ucwa-protocol/dataUri';
import type { ErrorBody } from '@repo/ucwa-protocol/errorCodes';
import type { EventType, WireEvent } from '@repo/ucwa-protocol/events';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { toWireDate } from '@repo/ucwa-protocol/wireDate';
import type { Leg } from '../events.ts';

export const baseuri = 'https://pool1.api.example';
const application = '/platformservice/v1/applications/1000000001';
const target = '/platformservice/tgt-00112233445566778899aabbccddeeff/v1/applications/1000000001';
const endpoint = 'endpointId=sip:helpdesk@contoso.com';
export const meetingUri = 'sip:m1@contoso.com;gruu;opaque=app:conf:focus:id:AB12CD34';
export const visitorUri = 'sip:1546@anonymous.invalid';
export const ann = { uri: 'sip:ann@contoso.com', name: 'Ann' };
export const ben = { uri: 'sip:ben@contoso.com', name: 'Ben' };
export const visitor = { uri: visitorUri, name: 'Vera' };

const p = (word: string) => `ms:rtc:saas:${word}`;
const idOf = { C1: 'c1c1c1c1', C2: 'c2c2c2c2' } as const;

export function conversationPath(leg: Leg, tail = ''): string {
  return `${target}/communication/conversations/${idOf[leg]}${tail}?${endpoint}`;
}

export function conversationHref(leg: Leg): string {
  return baseuri + conversationPath(leg);
}

const invitationPath = (kind: string, id: string, tail = '') =>
  `${target}/communication/${kind}/${id}${tail}?${endpoint}`;

export interface Sent {
  readonly sender: 'communication' | Leg;
  readonly event: WireEvent;
}

/** One POST: consecutive events of one sender share a block. */
export function batch(...sent: readonly Sent[]) {
  return {
    _links: { self: { href: `${target}/events?ack=1&key=k` }, next: { href: `${target}/events?ack=2&key=k` } },
    sender: sent.map(({ sender, event }) => ({
      rel: p(sender === 'communication' ? 'communication' : 'conversation'),
      href: sender === 'communication' ? `${application}/communication?${endpoint}` : conversationPath(sender),
      events: [event],
    })),
    baseuri,
  };
}

type LinkTable = Readonly<Record<string, string>>;

function resource(word: string, href: string, links: LinkTable, members: object = {}): Resource {
  const prefixed = Object.entries(links).map(([name, to]) => [
    /Message$|^customContent$/.test(name) && name !== 'sendMessage' ? name : p(name),
    { href: to },
  ]);
  return { ...members, _links: { self: { href }, ...Object.fromEntries(prefixed) }, rel: p(word) };
}

interface Extra {
  readonly in?: { readonly rel: string; readonly href: string };
  readonly status?: 'Success' | 'Failure';
  readonly reason?: ErrorBody;
}

function event(word: string, href: string, type: EventType, embedded?: Resource, extra: Extra = {}): WireEvent {
  return { link: { rel: p(word), href }, ...extra, ...(embedded && { _embedded: { [p(word)]: embedded } }), type };
}

const failure = (subcode: string): Extra => ({ status: 'Failure', reason: { code: 'RemoteFailure', subcode } });

/** The visitor's invitation; `without` leaves links out. */
export function visitorInvitation(
  type: 'started' | 'completed',
  failed?: string,
  without: readonly string[] = [],
): Sent {
  const href = invitationPath('messagingInvitations', 'inv1');
  const actions: LinkTable = {
    decline: invitationPath('messagingInvitations', 'inv1', '/decline'),
    startAdhocMeeting: `${target}/communication/onlineMeetingInvitations/startAdhocMeeting?${endpoint}`,
    acceptAndBridge: invitationPath('messagingInvitations', 'inv1', '/acceptAndBridge'),
  };
  const links = Object.fromEntries(
    Object.entries(type === 'started' ? actions : {}).filter(([name]) => !without.includes(name)),
  );
  const from = resource('participant', conversationPath('C1', '/participants/1546@anonymous.invalid'), {}, visitor);
  const embedded = resource(
    'messagingInvitation',
    href,
    {
      conversation: conversationPath('C1'),
      ...links,
      customContent: 'data:application/json,%7b%22page%22%3a%22%2fcart%22%7d',
    },
    {
      direction: 'Incoming',
      state: type === 'started' ? 'Connecting' : failed === undefined ? 'Connected' : 'Failed',
      operationId: '5f0c9a52-0000-4000-8000-000000000001',
      importance: 'Normal',
      threadId: 'T1',
      subject: 'Where is my parcel?',
      to: 'sip:helpdesk@contoso.com',
      _embedded: { [p('from')]: from },
    },
  );
  const extra: Extra = type === 'started' ? {} : failed === undefined ? { status: 'Success' } : failure(failed);
  return { sender: 'communication', event: event('messagingInvitation', href, type, embedded, extra) };
}

/** An invitation that we started: `onlineMeetingInvitation`, `messagingInvitation` (addMessaging), `participantInvitation`. */
export function ourInvitation(
  word: 'onlineMeetingInvitation' | 'messagingInvitation' | 'participantInvitation',
  type: 'started' | 'completed',
  operationId: string,
  failed?: string,
): Sent {
  const href = invitationPath(`${word}s`, operationId.replace(/[^a-z0-9]/gi, '-'));
  const state = type === 'started' ? 'Connecting' : failed === undefined ? 'Connected' : 'Failed';
  const members = { direction: 'Outgoing', state, operationId, importance: 'Normal' };
  const uri = word === 'onlineMeetingInvitation' ? { onlineMeetingUri: meetingUri } : {};
  const embedded = resource(word, href, { conversation: conversationPath('C2') }, { ...uri, ...members });
  const extra: Extra = type === 'started' ? {} : failed === undefined ? { status: 'Success' } : failure(failed);
  return { sender: 'communication', event: event(word, href, type, embedded, extra) };
}

export function conversation(leg: Leg, type: 'added' | 'updated' | 'deleted', state = 'Connected'): Sent {
  const href = conversationPath(leg);
  const links: LinkTable =
    state === 'Conferenced'
      ? {
          messaging: conversationPath(leg, '/messaging'),
          onlineMeeting: conversationPath(leg, '/onlineMeeting'),
          addParticipant: `${target}/communication/participantInvitations?${endpoint}&conversationId=${idOf[leg]}`,
        }
      : { messaging: conversationPath(leg, '/messaging') };
  const embedded =
    type === 'deleted' ? undefined : resource('conversation', href, links, { state, activeModalities: [] });
  return { sender: 'communication', event: event('conversation', href, type, embedded) };
}

export function messaging(leg: Leg, state: 'Disconnected' | 'Connecting' | 'Connected'): Sent {
  const href = conversationPath(leg, '/messaging');
  const own: Record<typeof state, LinkTable> = {
    Disconnected: {
      addMessaging: `${target}/communication/messagingInvitations?conversationId=${idOf[leg]}&${endpoint}`,
    },
    Connecting: { stopMessaging: conversationPath(leg, '/messaging/terminate') },
    Connected: {
      stopMessaging: conversationPath(leg, '/messaging/terminate'),
      sendMessage: conversationPath(leg, '/messaging/messages'),
      setIsTyping: conversationPath(leg, '/messaging/typing'),
    },
  };
  const embedded = resource('messaging', href, { conversation: conversationPath(leg), ...own[state] }, { state });
  return { sender: leg, event: event('messaging', href, 'updated', embedded) };
}

export function onlineMeeting(): Sent {
  const href = conversationPath('C2', '/onlineMeeting');
  const links = {
    conversation: conversationPath('C2'),
    terminateOnlineMeeting: conversationPath('C2', '/onlineMeeting/terminateOnlineMeeting'),
  };
  const embedded = resource('onlineMeeting', href, links, { onlineMeetingUri: meetingUri });
  return {
    sender: 'C2',
    event: event('onlineMeeting', href, 'added', embedded, {
      in: { rel: p('conversation'), href: conversationPath('C2') },
    }),
  };
}

export function conversationBridge(type: 'added' | 'deleted'): Sent {
  const href = conversationPath('C1', '/conversationBridge');
  const links = { bridgedParticipants: conversationPath('C1', '/conversationBridge/bridgedParticipants') };
  const embedded =
    type === 'added'
      ? resource('conversationBridge', href, links, { onlineMeetingUri: meetingUri, etag: '17' })
      : undefined;
  return {
    sender: 'C1',
    event: event('conversationBridge', href, type, embedded, {
      in: { rel: p('conversation'), href: conversationPath('C1') },
    }),
  };
}

interface Person {
  readonly uri: string;
  readonly name: string;
}

const pathName = (person: Person) => person.uri.replace('sip:', '');

export function bridgedParticipantPath(person: Person): string {
  return conversationPath('C1', `/conversationBridge/bridgedParticipants/${pathName(person)}`);
}

export function bridgedParticipant(person: Person): Sent {
  const href = bridgedParticipantPath(person);
  const members = { displayName: person.name, participantUri: person.uri, messageFilterState: 'Disabled' };
  const list = {
    rel: p('bridgedParticipants'),
    href: conversationPath('C1', '/conversationBridge/bridgedParticipants'),
  };
  return {
    sender: 'C1',
    event: event('bridgedParticipant', href, 'added', resource('bridgedParticipant', href, {}, members), { in: list }),
  };
}

export function participant(leg: Leg, type: 'added' | 'deleted', person: Person, typing = false): Sent {
  const href = conversationPath(leg, `/participants/${pathName(person)}`);
  const embedded =
    type === 'deleted' || typing
      ? undefined
      : resource('participant', href, { conversation: conversationPath(leg) }, person);
  const list = { in: { rel: p('typingParticipants'), href: conversationPath(leg, '/messaging/typingParticipants') } };
  const plain = event('participant', href, type, embedded, typing ? list : {});
  return { sender: leg, event: { ...plain, link: { ...plain.link, title: person.name } } };
}

interface MessageOptions {
  readonly leg: Leg;
  readonly n: number;
  readonly direction: 'Incoming' | 'Outgoing';
  readonly at: number;
  readonly text?: string;
  readonly from?: Person;
  readonly operationId?: string;
}

export function messagePath(leg: Leg, n: number): string {
  return conversationPath(leg, `/messaging/messages/${n}`);
}

export function message({ leg, n, direction, at, text, from, operationId }: MessageOptions): Sent {
  const href = messagePath(leg, n);
  const links = {
    messaging: conversationPath(leg, '/messaging'),
    ...(text !== undefined && { plainMessage: toDataUri('text/plain;charset=utf-8', text) }),
  };
  const base = resource('message', href, links, {
    direction,
    timeStamp: toWireDate(at),
    ...(operationId && { operationId }),
  });
  const personHref = from && conversationPath(leg, `/participants/${pathName(from)}`);
  const withSender: Resource =
    from && personHref
      ? {
          ...base,
          _links: { ...base._links, [p('participant')]: { href: personHref, title: from.name } },
          _embedded:
            direction === 'Incoming'
              ? { [p('senderParticipant')]: [resource('participant', personHref, {}, from)] }
              : {},
        }
      : base;
  return { sender: leg, event: event('message', href, 'completed', withSender, { status: 'Success' }) };
}
