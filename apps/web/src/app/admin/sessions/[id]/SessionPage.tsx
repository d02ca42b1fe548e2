'use client';
import { Alert, Anchor, Grid, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useTRPC } from '../../../../trpc/TrpcProvider.tsx';
import { Fact } from '../../../Fact.tsx';
import { durationOf, exactTimeOf, timeOf } from '../../../timeText.ts';
import { useNow } from '../../../useNow.ts';
import { AdminPage } from '../../AdminPage.tsx';
import { reasonText } from '../reasonText.ts';
import { SessionStateBadge } from '../SessionStateBadge.tsx';
import { AssignmentList } from './AssignmentList.tsx';
import { Timeline } from './Timeline.tsx';
import { Transcript } from './Transcript.tsx';

/** One session: facts, transcript, who was considered, and everything that happened, in order. */
export function SessionPage({ id }: { id: string }) {
  const trpc = useTRPC();
  const now = useNow();
  const { data, isPending, isError, error } = useQuery(
    trpc.helpdeskSessions.byId.queryOptions({ id }, { refetchInterval: 3000, retry: 1 }),
  );
  const { data: messages = [] } = useQuery(
    trpc.transcripts.bySession.queryOptions({ sessionId: id }, { refetchInterval: 3000, retry: 1 }),
  );

  if (!data) {
    return (
      <AdminPage title="Session" isLoading={isPending}>
        <Alert color="red" variant="light" role="alert">
          {error?.data?.code === 'NOT_FOUND' ? 'There is no such session.' : 'The session cannot be read right now.'}
        </Alert>
      </AdminPage>
    );
  }

  const { session, timeline, assignments } = data;
  const { visitorName, startedAt, endedAt, endReason, state } = session;
  const agent = assignments.findLast(({ personUri }) => personUri !== undefined);
  return (
    <AdminPage
      title={visitorName ?? 'Visitor'}
      {...(session.subject === undefined ? {} : { text: session.subject })}
      isStale={isError}
      tools={
        <Anchor component={Link} href="/admin/sessions" size="sm">
          ← All sessions
        </Anchor>
      }
    >
      <Paper withBorder radius="lg" p="md">
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }}>
          <Fact label="State">
            <SessionStateBadge state={state} isOver={endedAt !== undefined} />
          </Fact>
          <Fact label="Agent">{agent?.personName ?? agent?.personUri ?? '–'}</Fact>
          <Fact label="Started">{timeOf(startedAt.getTime(), now)}</Fact>
          <Fact label="Duration">{durationOf((endedAt?.getTime() ?? now) - startedAt.getTime())}</Fact>
          <Fact label="End">{endReason === undefined ? '–' : reasonText(endReason)}</Fact>
          <Fact label="Session">
            <Text size="xs" ff="monospace">
              {session.id}
            </Text>
          </Fact>
        </SimpleGrid>
      </Paper>
      <Grid>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack>
            <Section title="Transcript" hint={`${messages.length} messages`}>
              <Transcript messages={messages} now={now} />
            </Section>
            <Section title="Assignment" hint="who was considered, and why">
              <AssignmentList assignments={assignments} now={now} />
            </Section>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Section title="Timeline" hint={`${timeline.length} entries, from ${exactTimeOf(startedAt.getTime())}`}>
            <Timeline entries={timeline} />
          </Section>
        </Grid.Col>
      </Grid>
    </AdminPage>
  );
}

function Section({ title, hint, children }: { title: string; hint: string; children: ReactNode }) {
  return (
    <Paper withBorder radius="lg" p="md" component="section" aria-label={title}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">
          {title}
        </Title>
        <Text size="xs" c="dimmed">
          {hint}
        </Text>
      </Group>
      {children}
    </Paper>
  );
}
