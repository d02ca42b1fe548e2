/**
 * A message: stamped once, numbered on every view that is entitled to it, and put on all their channels in one commit
 * (reference/service-api.md 13, reference/call-flow.md 12, 13, 17, 17r). What is relayed to a visitor is also shown to the SA
 * on its view of the leg, as Outgoing in the bridged name; so what crossed the leg is exactly what the SA sees there.
 */

import { participantPath } from '@repo/ucwa-protocol/sipUri';
import { ucwaChannelId } from './channel.ts';
import { changeConversation, conversationById, ownedConversation } from './conversation.ts';
import {
  type Conversation,
  type ConversationOwner,
  type Message,
  type MessagePlace,
  messageKey,
  type Party,
  type RosterEntry,
} from './documents.ts';
import { hearingOf, introduce } from './hearing.ts';
import { localEntry } from './participants.ts';
import { asPlainText } from './plainText.ts';
import { RefusalError, reason } from './refusal.ts';
import { stampMessage } from './timeStamp.ts';
import { stopTyping } from './typing.ts';
import type { Look, World } from './world.ts';

export const undeliveredTimerKind = 'message.undelivered';

export interface MessageContent {
  readonly contentType: 'text/plain' | 'text/html';
  readonly text: string;
}

/**
 * @returns the number of the message in the sender's conversation
 * @throws RefusalError 404 ConversationNotFound, 409 when messaging is not Connected, 415 when the format was not negotiated
 */
export function sendMessage(
  world: World,
  caller: ConversationOwner,
  conversationId: string,
  content: MessageContent,
  operationId?: string,
): { readonly number: number } {
  const sender = ownedConversation(world, caller, conversationId);
  if (sender.messaging !== 'Connected') throw new RefusalError(409, undefined, 'messaging is not connected');
  if (content.contentType === 'text/html' && !readsHtml(world, sender)) throw new RefusalError(415);
  stopTyping(world, conversationId);
  const timeStamp = stampMessage(world, sender);
  const own = deliver(world, sender.id, {
    direction: 'Outgoing',
    timeStamp,
    ...content,
    ...(operationId === undefined ? {} : { operationId }),
  });
  const origin = { conversationId: sender.id, number: own };
  for (const hearing of hearingOf(world, sender)) {
    introduce(world, hearing, sender.local.uri);
    const { legId } = hearing;
    const onLeg =
      legId === undefined
        ? {}
        : {
            onLeg: {
              conversationId: legId,
              number: showOnLeg(world, legId, hearing.as.name, sender, timeStamp, content),
            },
          };
    deliver(world, hearing.conversationId, {
      direction: 'Incoming',
      timeStamp,
      ...content,
      sender: { id: hearing.as.id, uri: hearing.as.uri, name: hearing.as.name },
      origin: { ...origin, ...onLeg },
    });
  }
  return { number: own };
}

/** The SA sees on the leg what it lets through (kept apart from what was only said in the meeting). */
function showOnLeg(
  world: World,
  legId: string,
  displayName: string,
  sender: Conversation,
  timeStamp: number,
  content: MessageContent,
): number {
  const as: Party & { id: string } = {
    id: participantPath(sender.local.uri),
    uri: sender.local.uri,
    name: displayName,
  };
  return deliver(world, legId, { direction: 'Outgoing', timeStamp, ...content, sender: as });
}

/** Writes the message into one view and says so on its channel. */
function deliver(world: World, conversationId: string, made: Omit<Message, 'conversationId' | 'number'>): number {
  const view = conversationById(world, conversationId);
  const number = view.lastMessage + 1;
  const readable = readsHtml(world, view) ? made : { ...made, ...asPlainText(made) };
  const message: Message = { ...readable, conversationId, number };
  world.put('message', messageKey(conversationId, number), message);
  const awaitsFetch = message.origin !== undefined && isOnlyReader(world, view);
  changeConversation(world, conversationId, {
    lastMessage: number,
    ...(awaitsFetch ? { deliveryCheck: true } : {}),
  });
  const seq = world.emit({
    to: { conversationId },
    target: { kind: 'message', number },
    type: 'completed',
    status: 'Success',
  });
  if (awaitsFetch) {
    world.put('message', messageKey(conversationId, number), { ...message, seq });
    if (!view.deliveryCheck) scheduleCheck(world, conversationId, made.timeStamp);
  }
  return number;
}

/** Whoever writes to it writes to nobody else: a visitor, or the other person of a call. A meeting has more readers. */
function isOnlyReader(look: Look, view: Conversation): boolean {
  if (view.owner.face !== 'ucwa') return false;
  if (view.shape === 'twoParty') return true;
  return look.get('ucwaApplication', view.owner.applicationId)?.audience === 'anonymous';
}

/** Whether this reader negotiated Html; an SA always did (samples/Event_MessagingConnected.json). */
export function readsHtml(look: Look, view: Conversation): boolean {
  if (view.owner.face === 'service') return true;
  return look.get('ucwaApplication', view.owner.applicationId)?.messageFormats.includes('Html') ?? false;
}

function scheduleCheck(world: World, conversationId: string, timeStamp: number): void {
  world.schedule({
    name: `${undeliveredTimerKind}:${conversationId}`,
    dueAt: timeStamp + world.settings.undeliveredMs,
    kind: undeliveredTimerKind,
    id: conversationId,
  });
}

/**
 * Tells the senders of messages that their only reader has not fetched for thirty seconds (reference/call-flow.md F5). The messages
 * stay on the channel and are still delivered later. One timer serves a conversation, however much is said in it.
 */
export function checkUndelivered(world: World, conversationId: string): void {
  const view = world.get('conversation', conversationId);
  if (view === undefined || view.endedAt !== undefined || view.owner.face !== 'ucwa') return;
  const fetched = fetchedThrough(world, view.owner.applicationId);
  let checkedThrough = view.checkedThrough;
  for (let number = view.checkedThrough + 1; number <= view.lastMessage; number++) {
    const message = world.get('message', messageKey(conversationId, number));
    const { seq, origin } = message ?? {};
    if (message !== undefined && seq !== undefined && seq > fetched) {
      if (message.timeStamp + world.settings.undeliveredMs > world.now) {
        changeConversation(world, conversationId, { checkedThrough });
        scheduleCheck(world, conversationId, message.timeStamp);
        return;
      }
      const reader = localEntry(view);
      if (origin !== undefined) reportUndelivered(world, origin, reader);
      // The record of what crossed the leg must know it too.
      if (origin?.onLeg !== undefined) reportUndelivered(world, origin.onLeg, reader);
    }
    checkedThrough = number;
  }
  changeConversation(world, conversationId, { checkedThrough, deliveryCheck: false });
}

/** Place of the last event that the client has fetched; of several tabs some one reads. */
function fetchedThrough(look: Look, applicationId: string): number {
  if (look.get('ucwaApplication', applicationId)?.instances !== undefined) return Number.POSITIVE_INFINITY;
  return look.get('channel', ucwaChannelId(applicationId))?.acknowledgedSeq ?? 0;
}

function reportUndelivered(
  world: World,
  { conversationId, number }: MessagePlace,
  reader: Pick<RosterEntry, 'id' | 'name'>,
): void {
  if (world.get('conversation', conversationId)?.endedAt !== undefined) return;
  const key = messageKey(conversationId, number);
  const message = world.get('message', key);
  if (message !== undefined) {
    const missedBy = [...(message.missedBy ?? []), { id: reader.id, name: reader.name }];
    world.put('message', key, { ...message, missedBy });
    // A message fails once, however many missed it; who else did is read from the message.
    if (missedBy.length > 1) return;
  }
  world.emit({
    to: { conversationId },
    target: { kind: 'message', number },
    type: 'completed',
    status: 'Failure',
    reason: reason('RemoteFailure', 'Timeout'),
  });
}

/** @throws RefusalError 404 */
export function messageOf(look: Look, conversation: Conversation, number: number): Message {
  const message = look.get('message', messageKey(conversation.id, number));
  if (message === undefined) throw new RefusalError(404, undefined, 'no such message');
  return message;
}
