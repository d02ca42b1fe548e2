/** What visitors and agents alike do with a messaging resource (reference/ucwa-api.md 7). */
import type { Resource } from '@repo/ucwa-protocol/hal';
import { isGone } from './errors.ts';
import { follow } from './follow.ts';
import type { Answer, Send } from './request.ts';

export interface MessageInput {
  readonly text: string;
  /** Repeating it with the same text is safe: the platform answers as before and sends nothing twice. */
  readonly operationId: string;
}

/** Sends plain text. The answer's `location` is the message's href, as its `completed` event will name it. */
export async function sendMessage(
  send: Send,
  messaging: Resource,
  { text, operationId }: MessageInput,
): Promise<Answer> {
  return follow(send, messaging, 'sendMessage', { method: 'POST', text, query: { operationId } });
}

/** To be repeated while typing goes on; the platform forgets it after some seconds. */
export async function setIsTyping(send: Send, messaging: Resource): Promise<void> {
  await follow(send, messaging, 'setIsTyping', { method: 'POST' });
}

/** Ends something; that it is gone already is success (reference/client-expectations.md U20). */
export async function untilGone(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
