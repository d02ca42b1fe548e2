'use client';
import { Badge, Paper, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../../../trpc/TrpcProvider.tsx';
import { AdminPage } from '../AdminPage.tsx';

/** Everybody who may sign in. */
export function PeopleList() {
  const trpc = useTRPC();
  const { data = [], isPending, isError } = useQuery(trpc.people.list.queryOptions());
  return (
    <AdminPage
      title="People"
      text="Who signs in here, and what for."
      isLoading={isPending && !isError}
      isStale={isError}
    >
      <Paper withBorder radius="lg" style={{ overflow: 'hidden' }}>
        <Table.ScrollContainer minWidth={620}>
          <Table verticalSpacing="sm" horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Role</Table.Th>
                <Table.Th>E-mail</Table.Th>
                <Table.Th>Address</Table.Th>
                <Table.Th>Chats at once</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.map(({ id, name, email, sipUri, role, capacity }) => (
                <Table.Tr key={id}>
                  <Table.Td fw={500}>{name}</Table.Td>
                  <Table.Td>
                    <Badge variant="light" tt="none" color={role === 'agent' ? 'indigo' : 'grape'}>
                      {role}
                    </Badge>
                  </Table.Td>
                  <Table.Td>{email}</Table.Td>
                  <Table.Td>
                    <Text size="xs" ff="monospace">
                      {sipUri}
                    </Text>
                  </Table.Td>
                  <Table.Td>{role === 'agent' ? capacity : '–'}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Paper>
    </AdminPage>
  );
}
