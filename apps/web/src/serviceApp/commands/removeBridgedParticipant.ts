import type { RemoveBridgedParticipant } from '@repo/flows/helpdesk/commands';
import type { ServiceOperation } from '@repo/ucwa-client/serviceCommand';

/** From now on the agent's messages stay in the meeting. */
export function removeBridgedParticipant({ name, href }: RemoveBridgedParticipant): ServiceOperation {
  return { name, href };
}
