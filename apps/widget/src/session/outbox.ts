/**
 * What the visitor has written and the platform has not confirmed. Pure; the rows are the messages of the state,
 * so they survive a reload together with everything else. The operationId stays with a message over every
 * attempt: a resend of one that did arrive gets the first answer again and makes no second message.
 */
import { limits } from '@repo/ucwa-protocol/limits';
import type { ChatMessage, ChatState, MessageFailure } from './chatState.ts';
import { inOrder } from './chatState.ts';

/** Adds a message at the end. @param now milliseconds since 1970 */
export function enqueue(state: ChatState, text: string, operationId: string, now: number): ChatState {
  const last = state.messages.at(-1);
  const row: ChatMessage = {
    key: operationId,
    direction: 'Outgoing',
    text,
    createdAt: Math.max(now, last === undefined ? 0 : last.createdAt + 1),
    state: 'waiting',
    ...(new TextEncoder().encode(text).length > limits.messageBytes ? { state: 'failed', failure: 'tooLong' } : {}),
  };
  return { ...state, messages: inOrder([...state.messages, row]) };
}

/** The one to send now. One at a time, oldest first: the order written is the order sent. */
export function nextWaiting(state: ChatState): ChatMessage | undefined {
  return state.messages.find((message) => message.state === 'waiting');
}

/** The platform answered 201. Its `completed` event may have come first and then stays. */
export function accepted(state: ChatState, operationId: string, href: string | undefined): ChatState {
  return change(state, operationId, (message) => ({
    ...message,
    state: message.state === 'waiting' ? 'accepted' : message.state,
    ...(href === undefined ? {} : { href }),
  }));
}

/** The platform refused it; asking again without the visitor's word would change nothing. */
export function refused(state: ChatState, operationId: string, failure: MessageFailure): ChatState {
  return change(state, operationId, (message) =>
    message.state === 'waiting' ? { ...message, state: 'failed', failure } : message,
  );
}

/**
 * The visitor sends a failed message again. After a reported non-delivery the operation is over, so it becomes a
 * new one under `newOperationId`; otherwise the operationId stays.
 * @param now milliseconds since 1970
 */
export function retry(state: ChatState, operationId: string, newOperationId: string, now: number): ChatState {
  return change(state, operationId, (message) => {
    if (message.state !== 'failed' || message.failure === 'tooLong') return message;
    const over = message.failure === 'notDelivered';
    return {
      key: over ? newOperationId : message.key,
      direction: 'Outgoing',
      text: message.text,
      createdAt: now,
      state: 'waiting',
    };
  });
}

/** Texts that never reached the platform, for the draft of the next chat. */
export function unsentText(state: ChatState): string {
  return state.messages
    .filter((message) => message.state === 'failed' && message.failure === 'chatEnded')
    .map((message) => message.text)
    .join('\n');
}

function change(state: ChatState, key: string, edit: (message: ChatMessage) => ChatMessage): ChatState {
  const rows = state.messages.map((message) =>
    message.direction === 'Outgoing' && message.key === key ? edit(message) : message,
  );
  return { ...state, messages: inOrder(rows) };
}
