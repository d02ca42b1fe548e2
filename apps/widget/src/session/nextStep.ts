import { supports } from '@repo/ucwa-client/resource';
import type { ChatState } from './chatState.ts';
import { nextWaiting } from './outbox.ts';

export type Step =
  | { readonly name: 'requestToken' }
  | { readonly name: 'discover' }
  | { readonly name: 'createSession' }
  | { readonly name: 'sendMessagingInvitation' }
  | { readonly name: 'sendMessage'; readonly operationId: string; readonly text: string }
  | { readonly name: 'refresh'; readonly conversationHref: string }
  | { readonly name: 'close' };

/**
 * What this chat has to ask of a server now, from its state alone. Starting, going on after a reload and trying again
 * are therefore the same thing. Pure.
 * @returns undefined when there is nothing to ask: the events of the channel will change that, or the visitor.
 */
export function nextStep(state: ChatState): Step | undefined {
  if (state.phase === 'form' || state.phase === 'ended') return undefined;
  if (state.closing) return { name: 'close' };
  if (state.phase === 'starting') {
    if (state.grant === undefined) return { name: 'requestToken' };
    if (state.anonApplicationsHref === undefined) return { name: 'discover' };
    if (state.application === undefined) return { name: 'createSession' };
    return { name: 'sendMessagingInvitation' };
  }
  if (state.stale && state.conversationHref !== undefined) {
    return { name: 'refresh', conversationHref: state.conversationHref };
  }
  if (state.phase === 'chatting' && state.messaging && supports(state.messaging, 'sendMessage')) {
    const message = nextWaiting(state);
    if (message) return { name: 'sendMessage', operationId: message.key, text: message.text };
  }
  return undefined;
}
