import type { NextConfig } from 'next';

/** Pages hold people's conversations: nobody may frame them, guess their types or learn their addresses. */
const pageHeaders = [
  {
    key: 'Content-Security-Policy',
    value: "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'",
  },
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=()' },
];

/** The widget is meant for pages of other origins; its chunks carry a hash in their names, so they never change. */
const widgetHeaders = [
  { key: 'Access-Control-Allow-Origin', value: '*' },
  { key: 'Cross-Origin-Resource-Policy', value: 'cross-origin' },
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'Cache-Control', value: 'public, max-age=31536000, immutable' },
];

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  transpilePackages: ['@repo/db', '@repo/flows', '@repo/ucwa-client', '@repo/ucwa-protocol'],
  // Native binaries, WebAssembly beside its loader, and worker threads: they must stay files on disk.
  serverExternalPackages: [
    '@electric-sql/pglite',
    '@node-rs/argon2',
    '@prisma/adapter-pg',
    '@prisma/client',
    'pg',
    'pglite-prisma-adapter',
    'pino',
  ],
  headers: async () => [
    { source: '/((?!widget/).*)', headers: pageHeaders },
    { source: '/widget/:path*', headers: widgetHeaders },
    // The one address that customers write into their pages: a new release must reach them soon.
    {
      source: '/widget/v1.js',
      headers: [{ key: 'Cache-Control', value: 'public, max-age=300, stale-while-revalidate=86400' }],
    },
  ],
};

export default config;
