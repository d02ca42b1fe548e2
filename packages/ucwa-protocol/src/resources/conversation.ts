/** A conversation and its parts (reference/service-api.md 9 to 14). */
import type { Resource } from '../hal.ts';
import type { ConversationState, Direction, Importance, MessageFilterState, MessagingState } from '../states.ts';

export interface Conversation extends Resource {
  readonly state: ConversationState;
  readonly importance?: Importance;
  readonly threadId?: string;
  readonly subject?: string;
  readonly activeModalities?: readonly string[];
}

export interface Messaging extends Resource {
  readonly state: MessagingState;
  readonly negotiatedMessageFormats?: readonly string[];
}

export interface Message extends Resource {
  readonly direction: Direction;
  readonly timeStamp: string;
  readonly operationId?: string;
}

export interface Participant extends Resource {
  readonly uri: string;
  readonly name: string;
}

export interface ConversationBridge extends Resource {
  readonly onlineMeetingUri: string;
}

export interface BridgedParticipant extends Resource {
  readonly displayName: string;
  readonly participantUri: string;
  readonly messageFilterState?: MessageFilterState;
}

export interface OnlineMeeting extends Resource {
  readonly onlineMeetingUri: string;
}
