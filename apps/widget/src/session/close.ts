import type { AnonymousClient } from '@repo/ucwa-client/anonymousClient';
import { supports } from '@repo/ucwa-client/resource';
import type { ChatState } from './chatState.ts';

/**
 * Ends the chat by the mildest means that the state offers (reference/call-flow.md step 18): stopMessaging, else the
 * conversation, else the whole application, which takes down an invitation that was sent but not yet confirmed.
 * That it is over already is success.
 * @throws UcwaError, ConnectionError
 */
export async function close(client: AnonymousClient, state: ChatState): Promise<void> {
  if (state.messaging && supports(state.messaging, 'stopMessaging')) await client.stopMessaging(state.messaging);
  else if (state.conversationHref !== undefined) await client.leave(state.conversationHref);
  else if (state.application) await client.deleteApplication(state.application);
}
