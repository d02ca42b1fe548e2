import { Group, Loader, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { TranscriptLine } from '../../desk/transcript.ts';
import { useTRPC } from '../../trpc/TrpcProvider.tsx';
import { useNow } from '../useNow.ts';
import classes from './desk.module.css';
import { MessageList } from './MessageList.tsx';

/** A session that is over, to read. */
export function EarlierSession({ id }: { id: string }) {
  const trpc = useTRPC();
  const now = useNow(60_000);
  const { data, isPending, isError } = useQuery(trpc.transcripts.bySession.queryOptions({ sessionId: id }));
  const lines = (data ?? []).map<TranscriptLine>(({ timeStamp, author, delivered, senderName, text }) => ({
    key: `at-${timeStamp}`,
    author: author === 'agent' ? 'colleague' : author,
    senderName,
    text,
    at: timeStamp,
    status: delivered ? 'delivered' : 'undelivered',
  }));
  return (
    <main className={classes.chat} aria-label="Earlier chat">
      <Group px="md" py="sm" className={classes.bar}>
        <Text fw={600} component="h1" size="md">
          Earlier chat
        </Text>
        {isPending && <Loader size="xs" />}
      </Group>
      {isError ? (
        <Text p="md" c="dimmed" size="sm" role="alert">
          This chat cannot be shown right now.
        </Text>
      ) : (
        <MessageList lines={lines} now={now} />
      )}
    </main>
  );
}
