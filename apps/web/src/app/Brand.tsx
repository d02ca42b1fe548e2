import { Group, Text } from '@mantine/core';

/** The mark: two shores and what joins them. `isNarrow` leaves the name out on small screens. */
export function Brand({ isNarrow = false }: { isNarrow?: boolean }) {
  return (
    <Group gap={10} wrap="nowrap">
      <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="9" fill="var(--mantine-color-indigo-6)" />
        <path d="M6 21c4-9 16-9 20 0" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
        <path d="M5 21h22M11 16.5V21M16 14.5V21M21 16.5V21" stroke="#fff" strokeWidth="2" strokeLinecap="round" />
      </svg>
      <Text fw={700} size="lg" lh={1} {...(isNarrow ? { visibleFrom: 'sm' } : {})}>
        Bridgedesk
      </Text>
    </Group>
  );
}
