import type { AddParticipant } from '@repo/flows/helpdesk/commands';
import type { ServiceOperation } from '@repo/ucwa-client/serviceCommand';

/** Step 14: rings an agent. */
export function addParticipant({ name, href, to }: AddParticipant): ServiceOperation {
  return { name, href, input: { to } };
}
