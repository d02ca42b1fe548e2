/** Invitations: calls, meetings that are joined, people who are called in. */
import { z } from 'zod';
import { acceptAndBridgeInput, addMessagingInput, startMessagingInput } from '../../resources/messagingInvitations.ts';
import { guestJoinInput, joinMeetingInput } from '../../resources/onlineMeetingInvitations.ts';
import { addParticipantInput } from '../../resources/participantInvitations.ts';
import { inviteUserInput } from '../../resources/userMeetingInvitations.ts';
import type { Descriptions } from '../describe.ts';
import * as resources from '../resourceSchemas.ts';

const calls = '{communication}/messagingInvitations';
const meetings = '{communication}/onlineMeetingInvitations';
const ofConversation = z.object({
  conversationId: z.string().optional().describe('Of a service application: the conversation that it is about'),
  conversation: z.string().optional().describe('Of a UCWA application: the conversation that it is about'),
});

export const inCalls: Descriptions = {
  'POST {service}/communication/messagingInvitations': {
    summary: 'startMessaging, or startMessagingWithIdentity: calls somebody',
    body: startMessagingInput,
    makes: true,
  },
  [`POST ${calls}`]: {
    summary: 'startMessaging; with a conversation in the query addMessaging to it',
    query: ofConversation,
    body: z.union([startMessagingInput, addMessagingInput]),
    makes: true,
  },
  [`GET ${calls}/:invitationId`]: { summary: 'A call', shows: resources.messagingInvitation },
  [`POST ${calls}/:invitationId/accept`]: { summary: 'accept', acts: true },
  [`POST ${calls}/:invitationId/decline`]: { summary: 'decline', acts: true },
  [`POST ${calls}/:invitationId/acceptAndBridge`]: {
    summary: 'acceptAndBridge: takes a call and joins it to a meeting',
    body: acceptAndBridgeInput,
    shows: z.null().describe('Bridged'),
  },
  'POST {service}/communication/onlineMeetingInvitations': {
    summary: 'joinOnlineMeeting and joinAdhocMeeting',
    query: z.object({ confUrl: z.string().optional().describe('The meeting, in the link joinAdhocMeeting') }),
    body: joinMeetingInput,
    makes: true,
  },
  [`POST ${meetings}/startAdhocMeeting`]: {
    summary: 'startAdhocMeeting: makes a meeting and joins it',
    body: joinMeetingInput,
    makes: true,
  },
  [`POST ${meetings}`]: {
    summary: 'joinOnlineMeeting; startOnlineMeeting with `onlineMeetingUri=adhoc`',
    query: z.object({ onlineMeetingUri: z.string().optional() }),
    body: z.union([joinMeetingInput, guestJoinInput]),
    makes: true,
  },
  [`GET ${meetings}/:invitationId`]: { summary: 'Joining a meeting', shows: resources.onlineMeetingInvitation },
  [`POST ${meetings}/:invitationId/accept`]: { summary: 'accept', acts: true },
  [`POST ${meetings}/:invitationId/decline`]: { summary: 'decline', acts: true },
  'POST {communication}/participantInvitations': {
    summary: 'addParticipant: calls a person into the meeting of a conversation',
    query: ofConversation,
    body: addParticipantInput,
    makes: true,
  },
  'GET {communication}/participantInvitations/:invitationId': {
    summary: 'The calling of a person',
    shows: resources.participantInvitation,
  },
  'POST {communication}/participantInvitations/:invitationId/cancel': {
    summary: 'The person stops ringing',
    acts: true,
  },
  'POST {service}/communication/userMeetingInvitations': {
    summary: 'inviteUserToMeeting: calls a person into a meeting by its uri',
    body: inviteUserInput,
    makes: true,
  },
  'GET {communication}/userMeetingInvitations/:invitationId': {
    summary: 'The calling of a person',
    shows: resources.userMeetingInvitation,
  },
  'POST {communication}/userMeetingInvitations/:invitationId/cancel': {
    summary: 'The person stops ringing',
    acts: true,
  },
};
