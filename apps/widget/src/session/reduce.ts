/**
 * Events of the channel into the state of the chat (reference/events.md 1 and 2). Pure.
 * A batch may come again or late: messages are found by operationId, address and time stamp, and ordered by
 * the time stamp, so the list is the same whatever happened to the batches on the way.
 */
import { eventsOf, type ReceivedEvent } from '@repo/ucwa-client/eventBatch';
import { type ReadMessage, readMessage } from '@repo/ucwa-client/message';
import { readParticipant } from '@repo/ucwa-client/participant';
import type { EventBatch } from '@repo/ucwa-protocol/events';
import { type ChatMessage, type ChatState, ended, inOrder } from './chatState.ts';
import { outcomeOf } from './outcomeOf.ts';

/**
 * @param batch every href in it absolute, as the event channel gives it
 * @param now milliseconds since 1970
 * @returns the state after the batch, including the address of the next one
 */
export function reduce(state: ChatState, batch: EventBatch, now: number): ChatState {
  const after = eventsOf(batch).reduce((current, received) => applyEvent(current, received, now), state);
  const { resync, resume, next } = batch._links;
  const eventsHref = (resync ?? resume ?? next)?.href;
  return eventsHref === undefined ? after : { ...after, eventsHref };
}

function applyEvent(state: ChatState, received: ReceivedEvent, now: number): ChatState {
  if (received.word === 'message') return applyMessage(state, received, now);
  if (received.word === 'messaging') return applyMessaging(state, received);
  if (received.word === 'participant') return applyParticipant(state, received);
  if (received.word === 'messagingInvitation') return applyInvitation(state, received);
  if (received.word === 'conversation') return applyConversation(state, received);
  return state;
}

function applyMessage(state: ChatState, received: ReceivedEvent, now: number): ChatState {
  const message = readMessage(received.event, now);
  if (message === undefined) return state;
  return message.direction === 'Incoming'
    ? receiveMessage(state, message, now)
    : confirmMessage(state, received, message, now);
}

function receiveMessage(state: ChatState, message: ReadMessage, now: number): ChatState {
  const key = `at ${message.timeStampMs}`;
  // Only plain text is ever shown; the visitor's side has no other kind of message.
  if (!message.contentType.startsWith('text/plain') || state.messages.some((known) => known.key === key)) return state;
  const from = message.participantTitle ?? state.counterpart;
  const row: ChatMessage = {
    key,
    direction: 'Incoming',
    text: message.text,
    href: message.href,
    timeStamp: message.timeStampMs,
    createdAt: now,
    state: 'delivered',
    ...(from === undefined ? {} : { from }),
  };
  return {
    ...state,
    messages: inOrder([...state.messages, row]),
    typing: state.typing.filter((typist) => typist.href !== message.participantHref),
    unread: state.panel === 'open' ? 0 : state.unread + 1,
    ...(from === undefined ? {} : { counterpart: from }),
  };
}

/** The visitor's own message came back: accepted when started, delivered or failed when completed. */
function confirmMessage(state: ChatState, { event }: ReceivedEvent, message: ReadMessage, now: number): ChatState {
  const failed = event.type === 'completed' && event.status === 'Failure';
  const reported = failed ? 'failed' : event.type === 'completed' ? 'delivered' : 'accepted';
  const { operationId, href, timeStampMs: timeStamp } = message;
  const known = state.messages.find(
    (row) => row.direction === 'Outgoing' && (row.key === operationId || row.href === href),
  );
  // An unknown failure is an attempt that the visitor has already sent again under another operationId.
  if (known === undefined && (message.text === '' || failed)) return state;
  // A late `started` must not take back what `completed` has said.
  if (reported === 'accepted' && (known?.state === 'delivered' || known?.failure === 'notDelivered')) return state;
  const row: ChatMessage = {
    key: known?.key ?? operationId ?? href,
    direction: 'Outgoing',
    text: known?.text ?? message.text,
    href,
    timeStamp,
    createdAt: known?.createdAt ?? now,
    state: reported,
    ...(failed ? { failure: 'notDelivered' } : {}),
  };
  return { ...state, messages: inOrder([...state.messages.filter((each) => each !== known), row]) };
}

function applyMessaging(state: ChatState, { event, resource }: ReceivedEvent): ChatState {
  if (resource === undefined || state.phase === 'ended') return state;
  return {
    ...state,
    messaging: resource,
    ...(resource.state === 'Connected' ? { phase: 'chatting' } : {}),
    ...(event.reason === undefined ? {} : { outcome: outcomeOf(event.reason) }),
  };
}

function applyParticipant(state: ChatState, { event, inWord }: ReceivedEvent): ChatState {
  const participant = readParticipant(event);
  if (participant === undefined || state.phase === 'ended') return state;
  const { href, name = state.counterpart } = participant;
  const others = state.typing.filter((typist) => typist.href !== href);
  if (inWord === 'typingParticipants') {
    return { ...state, typing: event.type === 'added' ? [...others, { href, name: name ?? '' }] : others };
  }
  if (inWord !== undefined) return state;
  if (event.type === 'deleted') return { ...state, typing: others };
  return name === undefined || state.counterpart !== undefined ? state : { ...state, counterpart: name };
}

function applyInvitation(state: ChatState, { event }: ReceivedEvent): ChatState {
  if (event.type !== 'completed' || event.status !== 'Failure') return state;
  return ended(state, state.closing ? 'endedByVisitor' : outcomeOf(event.reason));
}

/** The end is `deleted`; its reason, or that of the events before it, tells whose (reference/events.md 5). */
function applyConversation(state: ChatState, { event }: ReceivedEvent): ChatState {
  if (state.phase === 'ended') return state;
  const outcome = event.reason === undefined ? state.outcome : outcomeOf(event.reason);
  if (event.type === 'deleted') return ended(state, state.closing ? 'endedByVisitor' : (outcome ?? 'endedByHelpdesk'));
  return { ...state, conversationHref: event.link.href, ...(outcome === undefined ? {} : { outcome }) };
}
