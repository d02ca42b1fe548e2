import type { SendMessage } from '@repo/flows/helpdesk/commands';
import type { ServiceOperation } from '@repo/ucwa-client/serviceCommand';

/** Step 12: a text to the visitor, on the visitor's own leg. */
export function sendMessage({ name, href, text }: SendMessage): ServiceOperation {
  return { name, href, text };
}
