import type { StartAdhocMeeting } from '@repo/flows/helpdesk/commands';
import type { StartAdhocMeetingInput } from '@repo/ucwa-protocol/operations';
import type { PlatformRequest } from './requestOf.ts';

/** Step 8: creates the meeting and joins it unseen (reference/service-api.md 7). */
export function startAdhocMeeting(command: StartAdhocMeeting, operationId: string): PlatformRequest {
  const { subject, callbackContext, href } = command;
  const body: StartAdhocMeetingInput = { subject, callbackContext, operationId };
  return { method: 'POST', href, body };
}
