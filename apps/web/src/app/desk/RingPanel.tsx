import { Button, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import type { Desk } from '../../desk/createDesk.ts';
import type { Ringing } from '../../desk/deskState.ts';
import { ringMs } from '../../desk/reduceEvent.ts';
import classes from './desk.module.css';

interface RingPanelProps {
  readonly desk: Desk;
  readonly ringing: readonly Ringing[];
  readonly now: number;
  readonly onAccept: (ringing: Ringing) => void;
}

/** Who is waiting to be answered, with the first words and the time that is left. */
export function RingPanel({ desk, ringing, now, onAccept }: RingPanelProps) {
  if (ringing.length === 0) return null;
  return (
    <section className={classes.ringing} aria-label="Incoming chats" aria-live="assertive">
      {ringing.map((call) => {
        // The page's time is up to a second old, so the rest can look longer than the whole.
        const seconds = Math.ceil(Math.min(ringMs, Math.max(0, call.deadline - now)) / 1000);
        return (
          <Paper key={call.href} shadow="lg" radius="lg" p="md" withBorder className={classes.call}>
            <Stack gap="sm">
              <Group justify="space-between" wrap="nowrap">
                <Text fw={600} size="md" truncate>
                  {call.visitorName}
                </Text>
                <Text size="sm" c="dimmed" aria-live="off">
                  {seconds > 0 ? `${seconds} s` : 'Still ringing'}
                </Text>
              </Group>
              <Text size="sm" className="said" lineClamp={3}>
                {call.firstWords || 'Has not written anything yet.'}
              </Text>
              <Progress
                value={(seconds / (ringMs / 1000)) * 100}
                size="xs"
                aria-label="Time left to answer"
                color={seconds < 8 ? 'red' : 'indigo'}
              />
              <Group grow>
                <Button variant="default" disabled={call.state === 'accepting'} onClick={() => desk.decline(call.href)}>
                  Decline
                </Button>
                <Button
                  color="teal"
                  loading={call.state === 'accepting'}
                  onClick={() => {
                    onAccept(call);
                    desk.accept(call.href);
                  }}
                >
                  Accept
                </Button>
              </Group>
            </Stack>
          </Paper>
        );
      })}
    </section>
  );
}
