import { Center, Loader, Stack, Text, Title } from '@mantine/core';
import type { DeskState } from '../../desk/deskState.ts';
import classes from './desk.module.css';

/** The desk without a chat: says whether visitors can come, and what happens then. */
export function EmptyDesk({ state }: { state: DeskState }) {
  const { title, text, isBusy } = contentOf(state);
  return (
    <main className={classes.empty}>
      <Center h="100%" p="xl">
        <Stack align="center" gap="sm" maw={420}>
          {isBusy ? <Loader size="sm" /> : <Shores />}
          <Title order={1} size="h3" ta="center">
            {title}
          </Title>
          <Text c="dimmed" ta="center" size="sm">
            {text}
          </Text>
        </Stack>
      </Center>
    </main>
  );
}

function contentOf({ platform, availability }: DeskState) {
  if (platform === 'connecting') {
    return { title: 'Opening your desk…', text: 'Signing in to the chat server.', isBusy: true };
  }
  if (platform !== 'online') {
    return { title: 'The desk is not connected', text: 'No visitor can reach you until it is.', isBusy: false };
  }
  if (availability === 'away') {
    return {
      title: 'You are away',
      text: 'Visitors go to your colleagues. Choose Available when you are back.',
      isBusy: false,
    };
  }
  return {
    title: 'Ready for visitors',
    text: 'When somebody asks for help, it rings here with the name and the first words. Accept before it stops ringing: then it goes to a colleague.',
    isBusy: false,
  };
}

function Shores() {
  return (
    <svg width="96" height="56" viewBox="0 0 96 56" aria-hidden="true" fill="none" strokeLinecap="round">
      <path d="M8 40c16-32 64-32 80 0" stroke="var(--mantine-color-indigo-4)" strokeWidth="4" />
      <path
        d="M4 40h88M26 25v15M40 18.5V40M56 18.5V40M70 25v15"
        stroke="var(--mantine-color-dimmed)"
        strokeWidth="2.5"
        opacity="0.6"
      />
    </svg>
  );
}
