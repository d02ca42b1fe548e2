'use client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpLink } from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { type ReactNode, useState } from 'react';
import superjson from 'superjson';
import type { AppRouter } from './root.ts';

const context = createTRPCContext<AppRouter>();
export const { useTRPC, useTRPCClient } = context;

/** Kept alive, and not batched: the last word of a page that is closed must leave at once and arrive. */
function createClient() {
  return createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: '/api/trpc',
        transformer: superjson,
        fetch: (address, options) => fetch(address, { ...options, keepalive: true } as RequestInit),
      }),
    ],
  });
}

/** Gives components `useTRPC` and `useTRPCClient`. */
export function TrpcProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(
    () => new QueryClient({ defaultOptions: { queries: { staleTime: 2000, refetchOnWindowFocus: true } } }),
  );
  const [client] = useState(createClient);
  return (
    <QueryClientProvider client={queryClient}>
      <context.TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </context.TRPCProvider>
    </QueryClientProvider>
  );
}
