import type { Typist } from '../session/chatState.ts';
import { isTyping } from './texts.ts';

/** Shown, not read out: a screen reader would be interrupted at every pause of the agent. */
export function TypingIndicator({ typing }: { readonly typing: readonly Typist[] }) {
  return (
    <div class="typing" data-typing={typing.length}>
      {typing.length > 0 && (
        <>
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {isTyping(typing.map((typist) => typist.name))}
        </>
      )}
    </div>
  );
}
