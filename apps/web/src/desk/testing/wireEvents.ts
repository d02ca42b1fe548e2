/** Wire events as the platform sends them to an agent, for tests. */
import type { EventBatch, WireEvent } from '@repo/ucwa-protocol/events';

export const application = 'http://platform.test/ucwa/oauth/v1/applications/101';
export const communication = `${application}/communication`;
export const conversation = `${communication}/conversations/7`;
export const invitation = `${communication}/onlineMeetingInvitations/9`;
export const meeting = 'sip:m1@contoso.com;gruu;opaque=app:conf:focus:id:AB12CD34';
export const visitor = `${conversation}/participants/900001@anonymous.invalid`;

export function batchOf(sender: 'communication' | 'conversation', ...events: WireEvent[]): EventBatch {
  const href = sender === 'communication' ? communication : conversation;
  return { _links: {}, sender: [{ rel: sender, href, events }] };
}

export function invitationEvent(type: 'started' | 'updated' | 'completed', state = 'Connecting'): WireEvent {
  const resource = {
    rel: 'onlineMeetingInvitation',
    direction: 'Incoming',
    state,
    subject: 'Vera: Where is my invoice?',
    onlineMeetingUri: meeting,
    _links: {
      self: { href: invitation },
      conversation: { href: conversation },
      accept: { href: `${invitation}/accept` },
      decline: { href: `${invitation}/decline` },
    },
  };
  return {
    link: { rel: 'onlineMeetingInvitation', href: invitation },
    type,
    _embedded: { onlineMeetingInvitation: resource },
  };
}

export function conversationEvent(type: 'added' | 'updated', state: string): WireEvent {
  const resource = {
    rel: 'conversation',
    state,
    _links: { self: { href: conversation }, messaging: { href: `${conversation}/messaging` } },
  };
  return { link: { rel: 'conversation', href: conversation }, type, _embedded: { conversation: resource } };
}

export const conversationDeleted: WireEvent = {
  link: { rel: 'conversation', href: conversation },
  type: 'deleted',
  reason: { code: 'Informational', subcode: 'Ended' },
};

export function messagingEvent(state: 'Disconnected' | 'Connected'): WireEvent {
  const href = `${conversation}/messaging`;
  const more =
    state === 'Connected'
      ? { sendMessage: { href: `${href}/messages` }, setIsTyping: { href: `${href}/typing` } }
      : { addMessaging: { href: `${communication}/messagingInvitations?conversation=7` } };
  const messaging = { rel: 'messaging', state, _links: { self: { href }, ...more } };
  return { link: { rel: 'messaging', href }, type: 'updated', _embedded: { messaging } };
}

export function participantEvent(type: 'added' | 'deleted', inRel?: 'typingParticipants'): WireEvent {
  return {
    link: { rel: 'participant', href: visitor, title: 'Vera' },
    ...(inRel ? { in: { rel: inRel, href: `${conversation}/messaging/typingParticipants` } } : {}),
    type,
  };
}

export interface SaidOnTheWire {
  readonly at: number;
  readonly text: string;
  readonly operationId?: string;
  /** It did not reach the visitor. */
  readonly failed?: boolean;
}

/** From the visitor; with an operationId it is the agent's own. */
export function messageEvent({ at, text, operationId, failed = false }: SaidOnTheWire): WireEvent {
  const href = `${conversation}/messaging/messages/${at}`;
  const own = operationId !== undefined;
  const message = {
    rel: 'message',
    direction: own ? 'Outgoing' : 'Incoming',
    timeStamp: `/Date(${at})/`,
    ...(own ? { operationId } : {}),
    _links: {
      self: { href },
      plainMessage: { href: `data:text/plain;charset=utf-8,${encodeURIComponent(text)}` },
      ...(own ? {} : { participant: { href: visitor, title: 'Vera' } }),
    },
  };
  return {
    link: { rel: 'message', href },
    type: 'completed',
    ...(failed ? { status: 'Failure', reason: { code: 'RemoteFailure', subcode: 'Timeout' } } : { status: 'Success' }),
    _embedded: { message },
  };
}
