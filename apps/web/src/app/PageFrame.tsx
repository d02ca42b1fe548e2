'use client';
import { AppShell, Badge, Burger, Button, Group, NavLink, Stack, Text, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { signOut } from 'next-auth/react';
import type { ReactNode } from 'react';
import { pagesOf } from '../auth/roles.ts';
import type { SignedInPerson } from '../auth/verifySignIn.ts';
import { Brand } from './Brand.tsx';

interface PageFrameProps {
  readonly person: SignedInPerson;
  readonly children: ReactNode;
  /** Shown in the header, before the person's name. */
  readonly tools?: ReactNode;
  /** Done before signing out, for instance telling that the desk is empty. */
  readonly onLeave?: () => Promise<void>;
}

/** Header and navigation of every page for signed-in people. */
export function PageFrame({ person, children, tools, onLeave }: PageFrameProps) {
  const [open, { toggle, close }] = useDisclosure(false);
  const path = usePathname();
  const pages = pagesOf(person.role);
  const hasNavigation = pages.length > 1;

  return (
    <AppShell
      header={{ height: 60 }}
      {...(hasNavigation ? { navbar: { width: 200, breakpoint: 'sm', collapsed: { mobile: !open } } } : {})}
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            {hasNavigation && (
              <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
            )}
            <Brand isNarrow />
          </Group>
          <Group gap="sm" wrap="nowrap">
            {tools}
            <Group gap={6} wrap="nowrap" visibleFrom="sm">
              <Text size="sm" fw={500}>
                {person.name}
              </Text>
              <Badge variant="light" size="sm" tt="none">
                {person.role}
              </Badge>
            </Group>
            <ColorSchemeButton />
            <Button
              variant="default"
              size="xs"
              onClick={() => {
                void (async () => {
                  await onLeave?.();
                  await signOut({ callbackUrl: '/signin' });
                })();
              }}
            >
              Sign out
            </Button>
          </Group>
        </Group>
      </AppShell.Header>
      {hasNavigation && (
        <AppShell.Navbar p="xs">
          <Stack gap={2} component="nav" aria-label="Pages">
            {pages.map(({ href, label }) => (
              <NavLink
                key={href}
                component={Link}
                href={href}
                label={label}
                active={path === href || path.startsWith(`${href}/`)}
                onClick={close}
              />
            ))}
          </Stack>
        </AppShell.Navbar>
      )}
      <AppShell.Main>{children}</AppShell.Main>
    </AppShell>
  );
}

function ColorSchemeButton() {
  const { toggleColorScheme } = useMantineColorScheme();
  return (
    <Button variant="default" size="xs" px={8} onClick={toggleColorScheme} aria-label="Switch between light and dark">
      <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M8 1.5a6.5 6.5 0 0 1 0 13z" fill="currentColor" />
      </svg>
    </Button>
  );
}
