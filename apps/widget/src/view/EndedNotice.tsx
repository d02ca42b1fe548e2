import type { Outcome } from '../session/chatState.ts';
import { outcomeTexts, texts } from './texts.ts';

export interface EndedNoticeProps {
  readonly outcome: Outcome;
  onNewChat(): void;
}

/** Why the chat is over, and the way on. */
export function EndedNotice({ outcome, onNewChat }: EndedNoticeProps) {
  const answered = outcome === 'endedByVisitor' || outcome === 'endedByHelpdesk' || outcome === 'expired';
  return (
    <div class="ended" data-outcome={outcome}>
      <p role="status">{outcomeTexts[outcome]}</p>
      <button type="button" class="primary" data-focus="" onClick={onNewChat}>
        {answered ? texts.newChat : texts.tryAgain}
      </button>
    </div>
  );
}
