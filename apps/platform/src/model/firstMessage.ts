/**
 * The text that came along with an invitation: said in the caller's name once messaging is up, like any other message, so it is
 * stamped, numbered and relayed once (reference/service-api.md 6.1). A person who is called directly has read it in the
 * invitation's own link (reference/ucwa-api.md 5).
 */
import { fromDataUri } from '@repo/ucwa-protocol/dataUri';
import { conversationById } from './conversation.ts';
import type { Conversation, Invitation } from './documents.ts';
import { type MessageContent, readsHtml, sendMessage } from './message.ts';
import { asPlainText } from './plainText.ts';
import { RefusalError, refuseParameter } from './refusal.ts';
import type { Look, World } from './world.ts';

/**
 * Whether the caller could say it, asked before anybody rings.
 * @throws RefusalError 400 when it is no data link, 415 when it is no text or in a format that was not negotiated
 */
export function checkFirstMessage(look: Look, caller: Conversation, message: string | undefined): void {
  if (message === undefined) return;
  if (fromDataUri(message) === undefined) refuseParameter('message', 'invalid');
  const content = contentOf(message);
  if (content === undefined || (content.contentType === 'text/html' && !readsHtml(look, caller))) {
    throw new RefusalError(415);
  }
}

/** After everything else that the connection says. @param invitation the caller's, Outgoing */
export function sayFirstMessage(world: World, { conversationId, message }: Invitation): void {
  const content = message === undefined ? undefined : contentOf(message);
  if (content === undefined || content.text === '') return;
  const caller = conversationById(world, conversationId);
  // The formats may have been agreed on after the check.
  const readable = readsHtml(world, caller) ? content : asPlainText(content);
  sendMessage(world, caller.owner, caller.id, readable);
}

function contentOf(message: string): MessageContent | undefined {
  const data = fromDataUri(message);
  const contentType = data?.contentType.split(';')[0]?.trim().toLowerCase();
  if (data === undefined || (contentType !== 'text/plain' && contentType !== 'text/html')) return undefined;
  return { contentType, text: data.text };
}
