/** What happens when time has passed. */
import { activityTimerKind, onInactive } from './activity.ts';
import { idleTimerKind, serviceChannelId, type Timer } from './channel.ts';
import { givenUpTimerKind } from './deliveries.ts';
import { forgetConversationTimerKind } from './endView.ts';
import { ringTimerKind } from './invitation.ts';
import { checkUndelivered, undeliveredTimerKind } from './message.ts';
import { timeOutMessaging } from './messagingInvitation.ts';
import { timeOutParticipant } from './participantInvitation.ts';
import { endMeeting, meetingTimerKind } from './teardown.ts';
import { stopTyping, typingTimerKind } from './typing.ts';
import { endApplication, expiryTimerKind, forgetApplication } from './ucwaApplication.ts';
import type { World } from './world.ts';

const handlers: Readonly<Record<string, (world: World, id: string) => void>> = {
  [ringTimerKind]: timeOut,
  [typingTimerKind]: stopTyping,
  [undeliveredTimerKind]: checkUndelivered,
  [meetingTimerKind]: endMeeting,
  [idleTimerKind]: (world, id) => endApplication(world, id, 'InactiveApplicationExpired'),
  [activityTimerKind]: (world, id) =>
    onInactive(world, id, () => endApplication(world, id, 'InactiveApplicationExpired')),
  [expiryTimerKind]: (world, id) => endApplication(world, id, 'InactiveApplicationExpired'),
  'ucwaApplication.forget': forgetApplication,
  'meeting.forget': (world, id) => world.delete('meeting', id),
  [forgetConversationTimerKind]: forgetConversation,
  [givenUpTimerKind]: (world, id) => world.delete('givenUpBatch', id),
};

/** @returns whether the timer is the model's; one that is no longer needed does nothing */
export function onTimer(world: World, timer: Timer): boolean {
  const handle = handlers[timer.kind];
  handle?.(world, timer.id);
  return handle !== undefined;
}

function timeOut(world: World, invitationId: string): void {
  if (world.get('invitation', invitationId)?.kind === 'messagingInvitation') timeOutMessaging(world, invitationId);
  else timeOutParticipant(world, invitationId);
}

function forgetConversation(world: World, id: string): void {
  for (const invitationId of world.get('conversation', id)?.invitationIds ?? [])
    world.delete('invitation', invitationId);
  world.delete('channel', serviceChannelId(id));
  world.delete('deliveryRecord', id);
  world.delete('conversation', id);
}
