import { Badge, Code, Group, Stack, Table, Text } from '@mantine/core';
import { exactTimeOf } from '../../../timeText.ts';

interface TimelineProps {
  readonly entries: readonly {
    readonly seq: number;
    readonly at: Date;
    readonly kind: string;
    readonly name: string;
    readonly data: Readonly<Record<string, unknown>>;
  }[];
}

const colors: Readonly<Record<string, string>> = {
  callback: 'blue',
  decision: 'grape',
  command: 'teal',
  outcome: 'gray',
  timer: 'orange',
};

/** Callbacks, decisions, commands with their outcomes, and timers, each with its time. */
export function Timeline({ entries }: TimelineProps) {
  if (entries.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing has happened yet.
      </Text>
    );
  }
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table verticalSpacing={6} horizontalSpacing="xs">
        <Table.Tbody>
          {entries.map(({ seq, at, kind, name, data }) => (
            <Table.Tr key={seq} data-kind={kind} data-name={name} style={{ verticalAlign: 'top' }}>
              <Table.Td w={104}>
                <Text size="xs" c="dimmed" ff="monospace">
                  {exactTimeOf(at.getTime())}
                </Text>
              </Table.Td>
              <Table.Td w={108} miw={108}>
                <Badge size="sm" variant="light" tt="none" color={isFailure(data) ? 'red' : (colors[kind] ?? 'gray')}>
                  {kind}
                </Badge>
              </Table.Td>
              <Table.Td>
                <Stack gap={2}>
                  <Text size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
                    {name}
                  </Text>
                  <Details data={data} />
                </Stack>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Short values side by side; anything longer can be opened. */
function Details({ data }: { data: Readonly<Record<string, unknown>> }) {
  const members = Object.entries(data);
  const short = members.filter(([, value]) => isShort(value));
  const long = members.filter(([, value]) => !isShort(value));
  if (members.length === 0) return null;
  return (
    <>
      {short.length > 0 && (
        <Group gap={8}>
          {short.map(([name, value]) => (
            <Text key={name} size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {name} <b>{name === 'dueAt' ? exactTimeOf(Number(value)) : String(value)}</b>
            </Text>
          ))}
        </Group>
      )}
      {long.length > 0 && (
        <details>
          <summary>
            <Text span size="xs" c="dimmed">
              {long.map(([name]) => name).join(', ')}
            </Text>
          </summary>
          <Code block fz={11}>
            {JSON.stringify(Object.fromEntries(long), null, 2)}
          </Code>
        </details>
      )}
    </>
  );
}

function isShort(value: unknown): boolean {
  return value === null || typeof value !== 'object' ? String(value).length <= 160 : false;
}

function isFailure(data: Readonly<Record<string, unknown>>): boolean {
  return data.status === 'Failure' || data.result === 'failed';
}
