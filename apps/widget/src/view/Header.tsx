import type { ChatState } from '../session/chatState.ts';
import { Icon } from './Icon.tsx';
import { texts } from './texts.ts';

export interface HeaderProps {
  readonly title: string;
  readonly state: ChatState;
  onHide(): void;
  /** Present while there is a chat to end. */
  readonly onEnd: (() => void) | undefined;
}

/** Whose chat it is, where it stands, and the ways out. */
export function Header({ title, state, onHide, onEnd }: HeaderProps) {
  return (
    <header class="header">
      <div class="heading">
        <h2>{title}</h2>
        <p role="status" data-status={state.phase}>
          {statusOf(state)}
        </p>
      </div>
      {onEnd && (
        <button
          type="button"
          class="plain"
          aria-label={texts.end}
          title={texts.end}
          disabled={state.closing}
          onClick={onEnd}
        >
          <Icon path="M12 3.5v8M7.4 6.4a7.5 7.5 0 1 0 9.2 0" />
        </button>
      )}
      <button type="button" class="plain" aria-label={texts.minimise} title={texts.minimise} onClick={onHide}>
        <Icon path="M5.5 9 12 15.5 18.5 9" />
      </button>
    </header>
  );
}

function statusOf({ phase, closing, counterpart }: ChatState): string {
  if (closing) return texts.ending;
  if (phase === 'ended') return texts.over;
  if (phase === 'chatting' && counterpart !== undefined) return `You are chatting with ${counterpart}`;
  return texts[phase];
}
