/** The messaging part of a conversation: added to a meeting leg, stopped (reference/service-api.md 12, call-flow.md 8c, 15b). */
import {
  changeConversation,
  conversationById,
  emitConversation,
  emitMessaging,
  ownedConversation,
} from './conversation.ts';
import type { Conversation, ConversationOwner } from './documents.ts';
import { checkFirstMessage, sayFirstMessage } from './firstMessage.ts';
import { startInvitation, succeed } from './invitation.ts';
import { conferencedConversation, setMemberMessaging } from './onlineMeeting.ts';
import { emitLocalMessaging } from './participants.ts';
import { RefusalError } from './refusal.ts';
import { endConversation } from './teardown.ts';
import { hideTyping, stopTyping } from './typing.ts';
import type { World } from './world.ts';

/**
 * Joins the chat of the meeting.
 * @throws RefusalError 404 ConversationNotFound, 409 AlreadyExists (messaging is there), 409 (no meeting); 400, 415 for the first message
 */
export function addMessaging(
  world: World,
  caller: ConversationOwner,
  conversationId: string,
  input: { readonly operationId?: string; readonly message?: string; readonly customContent?: string },
): { readonly id: string } {
  if (ownedConversation(world, caller, conversationId).messaging !== 'Disconnected') {
    throw new RefusalError(409, 'AlreadyExists', 'the conversation has messaging already');
  }
  const conversation = conferencedConversation(world, caller, conversationId);
  checkFirstMessage(world, conversation, input.message);
  const invitation = startInvitation(world, {
    id: world.newId(),
    kind: 'messagingInvitation',
    direction: 'Outgoing',
    conversationId,
    operationId: input.operationId ?? world.newId(),
    importance: conversation.importance,
    threadId: conversation.threadId,
    from: conversation.local,
    ...(input.message === undefined ? {} : { message: input.message }),
    ...(input.customContent === undefined ? {} : { customContent: input.customContent }),
  });
  changeConversation(world, conversationId, { messaging: 'Connecting' });
  emitMessaging(world, conversationId);
  changeConversation(world, conversationId, { messaging: 'Connected' });
  emitMessaging(world, conversationId);
  emitConversation(world, conversationId, 'updated');
  emitLocalMessaging(world, conversation, 'added');
  setMemberMessaging(world, conversationById(world, conversationId), true);
  succeed(world, invitation.id);
  sayFirstMessage(world, invitation);
  return { id: invitation.id };
}

/**
 * Ends a two-party conversation (also while it rings: `cancel`), takes messaging out of a meeting leg.
 * @throws RefusalError 404 ConversationNotFound, 409 when there is no messaging
 */
export function stopMessaging(world: World, caller: ConversationOwner, conversationId: string): void {
  const conversation = ownedConversation(world, caller, conversationId);
  if (conversation.shape === 'twoParty') {
    endConversation(world, conversationId);
    return;
  }
  if (conversation.messaging === 'Disconnected')
    throw new RefusalError(409, undefined, 'there is no messaging to stop');
  leaveChat(world, conversation);
}

function leaveChat(world: World, conversation: Conversation): void {
  stopTyping(world, conversation.id);
  for (const id of conversation.typing) hideTyping(world, conversation.id, id);
  changeConversation(world, conversation.id, { messaging: 'Disconnected' });
  emitMessaging(world, conversation.id);
  emitConversation(world, conversation.id, 'updated');
  emitLocalMessaging(world, conversation, 'deleted');
  setMemberMessaging(world, conversationById(world, conversation.id), false);
}
