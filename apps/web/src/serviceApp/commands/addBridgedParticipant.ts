import type { AddBridgedParticipant } from '@repo/flows/helpdesk/commands';
import type { ServiceOperation } from '@repo/ucwa-client/serviceCommand';

/** Step 11: lets an agent's messages through to the visitor. */
export function addBridgedParticipant({ name, href, ...command }: AddBridgedParticipant): ServiceOperation {
  const { displayName, participantUri, messageFilterState } = command;
  return { name, href, input: { displayName, participantUri, messageFilterState } };
}
