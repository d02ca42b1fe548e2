import { Alert, Stack, Text } from '@mantine/core';
import type { Outgoing } from '../../desk/deskState.ts';

interface UnsentNoticeProps {
  readonly unsent: readonly Outgoing[];
  readonly onDismiss: () => void;
}

/** What was typed and can no longer be sent, so that it can be copied. Nothing while there is none. */
export function UnsentNotice({ unsent, onDismiss }: UnsentNoticeProps) {
  if (unsent.length === 0) return null;
  return (
    <Alert
      color="orange"
      withCloseButton
      closeButtonLabel="Dismiss"
      onClose={onDismiss}
      role="alert"
      radius={0}
      py={8}
      title={unsent.length === 1 ? 'A message was not sent' : `${unsent.length} messages were not sent`}
    >
      <Stack gap={4}>
        <Text size="sm">
          The chat was over before it could be sent. Copy what you still need; it is kept nowhere else.
        </Text>
        {unsent.map(({ operationId, text }) => (
          <Text key={operationId} size="sm" className="said" mah={160} style={{ overflowY: 'auto' }}>
            {text}
          </Text>
        ))}
      </Stack>
    </Alert>
  );
}
