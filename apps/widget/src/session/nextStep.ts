import { supports } from '@repo/ucwa-client/resource';
import type { Resource } from '@repo/ucwa-protocol/hal';
import type { ChatState, Invitation } from './chatState.ts';
import { nextWaiting } from './outbox.ts';

/** One request, with everything of the state that it needs: what is not there cannot be asked for. */
export type Step =
  | { readonly name: 'requestToken' }
  | { readonly name: 'discover'; readonly discoverHref: string }
  | { readonly name: 'createSession'; readonly anonApplicationsHref: string; readonly visitorName: string }
  | {
      readonly name: 'sendMessagingInvitation';
      readonly application: Resource;
      readonly invitation: Invitation;
      readonly helpdeskUri: string;
      readonly firstWords: string;
    }
  | { readonly name: 'sendMessage'; readonly messaging: Resource; readonly operationId: string; readonly text: string }
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
  if (state.phase === 'starting') return stepOfStart(state);
  const { conversationHref, messaging } = state;
  if (state.stale && conversationHref !== undefined) return { name: 'refresh', conversationHref };
  if (state.phase === 'chatting' && messaging && supports(messaging, 'sendMessage')) {
    const message = nextWaiting(state);
    if (message) return { name: 'sendMessage', messaging, operationId: message.key, text: message.text };
  }
  return undefined;
}

/** Steps 3 to 6 of the call flow, each as soon as the one before has left its answer in the state. */
function stepOfStart({ grant, anonApplicationsHref, application, ...state }: ChatState): Step | undefined {
  const { visitorName, invitation, messages } = state;
  if (grant === undefined) return { name: 'requestToken' };
  if (anonApplicationsHref === undefined) return { name: 'discover', discoverHref: grant.discoverUrl };
  if (application === undefined) return { name: 'createSession', anonApplicationsHref, visitorName };
  if (invitation === undefined) return undefined;
  const { helpdeskUri } = grant;
  return {
    name: 'sendMessagingInvitation',
    application,
    invitation,
    helpdeskUri,
    firstWords: messages[0]?.text ?? '',
  };
}
