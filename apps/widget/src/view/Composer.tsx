import { Icon } from './Icon.tsx';
import { texts } from './texts.ts';

export interface ComposerProps {
  readonly draft: string;
  readonly disabled: boolean;
  onDraft(draft: string): void;
  onSend(text: string): void;
}

/** Enter sends, Shift and Enter starts a line. What is typed is kept over a reload until it is sent. */
export function Composer({ draft, disabled, onDraft, onSend }: ComposerProps) {
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(draft);
      }}
    >
      <textarea
        rows={1}
        aria-label={texts.composer}
        placeholder={texts.composerHint}
        value={draft}
        disabled={disabled}
        data-focus=""
        onInput={(event) => onDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          onSend(draft);
        }}
      />
      <button
        type="submit"
        class="send"
        aria-label={texts.send}
        title={texts.send}
        disabled={disabled || draft.trim() === ''}
      >
        <Icon path="M4.5 12 3.5 4.5 20.5 12 3.5 19.5 4.5 12h8" />
      </button>
    </form>
  );
}
