import { Badge, Group, Stack, Text } from '@mantine/core';
import type { TranscriptMessage } from '../../../../trpc/routers/transcripts.ts';
import { SaidText } from '../../../desk/SaidText.tsx';
import { timeOf } from '../../../timeText.ts';

/** What was said, marked where the visitor did not see it. */
export function Transcript({ messages, now }: { messages: readonly TranscriptMessage[]; now: number }) {
  if (messages.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing has been said yet.
      </Text>
    );
  }
  return (
    <Stack gap="sm" role="log" aria-label="Transcript">
      {messages.map(({ timeStamp, author, audience, delivered, senderName, text }) => (
        <div key={timeStamp} data-audience={audience}>
          <Group gap={6}>
            <Text size="xs" fw={600}>
              {senderName || (author === 'visitor' ? 'Visitor' : 'Helpdesk')}
            </Text>
            <Text size="xs" c="dimmed">
              {timeOf(timeStamp, now)}
            </Text>
            {audience === 'internal' && (
              <Badge size="xs" color="yellow" variant="light" tt="none">
                internal
              </Badge>
            )}
            {!delivered && (
              <Badge size="xs" color="red" variant="light" tt="none">
                not delivered
              </Badge>
            )}
          </Group>
          <Text size="sm" component="div">
            <SaidText text={text} />
          </Text>
        </div>
      ))}
    </Stack>
  );
}
