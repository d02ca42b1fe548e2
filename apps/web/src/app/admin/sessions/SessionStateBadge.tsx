import { Badge } from '@mantine/core';

/** The machine's own word for where a session stands. */
export function SessionStateBadge({ state, isOver }: { state: string; isOver: boolean }) {
  const color = isOver ? 'gray' : state === 'serving' ? 'teal' : 'indigo';
  return (
    <Badge variant={isOver ? 'default' : 'light'} color={color} tt="none">
      {state}
    </Badge>
  );
}
