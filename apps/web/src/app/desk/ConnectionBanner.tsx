import { Alert, Anchor, Button, Group, Text } from '@mantine/core';
import type { Desk } from '../../desk/createDesk.ts';
import type { DeskState } from '../../desk/deskState.ts';

/** Says plainly what cannot be reached, what that means, and that it mends itself. Nothing while all is well. */
export function ConnectionBanner({ desk, state }: { desk: Desk; state: DeskState }) {
  const banner = bannerOf(state);
  if (!banner) return null;
  return (
    <Alert color={banner.color} radius={0} py={8} role="status" data-testid="connection-banner">
      <Group justify="space-between" gap="sm">
        <Text size="sm">{banner.text}</Text>
        {banner.action === 'signIn' ? (
          <Anchor href="/signin?to=/desk" size="sm">
            Sign in again
          </Anchor>
        ) : (
          <Button size="compact-xs" variant="default" onClick={desk.retryNow}>
            {banner.action === 'takeOver' ? 'Use the desk here' : 'Try now'}
          </Button>
        )}
      </Group>
    </Alert>
  );
}

interface Banner {
  readonly color: string;
  readonly text: string;
  readonly action: 'retry' | 'takeOver' | 'signIn';
}

function bannerOf({ platform, web }: DeskState): Banner | undefined {
  if (web === 'signedOut') return { color: 'red', text: 'You have been signed out.', action: 'signIn' };
  if (platform === 'elsewhere') {
    return { color: 'blue', text: 'The desk is open in another tab of this browser.', action: 'takeOver' };
  }
  if (platform === 'waiting') {
    return {
      color: 'orange',
      text: 'The chat server cannot be reached. What you write is kept and sent as soon as it is back.',
      action: 'retry',
    };
  }
  if (web === 'waiting') {
    return {
      color: 'orange',
      text: 'The web app cannot be reached. Your chats go on; new visitors reach you again when it is back.',
      action: 'retry',
    };
  }
  return undefined;
}
