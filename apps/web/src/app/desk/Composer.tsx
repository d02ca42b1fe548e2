import { Button, Group, Text, Textarea } from '@mantine/core';
import { limits } from '@repo/ucwa-protocol/limits';
import { type KeyboardEvent, useState } from 'react';
import type { Desk } from '../../desk/createDesk.ts';
import classes from './desk.module.css';

interface ComposerProps {
  readonly desk: Desk;
  readonly conversationHref: string;
  /** Why nothing can be written any more. */
  readonly closed: boolean;
}

/** Where the agent writes. Enter sends, Shift+Enter begins a new line; what is typed survives a reload. */
export function Composer({ desk, conversationHref, closed }: ComposerProps) {
  const [text, setText] = useState(() => desk.draft(conversationHref));
  const isTooLong = new TextEncoder().encode(text).length > limits.messageBytes;
  const canSend = !closed && !isTooLong && text.trim() !== '';

  function change(value: string): void {
    setText(value);
    desk.saveDraft(conversationHref, value);
    if (value !== '') desk.typing(conversationHref);
  }

  function send(): void {
    if (!canSend) return;
    desk.write(conversationHref, text);
    setText('');
    desk.saveDraft(conversationHref, '');
  }

  return (
    <form
      className={classes.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Group align="flex-end" gap="sm" wrap="nowrap">
        <Textarea
          aria-label="Message"
          placeholder={closed ? 'The chat is over' : 'Write a message…'}
          value={text}
          disabled={closed}
          autosize
          minRows={1}
          maxRows={6}
          autoFocus
          error={isTooLong}
          className={classes.fill}
          onChange={(event) => change(event.currentTarget.value)}
          onKeyDown={(event: KeyboardEvent) => {
            // While an input method is composing, Enter belongs to it.
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <Button type="submit" disabled={!canSend}>
          Send
        </Button>
      </Group>
      <Text size="xs" c={isTooLong ? 'red' : 'dimmed'} mt={4}>
        {isTooLong ? 'This message is too long: 64 KiB at most.' : 'Enter to send, Shift+Enter for a new line'}
      </Text>
    </form>
  );
}
