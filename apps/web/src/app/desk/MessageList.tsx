import { Button, Group, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { TranscriptLine } from '../../desk/transcript.ts';
import { timeOf } from '../timeText.ts';
import classes from './desk.module.css';
import { SaidText } from './SaidText.tsx';

interface MessageListProps {
  readonly lines: readonly TranscriptLine[];
  readonly now: number;
  /** Shown below the last line, for instance who is typing. */
  readonly footer?: string | undefined;
  readonly onRetry?: (operationId: string) => void;
  readonly onDiscard?: (operationId: string) => void;
}

const statusWords = {
  waiting: 'Sending…',
  accepted: 'Sent',
  delivered: '',
  undelivered: 'Not delivered',
  failed: 'Not sent',
} as const;

/** The conversation; it stays at its end unless somebody has scrolled up to read. */
export function MessageList({ lines, now, footer, onRetry, onDiscard }: MessageListProps) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const last = lines.at(-1)?.key;
  useEffect(() => {
    if (atEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [last, footer]);

  return (
    <div
      ref={box}
      role="log"
      aria-label="Conversation"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className={classes.messages}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 40;
      }}
    >
      {lines.length === 0 && (
        <Text size="sm" c="dimmed" ta="center" py="xl">
          Nothing has been said yet.
        </Text>
      )}
      {lines.map((line) => (
        <div key={line.key} className={classes.line} data-author={line.author} data-status={line.status}>
          <div className={classes.bubble}>
            <SaidText text={line.text} />
          </div>
          <Group gap={6} className={classes.byline}>
            <Text size="xs" c={line.status === 'failed' || line.status === 'undelivered' ? 'red' : 'dimmed'}>
              {[nameOf(line), timeOf(line.at, now), line.failure ?? statusWords[line.status]]
                .filter(Boolean)
                .join(' · ')}
            </Text>
            {line.status === 'failed' && line.operationId !== undefined && (
              <FailedActions operationId={line.operationId} {...{ onRetry, onDiscard }} />
            )}
          </Group>
        </div>
      ))}
      <Text size="sm" c="dimmed" h={22} role="status" fs="italic">
        {footer}
      </Text>
    </div>
  );
}

function nameOf({ author, senderName }: TranscriptLine): string {
  if (author === 'self') return 'You';
  return senderName || (author === 'visitor' ? 'Visitor' : 'Helpdesk');
}

interface FailedActionsProps {
  readonly operationId: string;
  readonly onRetry: ((operationId: string) => void) | undefined;
  readonly onDiscard: ((operationId: string) => void) | undefined;
}

function FailedActions({ operationId, onRetry, onDiscard }: FailedActionsProps) {
  return (
    <>
      <Button size="compact-xs" variant="subtle" onClick={() => onRetry?.(operationId)}>
        Send again
      </Button>
      <Button size="compact-xs" variant="subtle" color="gray" onClick={() => onDiscard?.(operationId)}>
        Delete
      </Button>
    </>
  );
}
