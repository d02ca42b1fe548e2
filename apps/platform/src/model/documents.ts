/** Everything the platform remembers, by kind. The store keeps these as they are; all of them survive JSON. */
import type {
  ConversationState,
  Direction,
  Importance,
  MessageFilterState,
  MessagingState,
} from '@repo/ucwa-protocol/states';
import type { Channel, Receipt } from './channel.ts';
import type { DeliveryRecord, GivenUpBatch } from './deliveries.ts';
import type { Endpoint, Person, ServiceClient, Tenant } from './registration.ts';

/** Somebody as the others see him. */
export interface Party {
  readonly uri: string;
  readonly name: string;
}

/** One signed-in client instance (reference/ucwa-api.md 2). Key: its numeric id. */
export interface UcwaApplication {
  readonly id: string;
  readonly audience: 'anonymous' | 'agent';
  readonly tenantId: string;
  /** `sip:<number>@anonymous.invalid` for a visitor. */
  readonly uri: string;
  readonly name: string;
  readonly culture: string;
  readonly userAgent: string;
  readonly endpointId: string;
  readonly type?: string;
  readonly instanceId?: string;
  /** Visitors: the endpoint behind the token, and the only address that may be called. */
  readonly helpdeskUri?: string;
  /** Visitors with a meeting token: the only meeting that may be joined; nobody may be called then. */
  readonly meetingUri?: string;
  readonly allowedOrigins: readonly string[];
  /** Visitors: end of the token, milliseconds since 1970. */
  readonly expiresAt?: number;
  /** Agents: has used makeMeAvailable, so invitations arrive. */
  readonly available: boolean;
  /** As the person has set it; what the others see is in model/availability.ts. */
  readonly availability?: Availability;
  /** How far the person has been forgotten since it last reported activity. */
  readonly inactive?: 'idle' | 'away';
  /** Milliseconds without activity until the person is idle. */
  readonly inactiveTimeoutMs?: number;
  /** When the next step of inactivity is due, milliseconds since 1970. */
  readonly inactiveAt?: number;
  readonly note?: { readonly message: string; readonly type: string };
  readonly location?: string;
  readonly messageFormats: readonly ('Plain' | 'Html')[];
  /** Counts the changes of communication by PUT. */
  readonly communicationVersion?: number;
  /** Further tabs, each with an event channel of its own (reference/ucwa-api.md 2 "instanceId"). */
  readonly instances?: readonly ChannelInstance[];
  /** Conversations that live. */
  readonly conversationIds: readonly string[];
  readonly createdAt: number;
  /** Has opened an event channel: from then on only that keeps it alive (reference/events.md 3 "Idle rules"). */
  readonly listens?: true;
  /** Without an event channel: last request that was noted, milliseconds since 1970. */
  readonly seenAt?: number;
  /** Why requests now get 410. */
  readonly ended?: 'InactiveApplicationExpired' | 'TooManyApplications' | 'SignedOut';
}

/** What a person may say of itself (reference/ucwa-api.md 3). */
export const availabilities = ['Online', 'Busy', 'DoNotDisturb', 'BeRightBack', 'Away', 'Offwork'] as const;
export type Availability = (typeof availabilities)[number];

/** A tab of a client: its event channel is `ucwaChannelId(application, key)`. */
export interface ChannelInstance {
  readonly instanceId?: string;
  readonly key: string;
}

export type ConversationOwner =
  | { readonly face: 'service'; readonly tenantId: string; readonly endpointUri: string }
  | { readonly face: 'ucwa'; readonly applicationId: string };

/** An entry in the roster of a two-party conversation; `id` is its path segment. */
export interface RosterEntry extends Party {
  readonly id: string;
  readonly usesMessaging: boolean;
}

/** Somebody of the meeting whom the SA has named to the visitor's leg (reference/service-api.md 10). */
export interface BridgedParticipant {
  readonly uri: string;
  readonly displayName: string;
  readonly messageFilterState: MessageFilterState;
  /** Opaque id under which the visitor sees this person; never derived from the uri. */
  readonly visitorParticipantId: string;
  /** The visitor has been told of this participant. */
  readonly introduced: boolean;
}

/** Joins one two-party leg to one meeting. Lives in the SA's view of the leg. */
export interface Bridge {
  readonly meetingUri: string;
  readonly etag: string;
  readonly participants: readonly BridgedParticipant[];
}

/** One party's view of a communication (reference/README.md "Vocabulary"). */
export interface Conversation {
  readonly id: string;
  readonly owner: ConversationOwner;
  /** The owner as its counterparts see it. */
  readonly local: Party;
  readonly shape: 'twoParty' | 'meeting';
  readonly state: ConversationState;
  readonly importance: Importance;
  readonly threadId: string;
  readonly subject?: string;
  readonly messaging: MessagingState;
  /** twoParty: the other side's view. */
  readonly peerId?: string;
  readonly meetingUri?: string;
  /** twoParty: who else is in it. A meeting's roster is in the meeting. */
  readonly roster: readonly RosterEntry[];
  /** Roster ids of those who are shown as typing. */
  readonly typing: readonly string[];
  readonly bridge?: Bridge;
  /** Number of the last message; 1 = the invitation. */
  readonly lastMessage: number;
  /** Milliseconds; every message of the session is later (model/timeStamp.ts). */
  readonly lastTimeStamp: number;
  /** Messages up to this number have been looked at for delivery. */
  readonly checkedThrough: number;
  /** A check for undelivered messages is scheduled. */
  readonly deliveryCheck: boolean;
  /** twoParty between persons: a third one can be called in, and it becomes a meeting. */
  readonly escalates?: boolean;
  /** Invitations of this conversation; the first one brought it up. */
  readonly invitationIds: readonly string[];
  readonly createdAt: number;
  /** Kept as a tombstone, so that a late DELETE still gets 204 (client-expectations S4). */
  readonly endedAt?: number;
}

export type InvitationKind =
  | 'messagingInvitation'
  | 'onlineMeetingInvitation'
  | 'participantInvitation'
  | 'userMeetingInvitation';

/** One side of an operation (reference/service-api.md 6 to 8). */
export interface Invitation {
  readonly id: string;
  readonly kind: InvitationKind;
  readonly direction: Direction;
  readonly state: 'Connecting' | 'Connected' | 'Failed';
  readonly conversationId: string;
  readonly operationId: string;
  readonly importance: Importance;
  readonly threadId?: string;
  readonly subject?: string;
  readonly to?: string;
  readonly from: Party;
  readonly meetingUri?: string;
  /** Data links as they came. */
  readonly customContent?: string;
  readonly message?: string;
  /** The other side: one, or one per ringing application of a person. */
  readonly counterpartIds: readonly string[];
  readonly acceptedBy?: Party;
}

export interface MeetingMember extends Party {
  /** trusted: an SA, hidden from the others. visitor: relayed in through a bridge. guest: a visitor who joined by a meeting token. */
  readonly role: 'trusted' | 'agent' | 'visitor' | 'guest';
  /** The member's own view; for a visitor the SA's view of the leg (which has the bridge). */
  readonly conversationId: string;
  readonly usesMessaging: boolean;
}

/** Who may come, and how it is announced (reference/service-api.md 4). */
export interface MeetingRules {
  readonly description: string;
  readonly accessLevel: 'None' | 'SameEnterprise' | 'Locked' | 'Invited' | 'Everyone';
  readonly leaders: readonly string[];
  readonly attendees: readonly string[];
  readonly automaticLeaderAssignment: 'Disabled' | 'SameEnterprise' | 'Everyone';
  readonly entryExitAnnouncement: 'Unsupported' | 'Disabled' | 'Enabled';
  readonly phoneUserAdmission: 'Disabled' | 'Enabled';
  readonly lobbyBypassForPhoneUsers: 'Disabled' | 'Enabled';
}

/** An on-demand meeting. Key: its uri. */
export interface Meeting {
  readonly uri: string;
  readonly key: string;
  readonly tenantId: string;
  readonly organizerUri: string;
  readonly subject: string;
  /** What was asked for when it was made; the rest is as in model/adhocMeeting.ts. */
  readonly rules?: Partial<MeetingRules>;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly members: readonly MeetingMember[];
  /** Outgoing invitations that still ring. */
  readonly ringing: readonly string[];
  readonly lastTimeStamp: number;
  readonly ended: boolean;
  /** Is among the living ones of its organizer (MeetingCount). */
  readonly counted?: boolean;
}

/** Living meetings that adhocMeetings made for one organizer. Key: the organizer's uri. */
export interface MeetingCount {
  readonly living: number;
}

/** One view of a message. */
export interface MessagePlace {
  readonly conversationId: string;
  readonly number: number;
}

/** A message as one conversation shows it. Key: `messageKey`. */
export interface Message {
  readonly conversationId: string;
  readonly number: number;
  readonly direction: Direction;
  readonly timeStamp: number;
  readonly contentType: 'text/plain' | 'text/html';
  readonly text: string;
  readonly operationId?: string;
  /** Incoming, or relayed to the visitor in somebody's name. */
  readonly sender?: Party & { readonly id: string };
  /** Visitor's view: the sender's own view, which learns when the message is not fetched. */
  readonly origin?: MessagePlace & { readonly onLeg?: MessagePlace };
  /** Visitor's view: place of the event in the visitor's channel. */
  readonly seq?: number;
  /** Sender's view: who did not fetch it in time. */
  readonly missedBy?: readonly { readonly id: string; readonly name: string }[];
}

/** A called party has not answered yet: the caller may start nothing else under the same operationId (reference/call-flow.md F25). */
export interface PendingOperation {
  readonly invitationId: string;
}

/** Living UCWA applications of one owner, oldest first. Key: `ownerKey`. */
export interface Owner {
  readonly applicationIds: readonly string[];
}

export interface Documents {
  tenant: Tenant;
  serviceClient: ServiceClient;
  endpoint: Endpoint;
  person: Person;
  ucwaApplication: UcwaApplication;
  owner: Owner;
  conversation: Conversation;
  invitation: Invitation;
  meeting: Meeting;
  meetingCount: MeetingCount;
  /** Key: `operationKey` of model/invitation.ts. */
  pendingOperation: PendingOperation;
  message: Message;
  channel: Channel;
  receipt: Receipt;
  deliveryRecord: DeliveryRecord;
  givenUpBatch: GivenUpBatch;
}

export const messageKey = (conversationId: string, number: number): string => `${conversationId}/${number}`;
