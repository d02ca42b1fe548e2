/**
 * One event of the channel, applied to the desk (reference/events.md 2). A batch may come again after a lost answer,
 * so nothing here counts: what is over stays over, what was said is known by its time stamp.
 */
import type { ReceivedEvent } from '@repo/ucwa-client/eventBatch';
import { readParticipant } from '@repo/ucwa-client/participant';
import { links } from '@repo/ucwa-client/resource';
import type { WireEvent } from '@repo/ucwa-protocol/events';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { type Chat, type ChatStage, type DeskState, emptyChat, type Ringing, type Said } from './deskState.ts';
import { addSaid, isPlaced } from './transcript.ts';
import { readSaid, textMember, uriOfParticipantHref } from './wireMessage.ts';

/**
 * How long an invitation usually rings (reference/call-flow.md 4, F3). The platform can be set otherwise and tells no
 * deadline, so this is for the countdown; the ringing ends with the invitation.
 */
export const ringMs = 30_000;

const stages: readonly ChatStage[] = ['incoming', 'joining', 'active', 'ended'];

const stageOfState: Readonly<Record<string, ChatStage>> = {
  Connecting: 'incoming',
  Incoming: 'incoming',
  Conferencing: 'joining',
  InLobby: 'joining',
  Connected: 'active',
  Conferenced: 'active',
  Disconnecting: 'ended',
  Disconnected: 'ended',
};

/** Changes one chat; a chat that is not known yet is begun. */
function withChat(state: DeskState, href: string, now: number, change: (chat: Chat) => Chat): DeskState {
  const before = state.chats[href] ?? emptyChat(href, now);
  const after = change(before);
  return after === state.chats[href] ? state : { ...state, chats: { ...state.chats, [href]: after } };
}

/** A conversation only ever goes forward: an old event that comes again does not bring it back. */
function reachStage(chat: Chat, stage: ChatStage | undefined): Chat {
  if (stage === undefined || stages.indexOf(stage) <= stages.indexOf(chat.stage)) return chat;
  return stage === 'ended' ? { ...chat, stage, typing: {}, messaging: undefined } : { ...chat, stage };
}

/** @param now milliseconds since 1970 */
export function reduceEvent(state: DeskState, received: ReceivedEvent, now: number): DeskState {
  const { event, resource, word } = received;
  const chatHref = received.sender.href;
  switch (word) {
    case 'onlineMeetingInvitation':
      if (event.type === 'completed') return endRinging(state, event.link.href);
      return resource ? applyInvitation(state, event.link.href, resource, now) : state;
    case 'conversation':
      if (event.type === 'deleted') return endChat(state, event.link.href, event.reason?.subcode, now);
      return resource ? applyConversation(state, event.link.href, resource, now) : state;
    case 'messaging':
      return resource ? withChat(state, chatHref, now, (chat) => applyMessaging(chat, resource)) : state;
    case 'message':
      if (event.type !== 'completed' || !resource) return state;
      return applyMessage(state, chatHref, resource, now, event.status === 'Failure');
    case 'onlineMeeting':
      return resource ? withChat(state, chatHref, now, (chat) => applyOnlineMeeting(chat, resource)) : state;
    case 'participant':
      return withChat(state, chatHref, now, (chat) => applyParticipant(chat, received, now));
    default:
      return state;
  }
}

/** An incoming invitation rings until it is over; `started` and `updated` may both be heard again after that. */
export function applyInvitation(state: DeskState, href: string, invitation: Resource, now: number): DeskState {
  if (invitation.direction !== 'Incoming') return state;
  if (state.ringing[href]?.state === 'over') return state;
  if (invitation.state !== 'Connecting' && invitation.state !== 'Alerting') return endRinging(state, href);
  const before = state.ringing[href];
  const { visitorName, firstWords } = readSubject(textMember(invitation, 'subject') ?? '');
  const ringing: Ringing = {
    href,
    conversationHref: links(invitation, 'conversation')[0]?.href,
    onlineMeetingUri: textMember(invitation, 'onlineMeetingUri') ?? '',
    visitorName,
    firstWords,
    invitation,
    deadline: before?.deadline ?? now + ringMs,
    state: before?.state ?? 'ringing',
  };
  return { ...state, ringing: { ...state.ringing, [href]: ringing } };
}

/** The helpdesk calls the meeting `<visitor's name>: <first words>`. */
function readSubject(subject: string): { visitorName: string; firstWords: string } {
  const at = subject.indexOf(': ');
  if (at <= 0) return { visitorName: 'Visitor', firstWords: subject };
  return { visitorName: subject.slice(0, at), firstWords: subject.slice(at + 2) };
}

export function endRinging(state: DeskState, href: string): DeskState {
  const before = state.ringing[href];
  if (before?.state === 'over') return state;
  const over: Ringing = {
    ...(before ?? {
      href,
      conversationHref: undefined,
      onlineMeetingUri: '',
      visitorName: 'Visitor',
      firstWords: '',
      deadline: 0,
    }),
    invitation: undefined,
    state: 'over',
  };
  return { ...state, ringing: { ...state.ringing, [href]: over } };
}

export function applyConversation(state: DeskState, href: string, conversation: Resource, now: number): DeskState {
  const ringing = Object.values(state.ringing).find(({ conversationHref }) => conversationHref === href);
  return withChat(state, href, now, (chat) =>
    reachStage(
      {
        ...chat,
        conversation,
        onlineMeetingUri: chat.onlineMeetingUri ?? (ringing?.onlineMeetingUri || undefined),
        visitorName: chat.visitorName ?? ringing?.visitorName,
        subject: chat.subject ?? ringing?.firstWords,
      },
      stageOfState[textMember(conversation, 'state') ?? ''],
    ),
  );
}

/** @param reason subcode of the event, such as `Ended` or `Ejected` (reference/events.md 5) */
export function endChat(state: DeskState, href: string, reason: string | undefined, now: number): DeskState {
  return withChat(state, href, now, (chat) => {
    const ended = reachStage(chat, 'ended');
    return reason === undefined || ended.endReason !== undefined ? ended : { ...ended, endReason: reason };
  });
}

export function applyMessaging(chat: Chat, messaging: Resource): Chat {
  return chat.stage === 'ended' ? chat : { ...chat, messaging };
}

export function applyOnlineMeeting(chat: Chat, onlineMeeting: Resource): Chat {
  return { ...chat, onlineMeetingUri: textMember(onlineMeeting, 'onlineMeetingUri') ?? chat.onlineMeetingUri };
}

/**
 * Places a message; what the outbox still held of it is done. That it failed is often told after it was taken for
 * delivered (reference/call-flow.md F5).
 */
export function applyMessage(
  state: DeskState,
  chatHref: string,
  message: Resource,
  now: number,
  failed = false,
): DeskState {
  const place = readSaid(message);
  if (!place) return state;
  const read: Said = failed ? { ...place, undelivered: true } : place;
  const sent = state.outbox.find(({ operationId }) => operationId === read.operationId);
  const said = read.text === '' && sent ? { ...read, text: sent.text } : read;
  const next = withChat(state, chatHref, now, (chat) => {
    const { [said.participantHref ?? '']: _stopped, ...typing } = chat.typing;
    return { ...addSaid(chat, 'live', said), typing };
  });
  return clearOutbox(next);
}

/** Takes out of the outbox what has its place in a chat. */
export function clearOutbox(state: DeskState): DeskState {
  const outbox = state.outbox.filter((outgoing) => {
    const chat = state.chats[outgoing.conversationHref];
    return !chat || !isPlaced(chat, outgoing);
  });
  return outbox.length === state.outbox.length ? state : { ...state, outbox };
}

function applyParticipant(chat: Chat, { event, inWord }: ReceivedEvent, now: number): Chat {
  const href = event.link.href;
  if (inWord === 'typingParticipants') {
    const { [href]: _stopped, ...others } = chat.typing;
    const typing = event.type === 'added' && chat.stage !== 'ended' ? { ...others, [href]: now } : others;
    return { ...chat, typing };
  }
  if (inWord !== undefined) return chat;
  return event.type === 'deleted' ? leave(chat, href) : join(chat, event);
}

/** Somebody is in the meeting, as an event or a GET of the participant says. */
export function join(chat: Chat, source: WireEvent | Resource): Chat {
  const read = readParticipant(source);
  if (!read) return chat;
  const before = chat.participants[read.href];
  const participant = {
    href: read.href,
    name: read.name ?? before?.name ?? '',
    uri: read.uri ?? before?.uri ?? uriOfParticipantHref(read.href),
    // Who has left stays gone: a bridged visitor cannot come back into the same meeting.
    here: before?.here ?? true,
  };
  return { ...chat, participants: { ...chat.participants, [read.href]: participant } };
}

function leave(chat: Chat, href: string): Chat {
  const before = chat.participants[href];
  const uri = before?.uri ?? uriOfParticipantHref(href);
  const { [href]: _stopped, ...typing } = chat.typing;
  return {
    ...chat,
    participants: { ...chat.participants, [href]: { href, name: before?.name ?? '', uri, here: false } },
    typing,
  };
}
