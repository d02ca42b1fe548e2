/** Every word of the wire, once (reference/README.md "Rel prefixes"). */

/** Words that carry a prefix on the service side and none on the UCWA side. */
export const rels = {
  acceptAndBridge: 'acceptAndBridge',
  acceptedByParticipant: 'acceptedByParticipant',
  addMessaging: 'addMessaging',
  addParticipant: 'addParticipant',
  adhocMeeting: 'adhocMeeting',
  adhocMeetings: 'adhocMeetings',
  anonApplicationToken: 'anonApplicationToken',
  anonApplicationTokens: 'anonApplicationTokens',
  application: 'application',
  applications: 'applications',
  attendees: 'attendees',
  bridgedParticipant: 'bridgedParticipant',
  bridgedParticipants: 'bridgedParticipants',
  cancel: 'cancel',
  communication: 'communication',
  conversation: 'conversation',
  conversationBridge: 'conversationBridge',
  decline: 'decline',
  discover: 'discover',
  eject: 'eject',
  failedDeliveryParticipant: 'failedDeliveryParticipant',
  from: 'from',
  inviteUserToMeeting: 'inviteUserToMeeting',
  joinAdhocMeeting: 'joinAdhocMeeting',
  joinOnlineMeeting: 'joinOnlineMeeting',
  leaders: 'leaders',
  lobby: 'lobby',
  message: 'message',
  messaging: 'messaging',
  messagingInvitation: 'messagingInvitation',
  onlineMeeting: 'onlineMeeting',
  onlineMeetingInvitation: 'onlineMeetingInvitation',
  participant: 'participant',
  participantInvitation: 'participantInvitation',
  participantMessaging: 'participantMessaging',
  participants: 'participants',
  sendMessage: 'sendMessage',
  senderParticipant: 'senderParticipant',
  setIsTyping: 'setIsTyping',
  startAdhocMeeting: 'startAdhocMeeting',
  startMessaging: 'startMessaging',
  startMessagingWithIdentity: 'startMessagingWithIdentity',
  stopMessaging: 'stopMessaging',
  terminateOnlineMeeting: 'terminateOnlineMeeting',
  typingParticipants: 'typingParticipants',
  userMeetingInvitation: 'userMeetingInvitation',
} as const;

export type Rel = keyof typeof rels;

/** Words without a prefix on either side. */
export const bareRels = {
  accept: 'accept',
  anonApplications: 'anonApplications',
  batch: 'batch',
  contact: 'contact',
  contactPresence: 'contactPresence',
  conversations: 'conversations',
  customContent: 'customContent',
  events: 'events',
  htmlMessage: 'htmlMessage',
  location: 'location',
  localParticipant: 'localParticipant',
  makeMeAvailable: 'makeMeAvailable',
  me: 'me',
  myApplications: 'myApplications',
  myContacts: 'myContacts',
  myOnlineMeetings: 'myOnlineMeetings',
  next: 'next',
  note: 'note',
  onlineMeetings: 'onlineMeetings',
  organizer: 'organizer',
  people: 'people',
  plainMessage: 'plainMessage',
  policies: 'policies',
  presence: 'presence',
  redirect: 'redirect',
  reportMyActivity: 'reportMyActivity',
  resume: 'resume',
  resync: 'resync',
  search: 'search',
  self: 'self',
  to: 'to',
  user: 'user',
  xframe: 'xframe',
} as const;

export type BareRel = keyof typeof bareRels;

/** The two spellings of the service side; a setting per application. */
export const relPrefixes = ['ms:rtc:saas:', 'service:'] as const;
export type RelPrefix = (typeof relPrefixes)[number];

/** The word behind a rel, with whichever prefix it came: `ms:rtc:saas:messaging` -> `messaging`. */
export function wordOf(rel: string): string {
  const prefix = relPrefixes.find((candidate) => rel.startsWith(candidate));
  return prefix === undefined ? rel : rel.slice(prefix.length);
}
