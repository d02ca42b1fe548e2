import { Alert, Center, Container, Group, Loader, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface AdminPageProps {
  readonly title: string;
  readonly text?: string;
  readonly tools?: ReactNode;
  /** Nothing has been read yet: `children` are not shown. */
  readonly isLoading?: boolean;
  /** The last try to read failed; what is shown is from before. */
  readonly isStale?: boolean;
  readonly children: ReactNode;
}

/** Title, tools and the state of the reading of every admin page. */
export function AdminPage({ title, text, tools, isLoading, isStale, children }: AdminPageProps) {
  return (
    <Container size="xl" py="lg">
      <Stack gap="md">
        <Group justify="space-between" align="flex-end">
          <Stack gap={2}>
            <Title order={1} size="h2">
              {title}
            </Title>
            {text !== undefined && (
              <Text c="dimmed" size="sm">
                {text}
              </Text>
            )}
          </Stack>
          {tools}
        </Group>
        {isStale && (
          <Alert color="orange" variant="light" role="status" py={8}>
            The server cannot be reached. What you see is from before; it is tried again by itself.
          </Alert>
        )}
        {isLoading ? (
          <Center py="xl">
            <Loader size="sm" />
          </Center>
        ) : (
          children
        )}
      </Stack>
    </Container>
  );
}
