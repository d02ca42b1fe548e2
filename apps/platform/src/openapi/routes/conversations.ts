/** What is in a conversation: messaging, messages, participants, the bridge and the meeting. */
import { limits } from '@repo/ucwa-protocol/limits';
import { z } from 'zod';
import { bridgedParticipantChange, bridgedParticipantInput } from '../../resources/bridgedParticipants.ts';
import type { Descriptions } from '../describe.ts';
import * as resources from '../resourceSchemas.ts';

const one = '{communication}/conversations/:conversationId';
const bridged = `${one}/conversationBridge/bridgedParticipants`;
const sending = z.object({
  operationId: z.string().max(limits.operationId).optional(),
  operationContext: z.string().max(limits.operationId).optional(),
});

export const inConversations: Descriptions = {
  'GET {communication}/conversations': { summary: 'The conversations that live', shows: resources.conversations },
  [`GET ${one}`]: { summary: 'A conversation', shows: resources.conversation },
  [`DELETE ${one}`]: { summary: 'Ends or leaves a conversation; may be repeated', acts: true },
  [`GET ${one}/messaging`]: { summary: 'The text part of a conversation', shows: resources.messaging },
  [`POST ${one}/messaging/terminate`]: { summary: 'stopMessaging, and cancel while it rings', acts: true },
  [`POST ${one}/messaging/typing`]: { summary: 'setIsTyping', acts: true },
  [`GET ${one}/messaging/typingParticipants`]: { summary: 'Who is typing', shows: resources.typingParticipants },
  [`POST ${one}/messaging/messages`]: {
    summary: 'sendMessage: the raw text is the body',
    query: sending,
    body: z.string().describe(`At most ${limits.messageBytes} bytes of UTF-8`),
    mediaTypes: ['text/plain', 'text/html'],
    makes: true,
  },
  [`GET ${one}/messaging/messages/:number`]: { summary: 'A message', shows: resources.message },
  [`GET ${one}/participants`]: {
    summary: 'The roster, or a view of it',
    query: z.object({ filter: z.enum(['Leaders', 'Attendees', 'Lobby']).optional() }),
    shows: resources.participants,
  },
  [`GET ${one}/participants/:participantId`]: { summary: 'Somebody of the roster', shows: resources.participant },
  [`GET ${one}/participants/:participantId/messaging`]: {
    summary: 'That somebody uses messaging',
    shows: resources.participantMessaging,
  },
  [`GET ${one}/localParticipant/messaging`]: { summary: 'One’s own messaging', shows: resources.participantMessaging },
  [`POST ${one}/participants/:participantId/eject`]: { summary: 'eject', acts: true },
  [`GET ${one}/onlineMeeting`]: { summary: 'The meeting behind a conversation', shows: resources.onlineMeeting },
  [`POST ${one}/onlineMeeting/terminateOnlineMeeting`]: {
    summary: 'terminateOnlineMeeting, for everybody',
    acts: true,
  },
  [`GET ${one}/conversationBridge`]: { summary: 'What joins a leg to a meeting', shows: resources.conversationBridge },
  [`GET ${bridged}`]: { summary: 'Those whom the visitor may know', shows: resources.bridgedParticipants },
  [`POST ${bridged}`]: { summary: 'Names somebody to the visitor', body: bridgedParticipantInput, makes: true },
  [`GET ${bridged}/:uri`]: { summary: 'One of them', shows: resources.bridgedParticipant },
  [`PUT ${bridged}/:uri`]: { summary: 'Changes the name or the filter', body: bridgedParticipantChange, acts: true },
  [`DELETE ${bridged}/:uri`]: { summary: 'Takes somebody from the list', acts: true },
};
