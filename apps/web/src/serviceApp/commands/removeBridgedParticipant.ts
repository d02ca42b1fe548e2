import type { RemoveBridgedParticipant } from '@repo/flows/helpdesk/commands';
import { isOver, type PlatformRequest } from './requestOf.ts';

/** From now on the agent's messages stay in the meeting. */
export function removeBridgedParticipant(command: RemoveBridgedParticipant): PlatformRequest {
  return { method: 'DELETE', href: command.href, isReached: isOver };
}
