import type { ErrorBody } from '@repo/ucwa-protocol/errorCodes';
import type { Outcome } from './chatState.ts';

const outcomes: Readonly<Record<string, Outcome>> = {
  Declined: 'declined',
  Timeout: 'unanswered',
  Missed: 'unanswered',
  Unreachable: 'unreachable',
  DestinationNotFound: 'unreachable',
  Canceled: 'endedByVisitor',
  CallTerminated: 'endedByHelpdesk',
  Ended: 'endedByHelpdesk',
  Ejected: 'endedByHelpdesk',
  Removed: 'endedByHelpdesk',
};

/** What the `reason` of an invitation's or conversation's last event means for the visitor (reference/errors.md 4). */
export function outcomeOf(reason: ErrorBody | undefined): Outcome {
  return outcomes[reason?.subcode ?? ''] ?? 'failed';
}
