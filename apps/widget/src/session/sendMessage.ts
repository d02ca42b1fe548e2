import type { AnonymousClient } from '@repo/ucwa-client/anonymousClient';
import type { Resource } from '@repo/ucwa-protocol/hal';

/**
 * Sends one text (reference/call-flow.md step 17r). The same operationId again is the same message.
 * @param messaging the last representation of the conversation's messaging
 * @returns the absolute address of the message, if the platform named it
 * @throws LinkNotAvailableError while messaging is not connected, UcwaError, ConnectionError
 */
export async function sendMessage(
  client: AnonymousClient,
  messaging: Resource,
  message: { readonly operationId: string; readonly text: string },
): Promise<string | undefined> {
  return (await client.sendMessage(messaging, message)).location;
}
