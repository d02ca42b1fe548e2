import type { AddBridgedParticipant } from '@repo/flows/helpdesk/commands';
import type { BridgedParticipantInput } from '@repo/ucwa-protocol/operations';
import { type PlatformRequest, wasThereAlready } from './requestOf.ts';

/** Step 11: lets an agent's messages through to the visitor. */
export function addBridgedParticipant(command: AddBridgedParticipant, operationId: string): PlatformRequest {
  const { displayName, participantUri, messageFilterState, href } = command;
  const body: BridgedParticipantInput & { readonly operationId: string } = {
    displayName,
    participantUri,
    messageFilterState,
    operationId,
  };
  return { method: 'POST', href, body, isReached: wasThereAlready };
}
