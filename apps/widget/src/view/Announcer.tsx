import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChatMessage } from '../session/chatState.ts';
import { texts } from './texts.ts';

/** Reads out, politely, what the other side has just written; not what was there when the chat came back. */
export function Announcer({ messages }: { readonly messages: readonly ChatMessage[] }) {
  const last = messages.findLast((message) => message.direction === 'Incoming');
  const seen = useRef(last?.key);
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    if (last === undefined || last.key === seen.current) return;
    seen.current = last.key;
    setSpoken(`${last.from || texts.helpdesk}: ${last.text}`);
  }, [last]);
  return (
    <div class="unseen" role="log" aria-live="polite">
      {spoken && <p key={last?.key}>{spoken}</p>}
    </div>
  );
}
