import { type ExternalCommand, operationIdOf } from '@repo/flows/helpdesk/commands';
import type { ServiceCommand, ServiceOperation } from '@repo/ucwa-client/serviceCommand';
import { acceptAndBridge } from './acceptAndBridge.ts';
import { addBridgedParticipant } from './addBridgedParticipant.ts';
import { addMessaging } from './addMessaging.ts';
import { addParticipant } from './addParticipant.ts';
import { decline } from './decline.ts';
import { removeBridgedParticipant } from './removeBridgedParticipant.ts';
import { sendMessage } from './sendMessage.ts';
import { startAdhocMeeting } from './startAdhocMeeting.ts';
import { terminateConversation } from './terminateConversation.ts';
import { terminateOnlineMeeting } from './terminateOnlineMeeting.ts';

/** What a command of the decision says to the platform, the same at every attempt. */
export function serviceCommandOf(sessionId: string, command: ExternalCommand): ServiceCommand {
  return { ...choose(command), operationId: operationIdOf(sessionId, command) };
}

function choose(command: ExternalCommand): ServiceOperation {
  switch (command.name) {
    case 'startAdhocMeeting':
      return startAdhocMeeting(command);
    case 'addMessaging':
      return addMessaging(command);
    case 'acceptAndBridge':
      return acceptAndBridge(command);
    case 'decline':
      return decline(command);
    case 'addBridgedParticipant':
      return addBridgedParticipant(command);
    case 'removeBridgedParticipant':
      return removeBridgedParticipant(command);
    case 'sendMessage':
      return sendMessage(command);
    case 'addParticipant':
      return addParticipant(command);
    case 'terminateOnlineMeeting':
      return terminateOnlineMeeting(command);
    case 'terminateConversation':
      return terminateConversation(command);
  }
}
