import type { TerminateConversation } from '@repo/flows/helpdesk/commands';
import type { ServiceOperation } from '@repo/ucwa-client/serviceCommand';

/** Leaves a conversation; of the meeting leg it is step 20. */
export function terminateConversation({ name, href }: TerminateConversation): ServiceOperation {
  return { name, href };
}
