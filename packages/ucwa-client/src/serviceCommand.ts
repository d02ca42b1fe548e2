/**
 * What the service application asks of the hrefs that callbacks brought (reference/service-api.md 7 to 16): which verb,
 * where the body and the operationId go, and which refusal says that it is so already. Pure; serviceClient.ts sends it.
 */
import type {
  AcceptAndBridgeInput,
  AddParticipantInput,
  BridgedParticipantInput,
  StartAdhocMeetingInput,
} from '@repo/ucwa-protocol/operations';
import { isGone, UcwaError } from './errors.ts';
import type { SendRequest } from './request.ts';

/** Named by the rel whose href it uses; what has no rel of its own, by what it does. */
export type ServiceOperation = { readonly href: string } & (
  | { readonly name: 'startAdhocMeeting'; readonly input: Omit<StartAdhocMeetingInput, 'operationId'> }
  | { readonly name: 'acceptAndBridge'; readonly input: AcceptAndBridgeInput }
  | { readonly name: 'addBridgedParticipant'; readonly input: BridgedParticipantInput }
  | { readonly name: 'addParticipant'; readonly input: Omit<AddParticipantInput, 'operationId'> }
  | { readonly name: 'sendMessage'; readonly text: string }
  | { readonly name: 'addMessaging' | 'decline' | 'terminateOnlineMeeting' }
  | { readonly name: 'removeBridgedParticipant' | 'terminateConversation' }
);

/** An operation under the id that makes a repetition harmless: the platform gives the first answer again. */
export type ServiceCommand = ServiceOperation & { readonly operationId: string };

/** The request that carries a command out, the same at every attempt. */
export function requestOf(command: ServiceCommand): SendRequest {
  const { href, operationId } = command;
  const sent = { href, headers: { 'client-request-id': operationId } };
  switch (command.name) {
    case 'startAdhocMeeting':
    case 'acceptAndBridge':
    case 'addBridgedParticipant':
    case 'addParticipant':
      return { ...sent, method: 'POST', body: { ...command.input, operationId } };
    case 'addMessaging':
      return { ...sent, method: 'POST', body: { operationId } };
    case 'sendMessage':
      // The body is the text, so the operationId is in the query.
      return { ...sent, method: 'POST', text: command.text, query: { operationId } };
    case 'decline':
    case 'terminateOnlineMeeting':
      return { ...sent, method: 'POST' };
    case 'removeBridgedParticipant':
    case 'terminateConversation':
      return { ...sent, method: 'DELETE' };
  }
}

/** Whether a refusal says that what the command wants is so already; then the command has succeeded. */
export function isReached({ name }: ServiceCommand, error: unknown): error is UcwaError {
  switch (name) {
    // Each adds something that only this application can have added.
    case 'acceptAndBridge':
    case 'addBridgedParticipant':
    case 'addMessaging':
      return error instanceof UcwaError && error.status === 409 && error.subcode === 'AlreadyExists';
    case 'decline':
    case 'removeBridgedParticipant':
    case 'terminateConversation':
    case 'terminateOnlineMeeting':
      return isGone(error);
    default:
      return false;
  }
}
