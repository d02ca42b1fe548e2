/** What one run of the helpdesk remembers. Plain JSON: it is stored between two events. */
import type { CloseReason, Command, ExternalCommandName, ReleaseReason, TimerName } from './commands.ts';
import type { MessageEvent } from './events.ts';

type Outcome = 'Success' | 'Failure';

/** A call leg. Hrefs come from the last representation seen: a link that vanished is a capability that is gone. */
export interface LegFacts {
  readonly conversationHref?: string | undefined;
  readonly state?: string | undefined;
  readonly messagingState?: string | undefined;
  readonly sendMessageHref?: string | undefined;
  readonly addMessagingHref?: string | undefined;
  readonly addParticipantHref?: string | undefined;
  /** `conversation deleted` was seen. */
  readonly gone: boolean;
}

/** The visitor's invitation. */
export interface InvitationFacts {
  readonly href: string;
  readonly declineHref?: string | undefined;
  readonly startAdhocMeetingHref?: string | undefined;
  readonly acceptAndBridgeHref?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly subcode?: string | undefined;
}

export interface MeetingFacts {
  readonly onlineMeetingUri?: string | undefined;
  readonly terminateOnlineMeetingHref?: string | undefined;
  /** Result of our joining the meeting, and of our joining its messaging. */
  readonly joined?: Outcome | undefined;
  readonly messagingJoined?: Outcome | undefined;
  readonly present: readonly { readonly uri: string; readonly href: string }[];
}

/** The agent whose turn it is. */
export interface AgentFacts {
  /** Normalized sip uri. */
  readonly uri: string;
  readonly displayName: string;
  /** `n` of his `addBridgedParticipant` and `addParticipant`. */
  readonly bridgeN?: number | undefined;
  readonly inviteN?: number | undefined;
  readonly bridged: boolean;
  readonly bridgedHref?: string | undefined;
  readonly joined: boolean;
  /** Why he will not come. */
  readonly refused?: ReleaseReason | undefined;
}

/** The steps of the end that were commanded, by their `n`. */
export interface EndFacts {
  readonly reason: CloseReason;
  readonly farewell?: { readonly purpose: 'noAgent' | 'goodbye'; readonly text: string } | undefined;
  readonly farewellN?: number | undefined;
  readonly declineN?: number | undefined;
  readonly leaveC1N?: number | undefined;
  readonly terminateN?: number | undefined;
  readonly leaveC2N?: number | undefined;
}

/** A text that we sent: its own `completed` event may come without it. */
export interface SentText {
  readonly n: number;
  readonly text: string;
  readonly href?: string | undefined;
}

export interface HelpdeskContext {
  readonly sessionId: string;
  readonly visitor: {
    readonly name?: string | undefined;
    readonly uri?: string | undefined;
    readonly subject?: string | undefined;
  };
  readonly invitation?: InvitationFacts | undefined;
  readonly c1: LegFacts;
  readonly c2: LegFacts;
  readonly meeting: MeetingFacts;
  readonly bridge: { readonly bridgedParticipantsHref?: string | undefined; readonly gone: boolean };
  readonly agent?: AgentFacts | undefined;
  /** Agents who had their turn. */
  readonly passedOver: readonly string[];
  /** Passed-over agents whose bridged participant may still come into being. */
  readonly unbridging: readonly { readonly uri: string; readonly n: number }[];
  readonly welcomed: boolean;
  readonly sent: readonly SentText[];
  /** Our own messages that were reported before we knew which text they carry. */
  readonly textless: readonly MessageEvent[];
  readonly counters: { readonly [name in ExternalCommandName]?: number };
  /** By `<name>:<n>`. */
  readonly outcomes: Readonly<Record<string, 'succeeded' | 'failed'>>;
  /** Timers that are armed, with their due times. */
  readonly timers: { readonly [name in TimerName]?: number };
  readonly end?: EndFacts | undefined;
  /** What the present event has led to; emptied before each event. */
  readonly commands: readonly Command[];
  readonly notes: readonly string[];
}

/** A run that has seen nothing yet. */
export function emptyContext(sessionId: string): HelpdeskContext {
  return {
    sessionId,
    visitor: {},
    c1: { gone: false },
    c2: { gone: false },
    meeting: { present: [] },
    bridge: { gone: false },
    passedOver: [],
    unbridging: [],
    welcomed: false,
    sent: [],
    textless: [],
    counters: {},
    outcomes: {},
    timers: {},
    commands: [],
    notes: [],
  };
}
