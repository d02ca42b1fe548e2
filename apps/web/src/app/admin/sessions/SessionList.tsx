'use client';
import { Anchor, Badge, Button, Center, Paper, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTRPCClient } from '../../../trpc/TrpcProvider.tsx';
import { durationOf, timeOf } from '../../timeText.ts';
import { useNow } from '../../useNow.ts';
import { AdminPage } from '../AdminPage.tsx';
import { reasonText } from './reasonText.ts';
import { SessionStateBadge } from './SessionStateBadge.tsx';

const pageSize = 50;

/** Every session, newest first; it refreshes itself. */
export function SessionList() {
  const client = useTRPCClient();
  const now = useNow();
  const { data, isPending, isError, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['helpdeskSessions', 'list', pageSize],
    queryFn: ({ pageParam }) =>
      client.helpdeskSessions.list.query({ limit: pageSize, ...(pageParam ? { before: pageParam } : {}) }),
    initialPageParam: undefined as Date | undefined,
    getNextPageParam: (page) => (page.length === pageSize ? page.at(-1)?.startedAt : undefined),
    refetchInterval: 3000,
  });
  const sessions = data?.pages.flat() ?? [];
  const open = sessions.filter(({ endedAt }) => endedAt === undefined).length;

  return (
    <AdminPage
      title="Sessions"
      text="Every visitor's request for help, the newest first."
      isLoading={isPending && !isError}
      isStale={isError}
      tools={
        <Badge size="lg" variant="light" color={open > 0 ? 'teal' : 'gray'} tt="none">
          {open} open
        </Badge>
      }
    >
      {sessions.length === 0 ? (
        <Paper withBorder p="xl" radius="lg">
          <Stack align="center" gap={4}>
            <Text fw={600}>No sessions yet</Text>
            <Text c="dimmed" size="sm">
              As soon as a visitor opens the chat on one of your pages, it appears here.
            </Text>
          </Stack>
        </Paper>
      ) : (
        <Paper withBorder radius="lg" style={{ overflow: 'hidden' }}>
          <Table.ScrollContainer minWidth={760}>
            <Table highlightOnHover verticalSpacing="sm" horizontalSpacing="md">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Visitor</Table.Th>
                  <Table.Th>Agent</Table.Th>
                  <Table.Th>Started</Table.Th>
                  <Table.Th>Duration</Table.Th>
                  <Table.Th>End</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {sessions.map((session) => (
                  <Table.Tr key={session.id} data-session={session.id}>
                    <Table.Td>
                      <SessionStateBadge state={session.state} isOver={session.endedAt !== undefined} />
                    </Table.Td>
                    <Table.Td maw={320}>
                      <Anchor component={Link} href={`/admin/sessions/${session.id}`} fw={500} size="sm">
                        {session.visitorName ?? 'Visitor'}
                      </Anchor>
                      <Text size="xs" c="dimmed" truncate>
                        {session.subject ?? 'No message'}
                      </Text>
                    </Table.Td>
                    <Table.Td>
                      <Text size="sm" {...(session.agentName === undefined ? { c: 'dimmed' } : {})}>
                        {session.agentName ?? '–'}
                      </Text>
                    </Table.Td>
                    <Table.Td>{timeOf(session.startedAt.getTime(), now)}</Table.Td>
                    <Table.Td style={{ fontVariantNumeric: 'tabular-nums' }}>
                      {durationOf((session.endedAt?.getTime() ?? now) - session.startedAt.getTime())}
                    </Table.Td>
                    <Table.Td>
                      <Text size="sm" c="dimmed">
                        {session.endReason === undefined ? '–' : reasonText(session.endReason)}
                      </Text>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          {hasNextPage && (
            <Center p="sm">
              <Button variant="subtle" size="xs" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                Show older
              </Button>
            </Center>
          )}
        </Paper>
      )}
    </AdminPage>
  );
}
