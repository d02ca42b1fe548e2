import { Alert, Badge, Button, Group, Text } from '@mantine/core';
import { useEffect } from 'react';
import type { Desk } from '../../desk/createDesk.ts';
import type { Chat, Outgoing } from '../../desk/deskState.ts';
import { isVisitorTyping, statusOf } from '../../desk/deskView.ts';
import { newestIn, transcriptOf } from '../../desk/transcript.ts';
import { Composer } from './Composer.tsx';
import classes from './desk.module.css';
import { MessageList } from './MessageList.tsx';
import { statusTexts } from './statusTexts.ts';

interface ChatViewProps {
  readonly desk: Desk;
  readonly chat: Chat;
  readonly outbox: readonly Outgoing[];
  readonly now: number;
  readonly onBack: () => void;
}

/** One chat: what was said, where it stands, and the line to write in. */
export function ChatView({ desk, chat, outbox, now, onBack }: ChatViewProps) {
  const status = statusOf(chat);
  const name = chat.visitorName ?? 'Visitor';
  const newest = newestIn(chat);
  const isOver = chat.stage === 'ended';

  useEffect(() => {
    if (newest > chat.readThrough && document.visibilityState === 'visible') desk.looked(chat.href);
  }, [desk, chat.href, chat.readThrough, newest]);

  return (
    <main className={classes.chat} aria-label={`Chat with ${name}`}>
      <Group justify="space-between" px="md" py="sm" wrap="nowrap" className={classes.bar}>
        <Group gap="sm" wrap="nowrap" miw={0}>
          <Button
            variant="subtle"
            size="compact-sm"
            className={classes.back}
            onClick={onBack}
            aria-label="Back to the list"
          >
            ←
          </Button>
          <Text fw={600} truncate component="h1" size="md">
            {name}
          </Text>
          <Badge variant="light" color={statusTexts[status].color} tt="none">
            {statusTexts[status].short}
          </Badge>
        </Group>
        {isOver ? (
          <Button size="xs" variant="default" onClick={() => desk.putAway(chat.href)}>
            Close
          </Button>
        ) : (
          <Button size="xs" color="red" variant="light" loading={chat.endRequested} onClick={() => desk.end(chat.href)}>
            End chat
          </Button>
        )}
      </Group>
      <MessageList
        lines={transcriptOf(chat, outbox)}
        now={now}
        footer={isVisitorTyping(chat, now) ? `${name} is typing…` : undefined}
        onRetry={desk.retry}
        onDiscard={desk.discard}
      />
      {statusTexts[status].long !== '' && (
        <Alert color={statusTexts[status].color} variant="light" mx="md" mb="xs" py={6} role="status">
          {statusTexts[status].long}
        </Alert>
      )}
      <Composer desk={desk} conversationHref={chat.href} closed={isOver || status === 'visitorLeft'} />
    </main>
  );
}
