import { follow } from '@repo/ucwa-client/follow';
import type { Send } from '@repo/ucwa-client/request';
import type { Resource } from '@repo/ucwa-protocol/hal';

/**
 * Reads the conversation again after the server rebuilt the event channel, when cached state is worth nothing
 * (reference/events.md 3, "Client rules").
 * @returns the present representation of its messaging
 * @throws UcwaError 404 or 410 when the conversation did not survive, ConnectionError
 */
export async function refresh(send: Send, conversationHref: string): Promise<Resource | undefined> {
  const conversation = await send({ method: 'GET', href: conversationHref });
  if (!conversation.resource) return undefined;
  return (await follow(send, conversation.resource, 'messaging')).resource;
}
