import type { AcceptAndBridge } from '@repo/flows/helpdesk/commands';
import type { ServiceOperation } from '@repo/ucwa-client/serviceCommand';

/** Step 9: answers the visitor and joins the two legs. */
export function acceptAndBridge({ name, href, ...command }: AcceptAndBridge): ServiceOperation {
  const { impersonatedDisplayName, onlineMeetingUri } = command;
  return { name, href, input: { impersonatedDisplayName, onlineMeetingUri } };
}
