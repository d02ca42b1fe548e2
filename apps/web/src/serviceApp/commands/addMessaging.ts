import type { AddMessaging } from '@repo/flows/helpdesk/commands';
import type { ServiceOperation } from '@repo/ucwa-client/serviceCommand';

/** Joins the meeting's chat (reference/call-flow.md D3). */
export function addMessaging({ name, href }: AddMessaging): ServiceOperation {
  return { name, href };
}
