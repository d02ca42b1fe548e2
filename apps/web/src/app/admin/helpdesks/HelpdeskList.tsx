'use client';
import { Badge, Button, Code, CopyButton, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../../../trpc/TrpcProvider.tsx';
import { AdminPage } from '../AdminPage.tsx';

/** Every helpdesk with its tag, to be copied. */
export function HelpdeskList() {
  const trpc = useTRPC();
  const { data = [], isPending, isError } = useQuery(trpc.helpdesks.list.queryOptions());
  return (
    <AdminPage
      title="Helpdesks"
      text="Put the tag on a page, and its visitors can ask for help there."
      isLoading={isPending && !isError}
      isStale={isError}
    >
      {data.map(({ id, displayName, uri, allowedOrigins, scriptTag }) => (
        <Paper key={id} withBorder radius="lg" p="md" component="section" aria-label={displayName}>
          <Stack gap="sm">
            <Group gap="sm">
              <Title order={2} size="h4">
                {displayName}
              </Title>
              <Text size="xs" ff="monospace" c="dimmed">
                {uri}
              </Text>
            </Group>
            <Group gap="xs" align="stretch" wrap="nowrap">
              <Code block fz={12} style={{ flex: 1 }}>
                {scriptTag}
              </Code>
              <CopyButton value={scriptTag}>
                {({ copied, copy }) => (
                  <Button variant="default" size="xs" h="auto" onClick={copy}>
                    {copied ? 'Copied' : 'Copy'}
                  </Button>
                )}
              </CopyButton>
            </Group>
            <Group gap={6}>
              <Text size="xs" c="dimmed">
                Works on pages of
              </Text>
              {allowedOrigins.length === 0 && (
                <Text size="xs" c="dimmed">
                  no origin yet
                </Text>
              )}
              {allowedOrigins.map((origin) => (
                <Badge key={origin} variant="default" tt="none">
                  {origin}
                </Badge>
              ))}
            </Group>
          </Stack>
        </Paper>
      ))}
    </AdminPage>
  );
}
