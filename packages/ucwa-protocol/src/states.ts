/** The enumerations of the wire. */
export const conversationStates = [
  'Connecting',
  'Incoming',
  'Connected',
  'Conferencing',
  'InLobby',
  'Conferenced',
  'Disconnecting',
  'Disconnected',
] as const;
export type ConversationState = (typeof conversationStates)[number];

export const messagingStates = ['Disconnected', 'Connecting', 'Connected', 'Disconnecting', 'Transferring'] as const;
export type MessagingState = (typeof messagingStates)[number];

export const invitationStates = [
  'Connecting',
  'Connected',
  'Failed',
  'Alerting',
  'Cancelled',
  'Declined',
  'Forwarded',
  'TeamRing',
] as const;
export type InvitationState = (typeof invitationStates)[number];

export const importances = ['Normal', 'Urgent', 'Emergency'] as const;
export type Importance = (typeof importances)[number];

export type Direction = 'Incoming' | 'Outgoing';

/** `Disabled` lets the participant's messages reach the visitor, `Enabled` blocks them (reference/service-api.md 10). */
export const messageFilterStates = ['Enabled', 'Disabled'] as const;
export type MessageFilterState = (typeof messageFilterStates)[number];

/** The one place that knows what the two values mean. A missing state blocks. */
export function messagesPass(state: MessageFilterState | undefined): boolean {
  return state === 'Disabled';
}
