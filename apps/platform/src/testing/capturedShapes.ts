/**
 * What the captured callbacks of the original service are made of: names and types, without their values
 * (reference/samples/Event_*.json; audio and sharing links left out). Our callbacks must have all of it.
 */
export interface CapturedShape {
  readonly sender: string;
  readonly link: string;
  readonly type: string;
  readonly titled?: boolean;
  readonly in?: string;
  readonly status?: string;
  readonly where?: Readonly<Record<string, string>>;
  readonly resource?: {
    readonly members: Readonly<Record<string, string>>;
    readonly links: readonly string[];
    readonly embedded?: readonly string[];
  };
}

export const capturedShapes: Readonly<Record<string, CapturedShape>> = {
  BridgedParticipantAdded: {
    sender: 'conversation',
    link: 'bridgedParticipant',
    type: 'added',
    in: 'bridgedParticipants',
    resource: {
      members: { displayName: 'string', messageFilterState: 'string', participantUri: 'string', rel: 'string' },
      links: ['self'],
    },
  },
  ConversationBridgeAdded: {
    sender: 'conversation',
    link: 'conversationBridge',
    type: 'added',
    in: 'conversation',
    resource: {
      members: { etag: 'string', onlineMeetingUri: 'string', rel: 'string' },
      links: ['bridgedParticipants', 'self'],
    },
  },
  ConversationConferenced: {
    sender: 'communication',
    link: 'conversation',
    type: 'updated',
    resource: {
      members: {
        activeModalities: 'array',
        importance: 'string',
        onlineMeetingLobbyStatus: 'string',
        rel: 'string',
        state: 'string',
        subject: 'string',
        threadId: 'string',
      },
      links: ['addParticipant', 'attendees', 'leaders', 'lobby', 'messaging', 'onlineMeeting', 'participants', 'self'],
    },
    where: { state: 'Conferenced' },
  },
  ConversationDeleted: { sender: 'communication', link: 'conversation', type: 'deleted' },
  IncomingIMCall: {
    sender: 'communication',
    link: 'messagingInvitation',
    type: 'started',
    resource: {
      members: {
        direction: 'string',
        importance: 'string',
        operationId: 'string',
        rel: 'string',
        state: 'string',
        subject: 'string',
        threadId: 'string',
        to: 'string',
      },
      links: ['acceptAndBridge', 'conversation', 'customContent', 'decline', 'self', 'startAdhocMeeting'],
      embedded: ['application', 'from'],
    },
    where: { direction: 'Incoming', state: 'Connecting' },
  },
  MessageCompleted: {
    sender: 'conversation',
    link: 'message',
    type: 'completed',
    status: 'Success',
    resource: { members: { direction: 'string', rel: 'string', timeStamp: 'string' }, links: ['messaging', 'self'] },
    where: { direction: 'Outgoing' },
  },
  MessageIncoming: {
    sender: 'conversation',
    link: 'message',
    type: 'completed',
    status: 'Success',
    resource: {
      members: { direction: 'string', rel: 'string', timeStamp: 'string' },
      links: ['messaging', 'participant', 'plainMessage', 'self'],
      embedded: ['senderParticipant'],
    },
    where: { direction: 'Incoming' },
  },
  MessagingConnected: {
    sender: 'conversation',
    link: 'messaging',
    type: 'updated',
    resource: {
      members: { negotiatedMessageFormats: 'array', rel: 'string', state: 'string' },
      links: ['conversation', 'self', 'sendMessage', 'setIsTyping', 'stopMessaging', 'typingParticipants'],
    },
    where: { state: 'Connected' },
  },
  OnlineMeetingInvitationStarted: {
    sender: 'communication',
    link: 'onlineMeetingInvitation',
    type: 'started',
    resource: {
      members: {
        direction: 'string',
        importance: 'string',
        onlineMeetingUri: 'string',
        operationId: 'string',
        rel: 'string',
        state: 'string',
      },
      links: ['conversation', 'self'],
    },
    where: { direction: 'Outgoing', state: 'Connecting' },
  },
  ParticipantAdded: {
    sender: 'conversation',
    link: 'participant',
    type: 'added',
    titled: true,
    resource: {
      members: { name: 'string', rel: 'string', uri: 'string' },
      links: ['conversation', 'participantMessaging', 'self'],
    },
  },
};
