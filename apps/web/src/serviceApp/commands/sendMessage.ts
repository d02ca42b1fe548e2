import type { SendMessage } from '@repo/flows/helpdesk/commands';
import type { PlatformRequest } from './requestOf.ts';

/** Step 12: a text to the visitor, on the visitor's own leg. The body is the text, so the operationId is in the query. */
export function sendMessage(command: SendMessage, operationId: string): PlatformRequest {
  return {
    method: 'POST',
    href: command.href,
    query: { operationId },
    text: command.text,
    contentType: 'text/plain; charset=utf-8',
  };
}
