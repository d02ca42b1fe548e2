import type { TerminateOnlineMeeting } from '@repo/flows/helpdesk/commands';
import type { ServiceOperation } from '@repo/ucwa-client/serviceCommand';

/** Ends the meeting for everyone in it (reference/call-flow.md F11). */
export function terminateOnlineMeeting({ name, href }: TerminateOnlineMeeting): ServiceOperation {
  return { name, href };
}
