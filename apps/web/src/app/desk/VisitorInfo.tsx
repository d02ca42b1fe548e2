import { Anchor, Avatar, Group, Stack, Text } from '@mantine/core';
import type { Chat } from '../../desk/deskState.ts';
import { staffIn } from '../../desk/deskView.ts';
import { Fact } from '../Fact.tsx';
import { durationOf } from '../timeText.ts';
import classes from './desk.module.css';

/** What is known about the visitor; nothing that the page did not send along with the call. */
export function VisitorInfo({ chat, now }: { chat: Chat; now: number }) {
  const name = chat.visitorName ?? 'Visitor';
  const { page, title, locale } = chat.page ?? {};
  const isLink = page !== undefined && /^https?:\/\//i.test(page);
  const colleagues = staffIn(chat);
  return (
    <aside className={classes.info} aria-label="About the visitor">
      <Group gap="sm" wrap="nowrap">
        <Avatar name={name} color="initials" radius="xl" aria-hidden="true" />
        <Stack gap={0} miw={0}>
          <Text fw={600} truncate>
            {name}
          </Text>
          <Text size="xs" c="dimmed">
            Visitor
          </Text>
        </Stack>
      </Group>
      {chat.subject !== undefined && chat.subject !== '' && (
        <Fact label="First words">
          <span className="said">{chat.subject}</span>
        </Fact>
      )}
      {page !== undefined && (
        <Fact label="Page">
          {title !== undefined && <Text size="sm">{title}</Text>}
          {isLink ? (
            <Anchor href={page} target="_blank" rel="noopener noreferrer nofollow" size="sm" className="said">
              {page}
            </Anchor>
          ) : (
            <span className="said">{page}</span>
          )}
        </Fact>
      )}
      {locale !== undefined && <Fact label="Language">{locale}</Fact>}
      {chat.stage !== 'ended' && <Fact label="Here for">{durationOf(now - chat.openedAt)}</Fact>}
      {colleagues.length > 0 && <Fact label="Also here">{colleagues.join(', ')}</Fact>}
      {chat.sessionId !== undefined && (
        <Fact label="Session">
          <Text size="xs" ff="monospace" c="dimmed">
            {chat.sessionId}
          </Text>
        </Fact>
      )}
    </aside>
  );
}
