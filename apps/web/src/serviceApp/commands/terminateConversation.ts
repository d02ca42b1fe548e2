import type { TerminateConversation } from '@repo/flows/helpdesk/commands';
import { isOver, type PlatformRequest } from './requestOf.ts';

/** Leaves a conversation; of the meeting leg it is step 20. */
export function terminateConversation(command: TerminateConversation): PlatformRequest {
  return { method: 'DELETE', href: command.href, isReached: isOver };
}
