import { linkify } from '@repo/ucwa-client/linkify';
import type { ChatMessage } from '../session/chatState.ts';
import { failureTexts, stateTexts, texts } from './texts.ts';

export interface MessageProps {
  readonly message: ChatMessage;
  readonly continued: boolean;
  readonly showState: boolean;
  readonly canResend: boolean;
  onResend(key: string): void;
}

/** One message: who, when, the text as text, and for own ones how far they got. */
export function Message({ message, continued, showState, canResend, onResend }: MessageProps) {
  const own = message.direction === 'Outgoing';
  const name = own ? texts.you : message.from || texts.helpdesk;
  const at = new Date(message.timeStamp ?? message.createdAt);
  const failure = message.state === 'failed' && failureTexts[message.failure ?? 'refused'];
  return (
    <li
      class={`${own ? 'own' : 'other'}${continued ? ' continued' : ''}`}
      data-direction={message.direction}
      data-state={message.state}
    >
      <p class="meta">
        <b>{name}</b> <time dateTime={at.toISOString()}>{timeOf(at)}</time>
      </p>
      <p class="bubble" dir="auto">
        {linkify(message.text).map((part) =>
          part.href === undefined ? (
            part.text
          ) : (
            <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
              {part.text}
            </a>
          ),
        )}
      </p>
      {own && showState && (
        <p class="state">
          {failure || stateTexts[message.state]}
          {failure && canResend && message.failure !== 'tooLong' && (
            <button type="button" class="link" onClick={() => onResend(message.key)}>
              {texts.tryAgain}
            </button>
          )}
        </p>
      )}
    </li>
  );
}

function timeOf(at: Date): string {
  const today = at.toDateString() === new Date().toDateString();
  const date = today ? {} : ({ day: 'numeric', month: 'short' } as const);
  return at.toLocaleString(undefined, { ...date, hour: '2-digit', minute: '2-digit' });
}
