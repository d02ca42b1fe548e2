/** Conversations: made, changed, looked up for their owner (reference/service-api.md 9, reference/ucwa-api.md 6). */
import type { Importance } from '@repo/ucwa-protocol/states';
import { openServiceChannel, serviceChannelId } from './channel.ts';
import type { Conversation, ConversationOwner, Party } from './documents.ts';
import { RefusalError } from './refusal.ts';
import type { Look, World } from './world.ts';

/** Where the callbacks of a new conversation go (reference/events.md 4.1). */
export interface CallbackInput {
  readonly callbackUrl?: string;
  readonly callbackContext?: string;
}

export interface NewConversation {
  readonly owner: ConversationOwner;
  readonly local: Party;
  readonly shape: Conversation['shape'];
  readonly state: Conversation['state'];
  readonly messaging: Conversation['messaging'];
  readonly importance?: Importance;
  readonly threadId: string;
  readonly subject?: string;
  readonly peerId?: string;
  readonly meetingUri?: string;
  readonly callback?: CallbackInput;
}

/** Writes a conversation without any event; with it the callback channel of an SA or the entry in the UCWA application. */
export function createConversation(world: World, id: string, made: NewConversation): Conversation {
  const { callback, ...rest } = made;
  const conversation: Conversation = {
    ...rest,
    id,
    importance: made.importance ?? 'Normal',
    roster: [],
    typing: [],
    lastMessage: 1,
    lastTimeStamp: 0,
    checkedThrough: 1,
    deliveryCheck: false,
    invitationIds: [],
    createdAt: world.now,
  };
  world.put('conversation', id, conversation);
  if (made.owner.face === 'service') {
    const target = { endpointUri: made.owner.endpointUri, ...callback };
    world.put('channel', serviceChannelId(id), openServiceChannel(target));
  } else {
    const application = world.get('ucwaApplication', made.owner.applicationId);
    if (application !== undefined) {
      const conversationIds = [...application.conversationIds, id];
      world.put('ucwaApplication', application.id, { ...application, conversationIds });
    }
  }
  return conversation;
}

/**
 * A conversation that is certain to exist, because another document names it.
 * @throws Error when it does not: the documents contradict each other
 */
export function conversationById(look: Look, id: string): Conversation {
  const conversation = look.get('conversation', id);
  if (conversation === undefined) throw new Error(`Conversation ${id} is named but not stored`);
  return conversation;
}

export function changeConversation(world: World, id: string, change: Partial<Conversation>): Conversation {
  const conversation = { ...conversationById(world, id), ...change };
  world.put('conversation', id, conversation);
  return conversation;
}

/** Takes the bridge out of the SA's view of a leg. */
export function dropBridge(world: World, id: string): Conversation {
  const { bridge: _bridge, ...rest } = conversationById(world, id);
  world.put('conversation', id, rest);
  return rest;
}

export function isOwner(owner: ConversationOwner, caller: ConversationOwner): boolean {
  return owner.face === 'service'
    ? caller.face === 'service' && owner.tenantId === caller.tenantId && owner.endpointUri === caller.endpointUri
    : caller.face === 'ucwa' && owner.applicationId === caller.applicationId;
}

/**
 * The caller's conversation, also when it has ended. A foreign one looks like an unknown one.
 * @throws RefusalError 404 ConversationNotFound
 */
export function rememberedConversation(look: Look, caller: ConversationOwner, id: string): Conversation {
  const conversation = look.get('conversation', id);
  if (conversation === undefined || !isOwner(conversation.owner, caller)) {
    throw new RefusalError(404, 'ConversationNotFound');
  }
  return conversation;
}

/** The caller's living conversation. @throws RefusalError 404 ConversationNotFound */
export function ownedConversation(look: Look, caller: ConversationOwner, id: string): Conversation {
  const conversation = rememberedConversation(look, caller, id);
  if (conversation.endedAt !== undefined) throw new RefusalError(404, 'ConversationNotFound');
  return conversation;
}

export const emitConversation = (world: World, id: string, type: 'added' | 'updated'): number =>
  world.emit({ to: { conversationId: id }, target: { kind: 'conversation' }, type });

export const emitMessaging = (world: World, id: string): number =>
  world.emit({ to: { conversationId: id }, target: { kind: 'messaging' }, type: 'updated' });
