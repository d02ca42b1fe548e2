import { useRef, useState } from 'preact/hooks';
import { texts } from './texts.ts';

export interface PreChatFormProps {
  readonly name: string;
  readonly draft: string;
  onName(name: string): void;
  onDraft(draft: string): void;
  onStart(input: { name: string; text: string }): void;
}

/** Name and first message; complains only after the first try to start. */
export function PreChatForm({ name, draft, onName, onDraft, onStart }: PreChatFormProps) {
  const [tried, setTried] = useState(false);
  const nameField = useRef<HTMLInputElement>(null);
  const textField = useRef<HTMLTextAreaElement>(null);
  const nameMissing = tried && name.trim() === '';
  const textMissing = tried && draft.trim() === '';

  const submit = (): void => {
    setTried(true);
    if (name.trim() === '') nameField.current?.focus();
    else if (draft.trim() === '') textField.current?.focus();
    else onStart({ name, text: draft });
  };

  return (
    <form
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <p class="welcome">{texts.welcome}</p>
      <label>
        {texts.name}
        <input
          ref={nameField}
          type="text"
          name="name"
          autoComplete="name"
          maxLength={100}
          required
          value={name}
          aria-invalid={nameMissing}
          aria-describedby="nameError"
          data-focus={name === '' ? '' : undefined}
          onInput={(event) => onName(event.currentTarget.value)}
        />
      </label>
      <p class="error" id="nameError" role="alert">
        {nameMissing ? texts.nameMissing : ''}
      </p>
      <label>
        {texts.firstMessage}
        <textarea
          ref={textField}
          name="message"
          rows={4}
          required
          value={draft}
          aria-invalid={textMissing}
          aria-describedby="textError"
          data-focus={name === '' ? undefined : ''}
          onInput={(event) => onDraft(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            submit();
          }}
        />
      </label>
      <p class="error" id="textError" role="alert">
        {textMissing ? texts.firstMessageMissing : ''}
      </p>
      <button type="submit" class="primary">
        {texts.start}
      </button>
    </form>
  );
}
