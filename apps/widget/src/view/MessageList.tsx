import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { ChatMessage, ChatState } from '../session/chatState.ts';
import { Message } from './Message.tsx';
import { texts } from './texts.ts';

export interface MessageListProps {
  readonly state: ChatState;
  onResend(key: string): void;
}

/** Who wrote what and when, in the platform's order. Announcing is the Announcer's: own messages are not read out. */
export function MessageList({ state, onResend }: MessageListProps) {
  const { messages } = state;
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const last = messages.at(-1);
  const lastOwn = messages.findLast((message) => message.direction === 'Outgoing');

  useLayoutEffect(() => {
    const box = list.current;
    if (box && (atEnd.current || last?.state === 'waiting')) box.scrollTop = box.scrollHeight;
  }, [messages, state.typing, state.phase, state.panel]);

  // The composer grows, a banner comes, a keyboard opens: the last words stay in sight.
  useEffect(() => {
    const box = list.current;
    if (!box) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) box.scrollTop = box.scrollHeight;
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  return (
    <section
      ref={list}
      class="list"
      aria-label={texts.messages}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={(event) => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
        atEnd.current = scrollHeight - scrollTop - clientHeight < 40;
      }}
    >
      <ol>
        {messages.map((message, at) => (
          <Message
            key={message.key}
            message={message}
            continued={isContinued(messages[at - 1], message)}
            showState={message === lastOwn || message.state === 'waiting' || message.state === 'failed'}
            onResend={onResend}
            canResend={state.phase !== 'ended'}
          />
        ))}
      </ol>
      {state.gap && <p class="remark">{texts.gap}</p>}
    </section>
  );
}

const togetherMs = 120_000;

/** Same sender within two minutes: the name is not repeated. */
function isContinued(before: ChatMessage | undefined, message: ChatMessage): boolean {
  return (
    before?.direction === message.direction &&
    before.from === message.from &&
    Math.abs((message.timeStamp ?? message.createdAt) - (before.timeStamp ?? before.createdAt)) < togetherMs
  );
}
