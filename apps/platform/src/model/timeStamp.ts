/**
 * One time stamp a message, the same on every view, strictly increasing within a meeting and the legs bridged into it,
 * or within the leg while it is not bridged. So (session, time stamp) identifies a message and gives its place.
 */
import { changeConversation, conversationById } from './conversation.ts';
import type { Conversation } from './documents.ts';
import type { World } from './world.ts';

/** @returns milliseconds, later than every message that a reader of this one can have seen */
export function stampMessage(world: World, conversation: Conversation): number {
  const meetingUri =
    conversation.shape === 'meeting' ? conversation.meetingUri : bridgeOf(world, conversation)?.meetingUri;
  const meeting = meetingUri === undefined ? undefined : world.get('meeting', meetingUri);
  if (meeting !== undefined) {
    const timeStamp = Math.max(world.now, meeting.lastTimeStamp + 1);
    world.put('meeting', meeting.uri, { ...meeting, lastTimeStamp: timeStamp });
    return timeStamp;
  }
  const timeStamp = Math.max(world.now, legTimeStamp(world, conversation) + 1);
  changeConversation(world, conversation.id, { lastTimeStamp: timeStamp });
  return timeStamp;
}

/** The latest time stamp of a leg; each side keeps the ones of its own messages. */
export function legTimeStamp(world: World, conversation: Conversation): number {
  const peer = conversation.peerId === undefined ? undefined : conversationById(world, conversation.peerId);
  return Math.max(conversation.lastTimeStamp, peer?.lastTimeStamp ?? 0);
}

/** The bridge of a two-party leg, from whichever side one looks. */
export function bridgeOf(world: World, conversation: Conversation): Conversation['bridge'] {
  if (conversation.bridge !== undefined || conversation.peerId === undefined) return conversation.bridge;
  return conversationById(world, conversation.peerId).bridge;
}
