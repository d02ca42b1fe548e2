import { Badge, Group, Stack, Text } from '@mantine/core';
import { timeOf } from '../../../timeText.ts';
import { reasonText } from '../reasonText.ts';

interface AssignmentListProps {
  readonly assignments: readonly {
    readonly id: string;
    readonly personUri: string | undefined;
    readonly personName: string | undefined;
    readonly assignedAt: Date;
    readonly releasedAt: Date | undefined;
    readonly releaseReason: string | undefined;
    readonly considered: readonly {
      readonly sipUri: string;
      readonly reason: string;
      readonly activeCount: number;
      readonly capacity: number;
    }[];
  }[];
  readonly now: number;
}

/** Each decision about who gets the session, with everybody who was looked at. */
export function AssignmentList({ assignments, now }: AssignmentListProps) {
  if (assignments.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nobody has been assigned yet.
      </Text>
    );
  }
  return (
    <Stack gap="md">
      {assignments.map(({ id, personName, personUri, assignedAt, releasedAt, releaseReason, considered }) => (
        <div key={id}>
          <Group gap="xs" mb={4}>
            <Text size="sm" fw={600}>
              {personName ?? personUri ?? 'Nobody'}
            </Text>
            <Text size="xs" c="dimmed">
              {timeOf(assignedAt.getTime(), now)}
              {releasedAt !== undefined && releaseReason !== undefined && ` · released: ${reasonText(releaseReason)}`}
            </Text>
          </Group>
          <Stack gap={2}>
            {considered.map(({ sipUri, reason, activeCount, capacity }) => (
              <Group key={sipUri} justify="space-between" wrap="nowrap">
                <Text size="xs" ff="monospace" truncate>
                  {sipUri}
                </Text>
                <Group gap={6} wrap="nowrap">
                  <Text size="xs" c="dimmed">
                    {activeCount}/{capacity}
                  </Text>
                  <Badge size="xs" variant="light" tt="none" color={reason === 'eligible' ? 'teal' : 'gray'}>
                    {reasonText(reason)}
                  </Badge>
                </Group>
              </Group>
            ))}
          </Stack>
        </div>
      ))}
    </Stack>
  );
}
