import { supports } from '@repo/ucwa-client/resource';
import type { Resource } from '@repo/ucwa-protocol/hal';
import type { ChatState, Grant, Invitation } from './chatState.ts';
import { nextWaiting } from './outbox.ts';

/** One request, with everything of the state that it needs: what is not there cannot be asked for. */
export type Step = { readonly name: 'requestToken' } | { readonly name: 'close' } | VisitorStep;

/** A request to the platform, for which the visitor must have been granted a token. */
export type VisitorStep = { readonly grant: Grant } & (
  | { readonly name: 'discover' }
  | { readonly name: 'createSession'; readonly anonApplicationsHref: string; readonly visitorName: string }
  | {
      readonly name: 'sendMessagingInvitation';
      readonly application: Resource;
      readonly invitation: Invitation;
      readonly firstWords: string;
    }
  | { readonly name: 'sendMessage'; readonly messaging: Resource; readonly operationId: string; readonly text: string }
  | { readonly name: 'refresh'; readonly conversationHref: string }
);

/**
 * What this chat has to ask of a server now, from its state alone. Starting, going on after a reload and trying again
 * are therefore the same thing. Pure.
 * @returns undefined when there is nothing to ask: the events of the channel will change that, or the visitor.
 */
export function nextStep(state: ChatState): Step | undefined {
  if (state.phase === 'form' || state.phase === 'ended') return undefined;
  if (state.closing) return { name: 'close' };
  const { grant, conversationHref, messaging } = state;
  if (grant === undefined) return { name: 'requestToken' };
  if (state.phase === 'starting') return stepOfStart(state, grant);
  if (state.stale && conversationHref !== undefined) return { name: 'refresh', grant, conversationHref };
  if (state.phase === 'chatting' && messaging && supports(messaging, 'sendMessage')) {
    const message = nextWaiting(state);
    if (message) return { name: 'sendMessage', grant, messaging, operationId: message.key, text: message.text };
  }
  return undefined;
}

/** Steps 4 to 6 of the call flow, each as soon as the one before has left its answer in the state. */
function stepOfStart({ anonApplicationsHref, application, ...state }: ChatState, grant: Grant): Step | undefined {
  const { visitorName, invitation, messages } = state;
  if (anonApplicationsHref === undefined) return { name: 'discover', grant };
  if (application === undefined) return { name: 'createSession', grant, anonApplicationsHref, visitorName };
  if (invitation === undefined) return undefined;
  const firstWords = messages[0]?.text ?? '';
  return { name: 'sendMessagingInvitation', grant, application, invitation, firstWords };
}
