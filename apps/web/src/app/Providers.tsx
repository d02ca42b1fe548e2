'use client';
import { createTheme, MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { TrpcProvider } from '../trpc/TrpcProvider.tsx';

const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 6, dark: 5 },
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  cursorType: 'pointer',
});

/** What every page stands on: the look, and the way to the server. */
export function Providers({ children }: { children: ReactNode }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <TrpcProvider>{children}</TrpcProvider>
    </MantineProvider>
  );
}
