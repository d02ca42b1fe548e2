/**
 * A call between two persons becomes a meeting, so that a third one can be called in (reference/ucwa-api.md 6 "addParticipant",
 * errors.md 4). Both views stay what they are, with their messaging, participants and hrefs:
 * 1. conversation updated Conferencing, 2. conversation updated Conferenced, 3. onlineMeeting added.
 */
import { sipDomain } from '@repo/ucwa-protocol/sipUri';
import { changeConversation, conversationById, emitConversation, ownedConversation } from './conversation.ts';
import type { Conversation } from './documents.ts';
import type { Caller } from './messagingInvitation.ts';
import { createMeeting } from './onlineMeeting.ts';
import { legTimeStamp } from './timeStamp.ts';
import { stopTyping } from './typing.ts';
import type { World } from './world.ts';

/** Does nothing to a conversation that is no connected call between two persons. @throws RefusalError 404 ConversationNotFound */
export function escalate(world: World, caller: Caller, conversationId: string): void {
  const own = ownedConversation(world, caller.owner, conversationId);
  if (own.escalates !== true || own.state !== 'Connected' || own.peerId === undefined) return;
  const ids = [own.id, own.peerId];
  for (const id of ids) stopTyping(world, id);
  const { uri } = createMeeting(world, caller.tenantId, sipDomain(own.local.uri), own.subject ?? '');
  const meeting = world.get('meeting', uri);
  if (meeting === undefined) return;
  const members = ids.map((id) => {
    const view = conversationById(world, id);
    return { ...view.local, role: 'agent' as const, conversationId: id, usesMessaging: view.messaging === 'Connected' };
  });
  // The next message is later than all that was said on the call.
  const lastTimeStamp = legTimeStamp(world, own);
  for (const id of ids) {
    world.put('conversation', id, asMeetingView(conversationById(world, id), uri));
    emitConversation(world, id, 'updated');
  }
  world.put('meeting', uri, { ...meeting, members, lastTimeStamp });
  for (const id of ids) {
    changeConversation(world, id, { state: 'Conferenced' });
    emitConversation(world, id, 'updated');
    world.emit({
      to: { conversationId: id },
      target: { kind: 'onlineMeeting' },
      in: { kind: 'conversation' },
      type: 'added',
    });
  }
}

function asMeetingView(view: Conversation, meetingUri: string): Conversation {
  const { peerId: _peer, escalates: _escalates, ...rest } = view;
  return { ...rest, shape: 'meeting', state: 'Conferencing', roster: [], typing: [], meetingUri };
}
