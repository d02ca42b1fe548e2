import { follow } from '@repo/ucwa-client/follow';
import { untilGone } from '@repo/ucwa-client/messaging';
import type { Send } from '@repo/ucwa-client/request';
import { linkHref, supports } from '@repo/ucwa-client/resource';
import type { ChatState } from './chatState.ts';

/**
 * Ends the chat by the mildest means that the state offers (reference/call-flow.md step 18): stopMessaging, else the
 * conversation, else the whole application, which takes down an invitation that was sent but not yet confirmed.
 * That it is over already is success.
 * @throws UcwaError, ConnectionError
 */
export async function close(send: Send, state: ChatState): Promise<void> {
  if (state.messaging && supports(state.messaging, 'stopMessaging')) {
    await untilGone(follow(send, state.messaging, 'stopMessaging', { method: 'POST' }));
  } else if (state.conversationHref !== undefined) {
    await untilGone(send({ method: 'DELETE', href: state.conversationHref }));
  } else if (state.application) {
    await untilGone(send({ method: 'DELETE', href: linkHref(state.application, 'self') }));
  }
}
