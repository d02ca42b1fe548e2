import { Badge, Divider, Group, ScrollArea, Stack, Text, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Chat } from '../../desk/deskState.ts';
import { isVisitorTyping, statusOf } from '../../desk/deskView.ts';
import { saidIn, unreadIn } from '../../desk/transcript.ts';
import { useTRPC } from '../../trpc/TrpcProvider.tsx';
import { timeOf } from '../timeText.ts';
import classes from './desk.module.css';
import { statusTexts } from './statusTexts.ts';

export type Selection =
  | { readonly kind: 'chat'; readonly href: string }
  | { readonly kind: 'earlier'; readonly id: string }
  /** The list itself, where it takes the whole screen. */
  | { readonly kind: 'none' };

interface ChatListProps {
  readonly chats: readonly Chat[];
  readonly selection: Selection | undefined;
  readonly now: number;
  readonly onSelect: (selection: Selection) => void;
}

/** The chats of this desk, then the sessions that this agent had earlier. */
export function ChatList({ chats, selection, now, onSelect }: ChatListProps) {
  const trpc = useTRPC();
  const { data: sessions = [] } = useQuery(trpc.desk.mySessions.queryOptions(undefined, { refetchInterval: 15_000 }));
  const shown = new Set(chats.map(({ sessionId }) => sessionId));
  const earlier = sessions.filter(({ id, endedAt }) => endedAt !== undefined && !shown.has(id));

  return (
    <nav className={classes.list} aria-label="Chats">
      <Group justify="space-between" px="md" py="sm">
        <Text fw={600}>Chats</Text>
        <Badge variant="light" color={chats.length > 0 ? 'indigo' : 'gray'}>
          {chats.filter(({ stage }) => stage !== 'ended').length}
        </Badge>
      </Group>
      <ScrollArea className={classes.fill} type="auto">
        <Stack gap={2} px="xs">
          {chats.length === 0 && (
            <Text size="sm" c="dimmed" px="xs" pb="sm">
              Nobody is chatting with you right now.
            </Text>
          )}
          {chats.map((chat) => (
            <ChatEntry
              key={chat.href}
              chat={chat}
              now={now}
              isSelected={selection?.kind === 'chat' && selection.href === chat.href}
              onSelect={() => onSelect({ kind: 'chat', href: chat.href })}
            />
          ))}
          {earlier.length > 0 && <Divider label="Earlier" labelPosition="left" mx="xs" my="xs" />}
          {earlier.map(({ id, visitorName, subject, startedAt }) => (
            <UnstyledButton
              key={id}
              className={classes.entry}
              aria-current={selection?.kind === 'earlier' && selection.id === id ? 'true' : undefined}
              onClick={() => onSelect({ kind: 'earlier', id })}
            >
              <Group justify="space-between" wrap="nowrap" gap="xs">
                <Text size="sm" truncate>
                  {visitorName}
                </Text>
                <Text size="xs" c="dimmed" className={classes.still}>
                  {timeOf(startedAt.getTime(), now)}
                </Text>
              </Group>
              <Text size="xs" c="dimmed" truncate>
                {subject ?? 'No message'}
              </Text>
            </UnstyledButton>
          ))}
        </Stack>
      </ScrollArea>
    </nav>
  );
}

interface ChatEntryProps {
  readonly chat: Chat;
  readonly now: number;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
}

function ChatEntry({ chat, now, isSelected, onSelect }: ChatEntryProps) {
  const last = saidIn(chat).at(-1);
  const status = statusOf(chat);
  const unread = isSelected ? 0 : unreadIn(chat);
  const line = isVisitorTyping(chat, now)
    ? 'is typing…'
    : status === 'active'
      ? (last?.text ?? chat.subject ?? '')
      : statusTexts[status].short;
  return (
    <UnstyledButton className={classes.entry} aria-current={isSelected ? 'true' : undefined} onClick={onSelect}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" fw={unread > 0 ? 700 : 500} truncate>
          {chat.visitorName ?? 'Visitor'}
        </Text>
        {unread > 0 ? (
          <Badge size="sm" circle aria-label={`${unread} unread`}>
            {unread}
          </Badge>
        ) : (
          <Text size="xs" c="dimmed" className={classes.still}>
            {timeOf(last?.timeStamp ?? chat.openedAt, now)}
          </Text>
        )}
      </Group>
      <Text size="xs" c="dimmed" truncate>
        {line}
      </Text>
    </UnstyledButton>
  );
}
