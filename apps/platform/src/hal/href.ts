/**
 * The only builder of URLs. One resource has one byte-identical href everywhere, because clients compare hrefs as text
 * (reference/client-expectations.md S10, U2, U3): UCWA action hrefs carry no `?`, events hrefs always carry one.
 */
import { createHash } from 'node:crypto';
import { participantPath } from '@repo/ucwa-protocol/sipUri';
import type { Face, ServiceFace, UcwaFace } from './face.ts';

/** The opaque routing segment of a tenant, `tgt-<32 hex>` (reference/README.md "Vocabulary"). */
export function tgt(tenantId: string): string {
  const known = segments.get(tenantId);
  if (known !== undefined) return known;
  const segment = `tgt-${createHash('sha256').update(`tgt:${tenantId}`).digest('hex').slice(0, 32)}`;
  segments.set(tenantId, segment);
  return segment;
}

/** One short text a tenant: they are few, and every href of a conversation asks for it. */
const segments = new Map<string, string>();

const serviceApplication = (face: ServiceFace) => `/platformservice/v1/applications/${face.applicationId}`;
const ucwaApplications = (audience: UcwaFace['audience']) =>
  audience === 'anonymous' ? '/ucwa/psanon/v1/applications' : '/ucwa/oauth/v1/applications';
const ucwaApplication = (face: UcwaFace) => `${ucwaApplications(face.audience)}/${face.applicationId}`;

/** Query of every service href; the endpoint is written raw as in the captures. */
const query = (face: Face) => (face.kind === 'service' ? `?endpointId=${face.endpointUri}` : '');

/** What all conversation-scoped resources stand under. */
const scoped = (face: Face) =>
  face.kind === 'service'
    ? `/platformservice/${tgt(face.tenantId)}/v1/applications/${face.applicationId}/communication`
    : `${ucwaApplication(face)}/communication`;

const inConversation = (face: Face, id: string, rest: string) =>
  `${scoped(face)}/conversations/${id}${rest}${query(face)}`;

const percent = (uri: string) => uri.replace(/:/g, '%3a').replace(/@/g, '%40');

/** `conversationId` on the service side, `conversation` on the UCWA side (reference/ucwa-api.md 6, 7). */
const ofConversation = (face: Face, collection: string, id: string) =>
  face.kind === 'service'
    ? `${scoped(face)}/${collection}${query(face)}&conversationId=${id}`
    : `${scoped(face)}/${collection}?conversation=${id}`;

export const href = {
  discover: () => '/platformservice/discover',
  /** Relative; `discover` hands it out absolute (client-expectations S2). */
  serviceApplications: () => '/platformservice/v1/applications',
  myApplications: () => '/platformservice/v1/myApplications',
  /** The one href with a percent-encoded endpoint (reference/service-api.md 2). */
  application: (face: Face) =>
    face.kind === 'service'
      ? `${serviceApplication(face)}?endpointId=${percent(face.endpointUri)}`
      : ucwaApplication(face),
  anonApplicationTokens: (face: ServiceFace) => `${serviceApplication(face)}/anonApplicationTokens${query(face)}`,
  adhocMeetings: (face: ServiceFace) => `${serviceApplication(face)}/adhocMeetings${query(face)}`,
  adhocMeeting: (face: ServiceFace, key: string, organizerUri: string) =>
    `${serviceApplication(face)}/adhocMeetings/${key}${query(face)}&onlineMeetingContext=${organizerUri}`,
  /** Handed out absolute, with the meeting in it (reference/service-api.md 4). */
  joinAdhocMeeting: (face: ServiceFace, meetingUri: string) =>
    `${serviceApplication(face)}/communication/onlineMeetingInvitations?confUrl=${meetingUri}&endpointId=${face.endpointUri}`,
  myOnlineMeetings: (face: ServiceFace) => `${serviceApplication(face)}/myOnlineMeetings${query(face)}`,
  ucwaApplications,
  /** Sender of invitation and conversation events. Outside `tgt-` on the service side. */
  communication: (face: Face) =>
    face.kind === 'service'
      ? `${serviceApplication(face)}/communication${query(face)}`
      : `${ucwaApplication(face)}/communication`,
  startMessaging: (face: Face) =>
    face.kind === 'service'
      ? `${serviceApplication(face)}/communication/messagingInvitations${query(face)}`
      : `${ucwaApplication(face)}/communication/messagingInvitations`,
  joinOnlineMeeting: (face: Face) =>
    face.kind === 'service'
      ? `${serviceApplication(face)}/communication/onlineMeetingInvitations${query(face)}`
      : `${ucwaApplication(face)}/communication/onlineMeetingInvitations`,
  startOnlineMeeting: (face: UcwaFace) =>
    `${ucwaApplication(face)}/communication/onlineMeetingInvitations?onlineMeetingUri=adhoc`,
  inviteUserToMeeting: (face: ServiceFace) =>
    `${serviceApplication(face)}/communication/userMeetingInvitations${query(face)}`,
  startAdhocMeeting: (face: ServiceFace) => `${scoped(face)}/onlineMeetingInvitations/startAdhocMeeting${query(face)}`,

  /** @param key of a further tab's channel */
  events: (face: UcwaFace, ack: number, key?: string) =>
    `${ucwaApplication(face)}/events?ack=${ack}${key === undefined ? '' : `&key=${key}`}`,
  /** `self` and `next` of a callback batch; the key is the conversation's (reference/events.md 4.1). */
  callbackEvents: (face: ServiceFace, conversationId: string, ack: number) =>
    `/platformservice/${tgt(face.tenantId)}/v1/applications/${face.applicationId}/events?ack=${ack}&key=${encodeURIComponent(
      `${face.applicationId}~${face.endpointUri}~${conversationId}`,
    ).replace(/~/g, '%7E')}`,
  policies: (face: UcwaFace) => `${ucwaApplication(face)}/policies`,
  batch: (face: UcwaFace) => `${ucwaApplication(face)}/batch`,
  me: (face: UcwaFace) => `${ucwaApplication(face)}/me`,
  makeMeAvailable: (face: UcwaFace) => `${ucwaApplication(face)}/me/makeMeAvailable`,
  reportMyActivity: (face: UcwaFace) => `${ucwaApplication(face)}/me/reportMyActivity`,
  presence: (face: UcwaFace) => `${ucwaApplication(face)}/me/presence`,
  note: (face: UcwaFace) => `${ucwaApplication(face)}/me/note`,
  location: (face: UcwaFace) => `${ucwaApplication(face)}/me/location`,
  people: (face: UcwaFace) => `${ucwaApplication(face)}/people`,
  myContacts: (face: UcwaFace) => `${ucwaApplication(face)}/people/contacts`,
  search: (face: UcwaFace) => `${ucwaApplication(face)}/people/search`,
  onlineMeetings: (face: UcwaFace) => `${ucwaApplication(face)}/onlineMeetings`,
  contact: (face: UcwaFace, uri: string) => `${ucwaApplication(face)}/people/${participantPath(uri)}`,
  contactPresence: (face: UcwaFace, uri: string) => `${ucwaApplication(face)}/people/${participantPath(uri)}/presence`,
  conversations: (face: UcwaFace) => `${ucwaApplication(face)}/communication/conversations?filter=active`,

  messagingInvitation: (face: Face, id: string, action = '') =>
    `${scoped(face)}/messagingInvitations/${id}${action}${query(face)}`,
  onlineMeetingInvitation: (face: Face, id: string, action = '') =>
    `${scoped(face)}/onlineMeetingInvitations/${id}${action}${query(face)}`,
  participantInvitation: (face: Face, id: string, action = '') =>
    `${scoped(face)}/participantInvitations/${id}${action}${query(face)}`,
  userMeetingInvitation: (face: Face, id: string, action = '') =>
    `${scoped(face)}/userMeetingInvitations/${id}${action}${query(face)}`,

  conversation: (face: Face, id: string) => inConversation(face, id, ''),
  addMessaging: (face: Face, id: string) => ofConversation(face, 'messagingInvitations', id),
  addParticipant: (face: Face, id: string) => ofConversation(face, 'participantInvitations', id),
  conversationBridge: (face: Face, id: string) => inConversation(face, id, '/conversationBridge'),
  bridgedParticipants: (face: Face, id: string) => inConversation(face, id, '/conversationBridge/bridgedParticipants'),
  bridgedParticipant: (face: Face, id: string, uri: string) =>
    inConversation(face, id, `/conversationBridge/bridgedParticipants/${participantPath(uri)}`),
  onlineMeeting: (face: Face, id: string) => inConversation(face, id, '/onlineMeeting'),
  terminateOnlineMeeting: (face: Face, id: string) => inConversation(face, id, '/onlineMeeting/terminateOnlineMeeting'),
  messaging: (face: Face, id: string) => inConversation(face, id, '/messaging'),
  /** Also the `cancel` of an outgoing messaging invitation. */
  stopMessaging: (face: Face, id: string) => inConversation(face, id, '/messaging/terminate'),
  sendMessage: (face: Face, id: string) => inConversation(face, id, '/messaging/messages'),
  message: (face: Face, id: string, number: number) => inConversation(face, id, `/messaging/messages/${number}`),
  setIsTyping: (face: Face, id: string) => inConversation(face, id, '/messaging/typing'),
  typingParticipants: (face: Face, id: string) => inConversation(face, id, '/messaging/typingParticipants'),
  participants: (face: Face, id: string) => inConversation(face, id, '/participants'),
  /** A view of the roster: leaders, attendees or lobby. */
  participantsView: (face: Face, id: string, filter: 'Leaders' | 'Attendees' | 'Lobby') =>
    `${inConversation(face, id, '/participants')}${face.kind === 'service' ? '&' : '?'}filter=${filter}`,
  participant: (face: Face, id: string, participantId: string) =>
    inConversation(face, id, `/participants/${participantId}`),
  participantMessaging: (face: Face, id: string, participantId: string) =>
    inConversation(face, id, `/participants/${participantId}/messaging`),
  localParticipantMessaging: (face: Face, id: string) => inConversation(face, id, '/localParticipant/messaging'),
  eject: (face: Face, id: string, participantId: string) =>
    inConversation(face, id, `/participants/${participantId}/eject`),
} as const;
