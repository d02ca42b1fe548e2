/** Bodies of the requests that start something (reference/service-api.md 3 to 10, reference/ucwa-api.md 2 to 9). */
import type { Importance, MessageFilterState } from './states.ts';

export interface CallbackInput {
  readonly callbackUrl?: string;
  readonly callbackContext?: string;
}

export interface AnonApplicationTokenInput {
  readonly applicationSessionId: string;
  /** Origins joined by `;`. */
  readonly allowedOrigins: string;
}

export interface AnonApplicationInput {
  readonly anonymousDisplayName: string;
  readonly userAgent: string;
  readonly culture: string;
}

export interface ApplicationInput {
  readonly userAgent: string;
  readonly culture: string;
  readonly endpointId: string;
}

export interface StartMessagingInput extends CallbackInput {
  readonly operationId: string;
  readonly to: string;
  readonly subject?: string;
  readonly importance?: Importance;
  readonly threadId?: string;
  readonly _links?: {
    readonly message?: { readonly href: string };
    readonly customContent?: { readonly href: string };
  };
}

export interface StartAdhocMeetingInput extends CallbackInput {
  readonly operationId: string;
  readonly subject?: string;
}

export interface AcceptAndBridgeInput {
  readonly impersonatedDisplayName: string;
  readonly onlineMeetingUri: string;
}

export interface BridgedParticipantInput {
  readonly displayName: string;
  readonly participantUri: string;
  readonly messageFilterState: MessageFilterState;
}

export interface AddParticipantInput {
  readonly operationId: string;
  readonly to: string;
}

export interface InviteUserToMeetingInput extends AddParticipantInput {
  readonly localUserDisplayName: string;
  readonly localUserUri: string;
  readonly onlineMeetingUri: string;
}
