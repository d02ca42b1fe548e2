/** What happened, said once: which resource, to whose channel. hal/renderEvent.ts turns it into the reader's words. */
import type { ErrorBody } from '@repo/ucwa-protocol/errorCodes';
import type { EventType } from '@repo/ucwa-protocol/events';

/** A resource as one conversation (or one application) shows it. */
export type Target =
  | { readonly kind: 'invitation'; readonly id: string }
  | { readonly kind: 'conversation' }
  | { readonly kind: 'messaging' }
  | { readonly kind: 'message'; readonly number: number }
  | { readonly kind: 'localParticipant' }
  | { readonly kind: 'participant'; readonly id: string; readonly title: string }
  | { readonly kind: 'participantMessaging'; readonly id: string }
  | { readonly kind: 'typingParticipants' }
  | { readonly kind: 'onlineMeeting' }
  | { readonly kind: 'conversationBridge' }
  | { readonly kind: 'bridgedParticipants' }
  | { readonly kind: 'bridgedParticipant'; readonly uri: string }
  | { readonly kind: 'me' }
  | { readonly kind: 'presence' }
  | { readonly kind: 'note' }
  | { readonly kind: 'location' }
  /** Of the owner himself, on the UCWA side. */
  | { readonly kind: 'localParticipantMessaging' }
  | { readonly kind: 'communication' };

export interface Emission {
  /** Whose channel: a conversation's owner, or a UCWA application for what concerns no conversation. */
  readonly to: { readonly conversationId: string } | { readonly applicationId: string };
  readonly target: Target;
  readonly type: EventType;
  readonly in?: Target;
  readonly status?: 'Success' | 'Failure';
  readonly reason?: ErrorBody;
}
