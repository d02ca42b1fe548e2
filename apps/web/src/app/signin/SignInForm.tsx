'use client';
import { Alert, Button, Paper, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { signIn } from 'next-auth/react';
import { type FormEvent, useState } from 'react';
import { delayMinutesOf, delayText } from '../../auth/signInDelay.ts';
import { Brand } from '../Brand.tsx';

const failures = {
  wrong: 'This e-mail and password do not belong together.',
  unreachable: 'The server cannot be reached. Nothing is lost; please try again.',
} as const;

/** Signs in and goes `to`, a page of this app; says why when it does not work. */
export function SignInForm({ to }: { to: string }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();

  async function submit(form: FormData): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    try {
      const answer = await signIn('credentials', {
        email: String(form.get('email') ?? ''),
        password: String(form.get('password') ?? ''),
        redirect: false,
      });
      if (answer?.ok && !answer.error) {
        window.location.assign(to);
        return;
      }
      const minutes = delayMinutesOf(answer?.error);
      if (minutes !== undefined) setFailure(delayText(minutes));
      else setFailure(answer?.status === 401 ? failures.wrong : failures.unreachable);
    } catch {
      setFailure(failures.unreachable);
    }
    setBusy(false);
  }

  return (
    <Paper withBorder shadow="sm" radius="lg" p="xl" w="100%" maw={400}>
      <form
        onSubmit={(event: FormEvent<HTMLFormElement>) => {
          event.preventDefault();
          void submit(new FormData(event.currentTarget));
        }}
      >
        <Stack gap="md">
          <Stack gap={4}>
            <Brand />
            <Text c="dimmed" size="sm">
              Sign in to answer your visitors.
            </Text>
          </Stack>
          {failure !== undefined && (
            <Alert color="red" role="alert" variant="light">
              {failure}
            </Alert>
          )}
          <TextInput
            label="E-mail"
            name="email"
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            autoFocus
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
          />
          <Button type="submit" loading={busy} fullWidth mt="xs">
            Sign in
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}
