import type { Decline } from '@repo/flows/helpdesk/commands';
import { isOver, type PlatformRequest } from './requestOf.ts';

/** Turns the visitor's invitation down (reference/call-flow.md F1). Gone already is as good. */
export function decline(command: Decline): PlatformRequest {
  return { method: 'POST', href: command.href, isReached: isOver };
}
