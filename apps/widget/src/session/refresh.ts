import type { AnonymousClient } from '@repo/ucwa-client/anonymousClient';
import type { Resource } from '@repo/ucwa-protocol/hal';

/**
 * Reads the conversation again after the server rebuilt the event channel, when cached state is worth nothing
 * (reference/events.md 3, "Client rules").
 * @returns the present representation of its messaging
 * @throws UcwaError 404 or 410 when the conversation did not survive, ConnectionError
 */
export function refresh(client: AnonymousClient, conversationHref: string): Promise<Resource | undefined> {
  return client.messagingOf(conversationHref);
}
