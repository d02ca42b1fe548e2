import type { EventBatch } from '@repo/ucwa-protocol/events';
import type { Resource } from '@repo/ucwa-protocol/hal';
import type { Availability, Outgoing, Reach, VisitorPage } from './deskState.ts';

/** A message of the record, as `desk.sessionByMeeting` answers it. */
export interface RecordedMessage {
  readonly timeStamp: number;
  readonly author: 'visitor' | 'agent' | 'helpdesk';
  readonly senderUri: string | undefined;
  readonly senderName: string;
  readonly text: string;
  /** False when the platform said that it did not reach the visitor. */
  readonly delivered?: boolean;
}

/** The session behind a meeting, as `desk.sessionByMeeting` answers it. */
export interface RecordedSession {
  readonly id: string;
  readonly visitorName: string;
  readonly subject?: string | undefined;
  readonly page?: unknown;
  readonly messages: readonly RecordedMessage[];
}

/** Everything that can happen to the desk. Hrefs are absolute, times are milliseconds since 1970. */
export type DeskAction =
  | { readonly type: 'signedIn'; readonly sipUri: string; readonly name: string }
  | { readonly type: 'batch'; readonly batch: EventBatch; readonly now: number }
  | { readonly type: 'conversationRead'; readonly conversation: Resource; readonly now: number }
  | { readonly type: 'messagingRead'; readonly conversationHref: string; readonly messaging: Resource }
  | { readonly type: 'onlineMeetingRead'; readonly conversationHref: string; readonly onlineMeeting: Resource }
  | { readonly type: 'participantRead'; readonly conversationHref: string; readonly participant: Resource }
  | { readonly type: 'messageRead'; readonly conversationHref: string; readonly message: Resource }
  | { readonly type: 'invitationRead'; readonly href: string; readonly invitation: Resource; readonly now: number }
  | { readonly type: 'invitationGone'; readonly href: string }
  | { readonly type: 'conversationGone'; readonly href: string }
  /** Every chat that goes on is known now. */
  | { readonly type: 'chatsRead' }
  | { readonly type: 'unsentSeen' }
  | { readonly type: 'history'; readonly onlineMeetingUri: string; readonly session: RecordedSession }
  | { readonly type: 'answering'; readonly href: string }
  | { readonly type: 'answerFailed'; readonly href: string }
  | { readonly type: 'typed'; readonly message: Outgoing }
  | { readonly type: 'accepted'; readonly operationId: string; readonly messageHref: string | undefined }
  | { readonly type: 'sendFailed'; readonly operationId: string; readonly failure: string }
  | { readonly type: 'retried'; readonly operationId: string }
  | { readonly type: 'discarded'; readonly operationId: string }
  | { readonly type: 'looked'; readonly conversationHref: string }
  | { readonly type: 'endRequested'; readonly conversationHref: string; readonly requested: boolean }
  | { readonly type: 'putAway'; readonly conversationHref: string }
  | { readonly type: 'platform'; readonly reach: Reach }
  | { readonly type: 'web'; readonly reach: Reach }
  | { readonly type: 'availability'; readonly availability: Availability }
  | { readonly type: 'notice'; readonly text: string | undefined };

/** Reads what the page said about itself; anything unexpected is left out. */
export function readVisitorPage(value: unknown): VisitorPage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { page, title, locale } = value as Record<string, unknown>;
  return {
    ...(typeof page === 'string' ? { page } : {}),
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof locale === 'string' ? { locale } : {}),
  };
}
