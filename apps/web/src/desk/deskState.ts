/** What the desk knows. Plain data: every change of it is an action of deskAction.ts, made in reduceDesk.ts. */
import type { Resource } from '@repo/ucwa-protocol/hal';

/**
 * How a server is reached. `elsewhere`: another tab of this browser has taken the desk over. `signedOut`: the web app
 * no longer knows who this is.
 */
export type Reach = 'connecting' | 'online' | 'waiting' | 'elsewhere' | 'signedOut';

export type Availability = 'available' | 'away';

/** A message as one of its two sources tells it: the event channel, or the record of the service application. */
export interface Said {
  /** Milliseconds since 1970; within a chat this is the message's identity and its place (one stamp on every view). */
  readonly timeStamp: number;
  /** An event names its sender by a participant; who that is may become known later (`unknown` until then). */
  readonly author: 'visitor' | 'self' | 'colleague' | 'helpdesk' | 'unknown';
  readonly senderName: string;
  readonly senderUri?: string;
  readonly participantHref?: string;
  readonly text: string;
  /** Set once the platform or the record said that it did not reach the visitor; nothing takes that back. */
  readonly undelivered?: true;
  /** Only of what this desk sent. */
  readonly operationId?: string;
  readonly href?: string;
}

/** One message by both sources; which of them came first, or again, makes no difference. */
export interface SaidTwice {
  readonly live?: Said;
  readonly recorded?: Said;
}

export interface Participant {
  readonly href: string;
  readonly name: string;
  readonly uri: string | undefined;
  readonly here: boolean;
}

/** An incoming onlineMeetingInvitation. */
export interface Ringing {
  readonly href: string;
  readonly conversationHref: string | undefined;
  readonly onlineMeetingUri: string;
  readonly visitorName: string;
  readonly firstWords: string;
  /** As last seen, with its links accept and decline; none once it is over. */
  readonly invitation: Resource | undefined;
  /** Milliseconds since 1970: when the platform usually gives up. That it did is told by the invitation's end only. */
  readonly deadline: number;
  readonly state: 'ringing' | 'accepting' | 'over';
}

export type ChatStage = 'incoming' | 'joining' | 'active' | 'ended';

/** One chat: this agent's conversation, with the session behind it once that is known. */
export interface Chat {
  readonly href: string;
  readonly stage: ChatStage;
  readonly onlineMeetingUri: string | undefined;
  /** Both as last seen: what may be done is what they link to. */
  readonly conversation: Resource | undefined;
  readonly messaging: Resource | undefined;
  readonly visitorName: string | undefined;
  readonly subject: string | undefined;
  readonly sessionId: string | undefined;
  readonly page: VisitorPage | undefined;
  readonly participants: Readonly<Record<string, Participant>>;
  /** Participant href to when the typing was last heard of. */
  readonly typing: Readonly<Record<string, number>>;
  readonly messages: Readonly<Record<number, SaidTwice>>;
  /** The newest message of the visitor that was looked at. */
  readonly readThrough: number;
  readonly openedAt: number;
  readonly endRequested: boolean;
  /** Subcode of the event that ended the conversation, if it ended. */
  readonly endReason: string | undefined;
}

/** What the visitor's page said about itself with the call. */
export interface VisitorPage {
  readonly page?: string;
  readonly title?: string;
  readonly locale?: string;
}

/** A message on its way: accepted means that the platform answered 201 and its event is still to come. */
export interface Outgoing {
  readonly operationId: string;
  readonly conversationHref: string;
  readonly text: string;
  readonly typedAt: number;
  readonly status: 'waiting' | 'accepted' | 'failed';
  readonly failure?: string;
  readonly messageHref?: string;
}

export interface DeskState {
  readonly platform: Reach;
  readonly web: Reach;
  readonly self: { readonly sipUri: string; readonly name: string } | undefined;
  readonly availability: Availability;
  readonly ringing: Readonly<Record<string, Ringing>>;
  readonly chats: Readonly<Record<string, Chat>>;
  readonly outbox: readonly Outgoing[];
  /** Typed before a reload, for chats that were over after it; shown until dismissed, and kept nowhere else. */
  readonly unsent: readonly Outgoing[];
  /** Something that went wrong and that the agent should know; shown until dismissed. */
  readonly notice: string | undefined;
}

export const emptyDesk: DeskState = {
  platform: 'connecting',
  web: 'connecting',
  self: undefined,
  availability: 'available',
  ringing: {},
  chats: {},
  outbox: [],
  unsent: [],
  notice: undefined,
};

export function emptyChat(href: string, openedAt: number): Chat {
  return {
    href,
    stage: 'incoming',
    onlineMeetingUri: undefined,
    conversation: undefined,
    messaging: undefined,
    visitorName: undefined,
    subject: undefined,
    sessionId: undefined,
    page: undefined,
    participants: {},
    typing: {},
    messages: {},
    readThrough: 0,
    openedAt,
    endRequested: false,
    endReason: undefined,
  };
}
