/** Typing: shown to whoever would hear the message, gone after ten seconds or with a message (reference/service-api.md 12). */
import { changeConversation, conversationById, ownedConversation } from './conversation.ts';
import type { Conversation, ConversationOwner } from './documents.ts';
import { hearingOf, introduce } from './hearing.ts';
import { participantOf } from './participants.ts';
import { RefusalError } from './refusal.ts';
import type { World } from './world.ts';

export const typingTimerKind = 'typing';
const timerName = (conversationId: string) => `${typingTimerKind}:${conversationId}`;

/** @throws RefusalError 404 ConversationNotFound, 409 Conflict when messaging is not Connected */
export function setTyping(world: World, caller: ConversationOwner, conversationId: string): void {
  const typist = ownedConversation(world, caller, conversationId);
  if (typist.messaging !== 'Connected') throw new RefusalError(409, undefined, 'messaging is not connected');
  if (isHidden(typist)) return;
  for (const hearing of hearingOf(world, typist)) {
    introduce(world, hearing, typist.local.uri);
    show(world, hearing.conversationId, hearing.as.id);
  }
  world.schedule({
    name: timerName(typist.id),
    dueAt: world.now + world.settings.typingMs,
    kind: typingTimerKind,
    id: typist.id,
  });
}

/** An SA in a meeting is invisible, so nobody sees it type. */
const isHidden = (typist: Conversation) => typist.shape === 'meeting' && typist.owner.face === 'service';

/** Whoever shows this owner as typing stops doing so. */
export function stopTyping(world: World, conversationId: string): void {
  const typist = world.get('conversation', conversationId);
  if (typist === undefined) return;
  for (const hearing of hearingOf(world, typist)) hideTyping(world, hearing.conversationId, hearing.as.id);
  world.unschedule(timerName(conversationId));
}

function show(world: World, viewId: string, participantId: string): void {
  const view = conversationById(world, viewId);
  if (view.endedAt !== undefined || view.typing.includes(participantId)) return;
  const changed = changeConversation(world, viewId, { typing: [...view.typing, participantId] });
  emitTyping(world, changed, participantId, 'added');
}

/** Removes one entry from one view; nothing happens when it is not there. */
export function hideTyping(world: World, viewId: string, participantId: string): void {
  const view = conversationById(world, viewId);
  if (!view.typing.includes(participantId)) return;
  const changed = changeConversation(world, viewId, { typing: view.typing.filter((id) => id !== participantId) });
  if (changed.endedAt === undefined) emitTyping(world, changed, participantId, 'deleted');
}

function emitTyping(world: World, view: Conversation, participantId: string, type: 'added' | 'deleted'): void {
  const title = participantOf(world, view, participantId)?.name ?? '';
  world.emit({
    to: { conversationId: view.id },
    target: { kind: 'participant', id: participantId, title },
    in: { kind: 'typingParticipants' },
    type,
  });
}
