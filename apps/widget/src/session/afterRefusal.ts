import { isGone, UcwaError } from '@repo/ucwa-client/errors';
import { type ChatState, ended } from './chatState.ts';
import type { Step } from './nextStep.ts';
import { refused } from './outbox.ts';

/**
 * The state after a step that no repetition will make succeed. Pure; what may be repeated never comes here.
 * Nothing is hidden from the visitor: each way ends in an outcome or in a failed message with its own sentence.
 */
export function afterRefusal(state: ChatState, step: Step, error: unknown): ChatState {
  const status = error instanceof UcwaError ? error.status : undefined;
  if (step.name === 'close') return ended(state, 'endedByVisitor');
  if (step.name === 'requestToken') return ended(state, 'refused');
  if (status === 401 || isApplicationGone(error)) return ended(state, 'expired');
  if (step.name === 'refresh') return isGone(error) ? ended(state, 'endedByHelpdesk') : { ...state, stale: false };
  if (step.name === 'sendMessage') {
    if (status === 413) return refused(state, step.operationId, 'tooLong');
    return refused(state, step.operationId, status === 404 ? 'chatEnded' : 'refused');
  }
  return ended(state, 'failed');
}

/** The token or the application behind the chat is over (reference/errors.md 2), not just one conversation. */
function isApplicationGone(error: unknown): boolean {
  return error instanceof UcwaError && (error.status === 410 || error.subcode === 'ApplicationNotFound');
}
