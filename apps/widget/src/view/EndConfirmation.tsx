import { texts } from './texts.ts';

export interface EndConfirmationProps {
  onConfirm(): void;
  onCancel(): void;
}

/** Asks once before the chat ends for both sides; the harmless answer has the focus. */
export function EndConfirmation({ onConfirm, onCancel }: EndConfirmationProps) {
  return (
    <div class="confirmation">
      <div role="alertdialog" aria-modal="true" aria-labelledby="endQuestion" aria-describedby="endDetail">
        <h3 id="endQuestion">{texts.endQuestion}</h3>
        <p id="endDetail">{texts.endDetail}</p>
        <div class="choices">
          <button type="button" data-focus="" onClick={onCancel}>
            {texts.endCancel}
          </button>
          <button type="button" class="danger" onClick={onConfirm}>
            {texts.endConfirm}
          </button>
        </div>
      </div>
    </div>
  );
}
