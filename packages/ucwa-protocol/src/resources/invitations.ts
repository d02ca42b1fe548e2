/** The three operation resources (reference/service-api.md 6 to 8, reference/ucwa-api.md 5 and 9). */
import type { Resource } from '../hal.ts';
import type { Direction, Importance, InvitationState } from '../states.ts';

export interface MessagingInvitation extends Resource {
  readonly direction: Direction;
  readonly state: InvitationState;
  readonly operationId?: string;
  readonly importance?: Importance;
  readonly threadId?: string;
  readonly subject?: string;
  readonly to?: string;
}

export interface OnlineMeetingInvitation extends MessagingInvitation {
  readonly onlineMeetingUri: string;
}

/** Outgoing only: an invitation of a person to a meeting (`participantInvitation`, `userMeetingInvitation`). */
export interface ParticipantInvitation extends MessagingInvitation {}
