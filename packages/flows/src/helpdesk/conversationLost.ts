import type { ConversationEvent } from './events.ts';

/**
 * The visitor's conversation was looked for and is gone: what its deletion would have told, had its callback come.
 * @param href of C1, absolute
 */
export function conversationLost(href: string): ConversationEvent {
  return { type: 'conversation.deleted', leg: 'C1', href, conversationHref: href, links: {}, reconciled: true };
}
