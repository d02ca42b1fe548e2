import type { TerminateOnlineMeeting } from '@repo/flows/helpdesk/commands';
import { isOver, type PlatformRequest } from './requestOf.ts';

/** Ends the meeting for everyone in it (reference/call-flow.md F11). */
export function terminateOnlineMeeting(command: TerminateOnlineMeeting): PlatformRequest {
  return { method: 'POST', href: command.href, isReached: isOver };
}
