/**
 * What the helpdesk decision reacts to.
 *
 * Three sources: the wire (`<word>.<eventType>`, made by fromCallback.ts), the service application itself
 * (outcomes of commands, assignment, timers) and the desk (`agent.ended`). All hrefs are absolute; all times are
 * milliseconds since 1970. An event is plain JSON, so a log of events can be stored and replayed.
 */
import type { EventType } from '@repo/ucwa-protocol/events';
import type { ExternalCommandName, TimerName } from './commands.ts';

/** C1 is the visitor's two-party leg, C2 the meeting leg (reference/call-flow.md, notation). */
export type Leg = 'C1' | 'C2';

/** Links of a resource by word (prefix removed), absolute. Of a list of links the first one. */
export type EventLinks = Readonly<Record<string, string>>;

/** The `reason` of a failed or server-made event (reference/errors.md 4). */
export interface EventReason {
  readonly code?: string;
  readonly subcode?: string;
  readonly message?: string;
}

export interface PersonSeen {
  readonly uri?: string;
  readonly name?: string;
}

interface WireEventBase {
  readonly leg: Leg;
  /** The target resource. */
  readonly href: string;
  /** The conversation it belongs to, as far as the event names one. */
  readonly conversationHref?: string;
  readonly reason?: EventReason;
}

type InvitationEventType = 'started' | 'updated' | 'completed';
type MemberEventType = 'added' | 'updated' | 'deleted';
type Outcome = 'Success' | 'Failure';

interface InvitationMembers {
  readonly state?: string;
  readonly operationId?: string;
  readonly subject?: string;
  readonly links: EventLinks;
  /** On `completed` only; read from `status`, else from `state` (reference/client-expectations.md 4.13). */
  readonly outcome?: Outcome;
}

export interface MessagingInvitationEvent extends WireEventBase, InvitationMembers {
  readonly type: `messagingInvitation.${InvitationEventType}`;
  readonly direction: 'Incoming' | 'Outgoing';
  readonly from?: PersonSeen;
}

export interface OnlineMeetingInvitationEvent extends WireEventBase, InvitationMembers {
  readonly type: `onlineMeetingInvitation.${InvitationEventType}`;
  readonly onlineMeetingUri?: string;
}

/** `userMeetingInvitation` is the same thing under the name of the other way to invite (reference/service-api.md 8). */
export interface ParticipantInvitationEvent extends WireEventBase, InvitationMembers {
  readonly type: `${'participantInvitation' | 'userMeetingInvitation'}.${InvitationEventType}`;
}

export interface ConversationEvent extends WireEventBase {
  readonly type: `conversation.${MemberEventType}`;
  readonly state?: string;
  readonly links: EventLinks;
  /** No callback told it: the conversation was looked for and is not there. */
  readonly reconciled?: true;
}

export interface MessagingEvent extends WireEventBase {
  readonly type: 'messaging.updated';
  readonly state?: string;
  readonly links: EventLinks;
}

export interface ConversationBridgeEvent extends WireEventBase {
  readonly type: `conversationBridge.${MemberEventType}`;
  readonly onlineMeetingUri?: string;
  readonly links: EventLinks;
}

export interface BridgedParticipantEvent extends WireEventBase {
  readonly type: `bridgedParticipant.${MemberEventType}`;
  readonly participantUri?: string;
}

export interface OnlineMeetingEvent extends WireEventBase {
  readonly type: `onlineMeeting.${MemberEventType}`;
  readonly onlineMeetingUri?: string;
  readonly links: EventLinks;
}

/** Roster only; membership of a sub-list (`in`) is `typingParticipant` or `unrecognized`. */
export interface ParticipantEvent extends WireEventBase, PersonSeen {
  readonly type: `participant.${MemberEventType}`;
}

export interface ParticipantMessagingEvent extends WireEventBase, PersonSeen {
  readonly type: `participantMessaging.${MemberEventType}`;
}

export interface TypingEvent extends WireEventBase, PersonSeen {
  readonly type: `typingParticipant.${'added' | 'deleted'}`;
}

export interface MessageEvent extends WireEventBase {
  readonly type: `message.${'started' | 'completed'}`;
  readonly direction: 'Incoming' | 'Outgoing';
  /** Milliseconds since 1970; missing when the wire gave none that can be read. */
  readonly timeStampMs?: number;
  readonly operationId?: string;
  readonly author?: PersonSeen;
  readonly text?: string;
  readonly contentType?: 'text/plain' | 'text/html';
  readonly outcome?: Outcome;
}

/** A wire event that is no word of this flow, or of a conversation that is not ours. Always ignored, with the reason. */
export interface UnrecognizedEvent {
  readonly type: 'unrecognized';
  readonly word: string;
  readonly eventType: EventType | '';
  readonly why: string;
}

export type WireFlowEvent =
  | MessagingInvitationEvent
  | OnlineMeetingInvitationEvent
  | ParticipantInvitationEvent
  | ConversationEvent
  | MessagingEvent
  | ConversationBridgeEvent
  | BridgedParticipantEvent
  | OnlineMeetingEvent
  | ParticipantEvent
  | ParticipantMessagingEvent
  | TypingEvent
  | MessageEvent
  | UnrecognizedEvent;

/** Answer to the internal command `assignAgent`. */
export interface AgentAssignedEvent {
  readonly type: 'agentAssigned';
  readonly agentUri: string;
  readonly displayName: string;
}

/** Answer to the internal command `assignAgent`: nobody is free, or nobody is left. */
export interface NoAgentAvailableEvent {
  readonly type: 'noAgentAvailable';
}

/** The agent (or a supervisor) ended the chat at the desk. */
export interface AgentEndedEvent {
  readonly type: 'agent.ended';
  readonly byUri: string;
}

/**
 * The platform carried a command out. Report it too when the end that the command wants is already reached
 * (404 or 410 on a DELETE, a terminate or a removal). At most once a command.
 */
export interface CommandSucceededEvent {
  readonly type: 'command.succeeded';
  readonly name: ExternalCommandName;
  readonly n: number;
  readonly status?: number;
  /** Absolute. */
  readonly location?: string;
}

/** The platform refused a command, or all attempts are used up: it will not be tried again. */
export interface CommandFailedEvent {
  readonly type: 'command.failed';
  readonly name: ExternalCommandName;
  readonly n: number;
  readonly status?: number;
  readonly code?: string;
  readonly subcode?: string;
}

/** A scheduled timer is due. With `dueAt` of the fired row a timer that was moved meanwhile is told from a real one. */
export interface TimerEvent {
  readonly type: `timer.${TimerName}`;
  readonly dueAt?: number;
}

export type HelpdeskEvent =
  | WireFlowEvent
  | AgentAssignedEvent
  | NoAgentAvailableEvent
  | AgentEndedEvent
  | CommandSucceededEvent
  | CommandFailedEvent
  | TimerEvent;
