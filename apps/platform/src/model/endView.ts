/**
 * How one view of a conversation ends (reference/events.md 5). It says, in this order:
 * 1. messaging updated Disconnected,
 * 2. participantMessaging and participant deleted,
 * 3. conversationBridge deleted (the SA's view of a bridged leg),
 * 4. conversation updated Disconnected, 5. conversation deleted.
 */
import type { ErrorBody } from '@repo/ucwa-protocol/errorCodes';
import { changeConversation, conversationById, dropBridge, emitConversation, emitMessaging } from './conversation.ts';
import { type Conversation, messageKey } from './documents.ts';
import { emitLocalMessaging, emitParticipant, emitParticipantMessaging, rosterOf } from './participants.ts';
import type { World } from './world.ts';

export const forgetConversationTimerKind = 'conversation.forget';

export interface Ending {
  /** Why, for the view that ends; none when its owner ended it. */
  readonly reason?: ErrorBody;
  /** Its owner has gone, so its channel gets nothing. */
  readonly silent?: boolean;
}

/** The events of one view, and the view becomes a tombstone. */
export function endView(world: World, id: string, ending: Ending = {}): void {
  const before = conversationById(world, id);
  if (before.endedAt !== undefined) return;
  const because = ending.reason === undefined ? {} : { reason: ending.reason };
  if (ending.silent !== true) {
    if (before.messaging !== 'Disconnected') {
      changeConversation(world, id, { messaging: 'Disconnected', endedAt: world.now });
      emitMessaging(world, id);
      if (before.messaging === 'Connected') emitLocalMessaging(world, before, 'deleted');
    }
    for (const entry of rosterOf(world, before)) {
      if (entry.usesMessaging) emitParticipantMessaging(world, id, entry, 'deleted');
      emitParticipant(world, id, entry, 'deleted');
    }
    if (before.bridge !== undefined) emitBridge(world, id, 'deleted');
  }
  if (before.bridge !== undefined) dropBridge(world, id);
  changeConversation(world, id, {
    messaging: 'Disconnected',
    state: 'Disconnected',
    roster: [],
    typing: [],
    endedAt: world.now,
  });
  if (ending.silent !== true) {
    emitConversation(world, id, 'updated');
    world.emit({ to: { conversationId: id }, target: { kind: 'conversation' }, type: 'deleted', ...because });
  }
  bury(world, conversationById(world, id));
}

export function emitBridge(world: World, id: string, type: 'added' | 'updated' | 'deleted'): void {
  world.emit({
    to: { conversationId: id },
    target: { kind: 'conversationBridge' },
    in: { kind: 'conversation' },
    type,
  });
}

/** Texts go at once; the tombstone stays until it is forgotten. */
function bury(world: World, conversation: Conversation): void {
  for (let number = 2; number <= conversation.lastMessage; number++) {
    world.delete('message', messageKey(conversation.id, number));
  }
  if (conversation.owner.face === 'ucwa') {
    const application = world.get('ucwaApplication', conversation.owner.applicationId);
    if (application !== undefined) {
      const conversationIds = application.conversationIds.filter((other) => other !== conversation.id);
      world.put('ucwaApplication', application.id, { ...application, conversationIds });
    }
  }
  world.schedule({
    name: `${forgetConversationTimerKind}:${conversation.id}`,
    dueAt: world.now + world.settings.rememberMs,
    kind: forgetConversationTimerKind,
    id: conversation.id,
  });
}
