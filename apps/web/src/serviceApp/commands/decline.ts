import type { Decline } from '@repo/flows/helpdesk/commands';
import type { ServiceOperation } from '@repo/ucwa-client/serviceCommand';

/** Turns the visitor's invitation down (reference/call-flow.md F1). Why stays with us. */
export function decline({ name, href }: Decline): ServiceOperation {
  return { name, href };
}
