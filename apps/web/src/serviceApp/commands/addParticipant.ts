import type { AddParticipant } from '@repo/flows/helpdesk/commands';
import type { AddParticipantInput } from '@repo/ucwa-protocol/operations';
import type { PlatformRequest } from './requestOf.ts';

/** Step 14: rings an agent. */
export function addParticipant(command: AddParticipant, operationId: string): PlatformRequest {
  const body: AddParticipantInput = { operationId, to: command.to };
  return { method: 'POST', href: command.href, body };
}
