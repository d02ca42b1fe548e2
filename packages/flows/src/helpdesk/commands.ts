/**
 * What the helpdesk decision asks for.
 *
 * External commands are HTTP requests to the platform: they go to the outbox and each is answered by
 * `command.succeeded` or `command.failed`. Internal ones are carried out in the transaction that stores the snapshot.
 * Commands of one decision are in the order in which they should be done.
 */
import { limits } from '@repo/ucwa-protocol/limits';

interface ExternalBase {
  /** Counts from 1 per name and session. */
  readonly n: number;
  /** Absolute; a link that the platform gave. */
  readonly href: string;
}

/** POST (step 8). */
export interface StartAdhocMeeting extends ExternalBase {
  readonly name: 'startAdhocMeeting';
  readonly subject: string;
  readonly callbackContext: string;
}

/** POST on C2 (reference/call-flow.md D3). */
export interface AddMessaging extends ExternalBase {
  readonly name: 'addMessaging';
}

/** POST (step 9). */
export interface AcceptAndBridge extends ExternalBase {
  readonly name: 'acceptAndBridge';
  readonly impersonatedDisplayName: string;
  readonly onlineMeetingUri: string;
}

/** POST; the wire needs no body. */
export interface Decline extends ExternalBase {
  readonly name: 'decline';
  /** Why, for the timeline; not for the visitor. */
  readonly reason: CloseReason;
}

/** POST (step 11). The answer's Location is the entry that `removeBridgedParticipant` deletes. */
export interface AddBridgedParticipant extends ExternalBase {
  readonly name: 'addBridgedParticipant';
  readonly displayName: string;
  readonly participantUri: string;
  readonly messageFilterState: 'Disabled';
}

/** DELETE. */
export interface RemoveBridgedParticipant extends ExternalBase {
  readonly name: 'removeBridgedParticipant';
}

export type MessagePurpose = 'welcome' | 'agentLeft' | 'noAgent' | 'goodbye';

/** POST of text/plain on C1 (step 12); reaches the visitor only. */
export interface SendMessage extends ExternalBase {
  readonly name: 'sendMessage';
  readonly text: string;
  readonly purpose: MessagePurpose;
}

/** POST (step 14). */
export interface AddParticipant extends ExternalBase {
  readonly name: 'addParticipant';
  readonly to: string;
}

/** POST without body: ends the meeting for everyone (reference/call-flow.md F11). */
export interface TerminateOnlineMeeting extends ExternalBase {
  readonly name: 'terminateOnlineMeeting';
}

/** DELETE of a conversation; of C2 it is step 20. */
export interface TerminateConversation extends ExternalBase {
  readonly name: 'terminateConversation';
  readonly leg: 'C1' | 'C2';
}

export type ExternalCommand =
  | StartAdhocMeeting
  | AddMessaging
  | AcceptAndBridge
  | Decline
  | AddBridgedParticipant
  | RemoveBridgedParticipant
  | SendMessage
  | AddParticipant
  | TerminateOnlineMeeting
  | TerminateConversation;

export type ExternalCommandName = ExternalCommand['name'];

/** Choose a free agent; feed `agentAssigned` or `noAgentAvailable` back in the same transaction. */
export interface AssignAgent {
  readonly name: 'assignAgent';
  /** Normalized sip uris of agents who had their turn. */
  readonly excluded: readonly string[];
}

/** `left` and `sessionEnded` are of an agent who was in the meeting; of all others he never spoke to the visitor. */
export type ReleaseReason =
  | 'declined'
  | 'ringTimeout'
  | 'unreachable'
  | 'commandFailed'
  | 'left'
  | 'sessionEnded'
  | 'endedUnanswered';

export interface ReleaseAgent {
  readonly name: 'releaseAgent';
  readonly agentUri: string;
  readonly reason: ReleaseReason;
}

interface RecordedMessage {
  /**
   * Milliseconds since 1970. With the session it identifies a message: recording it again changes at most `delivered`,
   * because the platform may report a message as undelivered after it was accepted (reference/call-flow.md F5).
   */
  readonly timeStampMs: number;
  readonly direction: 'Incoming' | 'Outgoing';
  readonly authorName: string;
  readonly authorUri?: string;
  readonly text: string;
  readonly contentType: 'text/plain' | 'text/html';
  /** The message resource on its leg. */
  readonly messageHref: string;
  /** False when the platform reported that the message did not arrive. */
  readonly delivered: boolean;
}

/** What crossed the visitor's leg. */
export interface RecordVisitorMessage extends RecordedMessage {
  readonly name: 'recordVisitorMessage';
  readonly author: 'visitor' | 'agent' | 'helpdesk';
}

/** What was seen in the meeting. It gives way to a visitor message with the same time stamp, in either order. */
export interface RecordInternalMessage extends RecordedMessage {
  readonly name: 'recordInternalMessage';
}

export type TimerName = 'startTimeout' | 'ringTimeout' | 'endTimeout';

/** Scheduling a name again moves it. */
export interface ScheduleTimer {
  readonly name: 'scheduleTimer';
  readonly timer: TimerName;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
}

export interface CancelTimer {
  readonly name: 'cancelTimer';
  readonly timer: TimerName;
}

export type CloseReason =
  | 'visitorLeft'
  | 'visitorCanceled'
  | 'missed'
  | 'agentEnded'
  | 'noAgent'
  | 'linkMissing'
  | 'startFailed'
  | 'startTimeout'
  | 'meetingLost'
  | 'bridgeLost';

/** The last command of a session, issued exactly once. */
export interface CloseSession {
  readonly name: 'closeSession';
  readonly reason: CloseReason;
}

export type InternalCommand =
  | AssignAgent
  | ReleaseAgent
  | RecordVisitorMessage
  | RecordInternalMessage
  | ScheduleTimer
  | CancelTimer
  | CloseSession;

export type Command = ExternalCommand | InternalCommand;

const externalNames: Readonly<Record<ExternalCommandName, true>> = {
  startAdhocMeeting: true,
  addMessaging: true,
  acceptAndBridge: true,
  decline: true,
  addBridgedParticipant: true,
  removeBridgedParticipant: true,
  sendMessage: true,
  addParticipant: true,
  terminateOnlineMeeting: true,
  terminateConversation: true,
};

/** Whether the command is an HTTP request, which belongs in the outbox. */
export function isExternal(command: Command): command is ExternalCommand {
  return Object.hasOwn(externalNames, command.name);
}

/**
 * The id under which the platform sees a command, the same at every attempt.
 * @throws RangeError when it exceeds the wire's 50 characters, which a session id of 20 characters never causes.
 */
export function operationIdOf(sessionId: string, command: { readonly name: ExternalCommandName; readonly n: number }) {
  const operationId = `${sessionId}:${command.name}:${command.n}`;
  if (operationId.length > limits.operationId) throw new RangeError(`operationId too long: ${operationId}`);
  return operationId;
}
