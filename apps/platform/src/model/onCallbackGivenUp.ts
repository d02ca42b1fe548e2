/** What happens when an SA can no longer be told (reference/events.md 4.2). */
import { reason } from './refusal.ts';
import { failCall } from './ringing.ts';
import { endConversation } from './teardown.ts';
import type { World } from './world.ts';

/**
 * The SA counts as gone for this conversation. A call that it was never told of fails on both sides; a conversation that was
 * going on ends.
 */
export function onCallbackGivenUp(world: World, conversationId: string): void {
  const conversation = world.get('conversation', conversationId);
  if (conversation === undefined || conversation.endedAt !== undefined) return;
  const first = world.get('invitation', conversation.invitationIds[0] ?? '');
  const toSa = reason('LocalFailure', 'CallbackUriUnreachable');
  if (first?.state === 'Connecting' && first.kind === 'messagingInvitation' && first.direction === 'Incoming') {
    failCall(world, first.counterpartIds[0] ?? '', reason('RemoteFailure', 'Unreachable'), toSa);
  } else endConversation(world, conversationId, { reason: toSa });
}
