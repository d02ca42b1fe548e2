/** Everything that one chat of one tab knows. Plain JSON: it is what sessionStorage holds. */
import type { Resource } from '@repo/ucwa-protocol/hal';

/**
 * form: nothing asked of any server yet. starting: on the way to the invitation (steps 4 to 6).
 * ringing: the helpdesk has been invited. chatting: messaging is connected. ended: see `outcome`.
 */
export type Phase = 'form' | 'starting' | 'ringing' | 'chatting' | 'ended';

/** Why a chat is over; each has its own honest sentence in `view/texts.ts`. */
export type Outcome =
  | 'endedByVisitor'
  | 'endedByHelpdesk'
  | 'declined'
  | 'unanswered'
  | 'unreachable'
  | 'expired'
  | 'refused'
  | 'failed';

/**
 * waiting: only this tab has it. accepted: the platform answered 201. delivered: the platform reported completed,
 * Success. failed: refused or reported undelivered; the visitor may send it again.
 */
export type MessageState = 'waiting' | 'accepted' | 'delivered' | 'failed';

export type MessageFailure = 'tooLong' | 'notDelivered' | 'chatEnded' | 'refused';

export interface ChatMessage {
  /** `operationId` of the visitor's own messages, the time stamp of all others: the same on every repetition. */
  readonly key: string;
  readonly direction: 'Incoming' | 'Outgoing';
  readonly text: string;
  /** Name of the sender; only on incoming messages. */
  readonly from?: string;
  /** Milliseconds since 1970, given by the platform: the one order of the chat. */
  readonly timeStamp?: number;
  /** When this tab first had it, milliseconds since 1970; orders what the platform has not stamped yet. */
  readonly createdAt: number;
  readonly state: MessageState;
  readonly failure?: MessageFailure;
  /** Absolute address of the message resource, from the 201 answer or the event. */
  readonly href?: string;
}

/** What the token route of the service application answers. */
export interface Grant {
  readonly token: string;
  readonly expiryTime: string;
  readonly discoverUrl: string;
  readonly helpdeskUri: string;
  readonly displayName: string;
}

export interface Invitation {
  readonly operationId: string;
  readonly threadId: string;
  readonly href?: string;
}

export interface Typist {
  readonly href: string;
  readonly name: string;
}

export interface ChatState {
  readonly version: 1;
  readonly phase: Phase;
  readonly outcome?: Outcome;
  readonly visitorName: string;
  readonly grant?: Grant;
  readonly anonApplicationsHref?: string;
  /** The UCWA application as it was created, links absolute. */
  readonly application?: Resource;
  /** Address of the batch to ask for next: stored together with what the last batch changed. */
  readonly eventsHref?: string;
  readonly invitation?: Invitation;
  readonly conversationHref?: string;
  /** The last `messaging` representation, links absolute: what may be done now (reference/service-api.md 12). */
  readonly messaging?: Resource;
  readonly messages: readonly ChatMessage[];
  readonly typing: readonly Typist[];
  /** Name on the last message or roster event of the other side. */
  readonly counterpart?: string;
  /** The visitor has asked for the end and the platform has not confirmed it yet. */
  readonly closing: boolean;
  /** The channel was rebuilt by the server; messages may have passed unseen. */
  readonly gap: boolean;
  /** The conversation has to be read again before anything else is sent in it. */
  readonly stale: boolean;
  readonly draft: string;
  readonly panel: 'open' | 'hidden';
  readonly unread: number;
}

export const initialState: ChatState = {
  version: 1,
  phase: 'form',
  visitorName: '',
  messages: [],
  typing: [],
  closing: false,
  gap: false,
  stale: false,
  draft: '',
  panel: 'hidden',
  unread: 0,
};

export function isLive(state: ChatState): boolean {
  return state.phase === 'starting' || state.phase === 'ringing' || state.phase === 'chatting';
}

/** By the platform's stamp; what is not stamped yet comes last, in the order it was written. */
export function inOrder(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return [...messages].sort(
    (one, other) =>
      (one.timeStamp ?? Number.POSITIVE_INFINITY) - (other.timeStamp ?? Number.POSITIVE_INFINITY) ||
      one.createdAt - other.createdAt ||
      (one.key < other.key ? -1 : 1),
  );
}

/** The state of a chat that is over; what was never accepted says so. */
export function ended(state: ChatState, outcome: Outcome): ChatState {
  if (state.phase === 'ended') return state;
  return {
    ...state,
    phase: 'ended',
    outcome,
    closing: false,
    typing: [],
    messages: state.messages.map((message) =>
      message.state === 'waiting' ? { ...message, state: 'failed', failure: 'chatEnded' } : message,
    ),
  };
}
