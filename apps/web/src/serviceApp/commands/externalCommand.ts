import { type ExternalCommand, operationIdOf } from '@repo/flows/helpdesk/commands';
import { acceptAndBridge } from './acceptAndBridge.ts';
import { addBridgedParticipant } from './addBridgedParticipant.ts';
import { addMessaging } from './addMessaging.ts';
import { addParticipant } from './addParticipant.ts';
import { decline } from './decline.ts';
import { removeBridgedParticipant } from './removeBridgedParticipant.ts';
import type { PlatformRequest } from './requestOf.ts';
import { sendMessage } from './sendMessage.ts';
import { startAdhocMeeting } from './startAdhocMeeting.ts';
import { terminateConversation } from './terminateConversation.ts';
import { terminateOnlineMeeting } from './terminateOnlineMeeting.ts';

/** The request that carries a command out, the same at every attempt. */
export function requestFor(sessionId: string, command: ExternalCommand): PlatformRequest {
  const operationId = operationIdOf(sessionId, command);
  const request = choose(command, operationId);
  return { ...request, headers: { 'client-request-id': operationId } };
}

function choose(command: ExternalCommand, operationId: string): PlatformRequest {
  switch (command.name) {
    case 'startAdhocMeeting':
      return startAdhocMeeting(command, operationId);
    case 'addMessaging':
      return addMessaging(command, operationId);
    case 'acceptAndBridge':
      return acceptAndBridge(command, operationId);
    case 'decline':
      return decline(command);
    case 'addBridgedParticipant':
      return addBridgedParticipant(command, operationId);
    case 'removeBridgedParticipant':
      return removeBridgedParticipant(command);
    case 'sendMessage':
      return sendMessage(command, operationId);
    case 'addParticipant':
      return addParticipant(command, operationId);
    case 'terminateOnlineMeeting':
      return terminateOnlineMeeting(command);
    case 'terminateConversation':
      return terminateConversation(command);
  }
}
