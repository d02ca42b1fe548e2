import type { AddMessaging } from '@repo/flows/helpdesk/commands';
import { type PlatformRequest, wasThereAlready } from './requestOf.ts';

/** Joins the meeting's chat (reference/call-flow.md D3). */
export function addMessaging(command: AddMessaging, operationId: string): PlatformRequest {
  return { method: 'POST', href: command.href, body: { operationId }, isReached: wasThereAlready };
}
