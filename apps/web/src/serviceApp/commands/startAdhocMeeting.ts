import type { StartAdhocMeeting } from '@repo/flows/helpdesk/commands';
import type { ServiceOperation } from '@repo/ucwa-client/serviceCommand';

/** Step 8: creates the meeting and joins it unseen (reference/service-api.md 7). */
export function startAdhocMeeting({ name, href, subject, callbackContext }: StartAdhocMeeting): ServiceOperation {
  return { name, href, input: { subject, callbackContext } };
}
