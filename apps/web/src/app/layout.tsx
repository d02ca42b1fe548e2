import '@mantine/core/styles.css';
import './globals.css';
import { ColorSchemeScript, mantineHtmlProps } from '@mantine/core';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { Providers } from './Providers.tsx';

export const metadata: Metadata = { title: { default: 'Bridgedesk', template: '%s · Bridgedesk' } };
export const viewport: Viewport = { width: 'device-width', initialScale: 1 };
/** Every page depends on who is signed in; none may be made at build time. */
export const dynamic = 'force-dynamic';

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" />
      </head>
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
