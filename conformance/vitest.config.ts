import { defineConfig } from 'vitest/config';

/** Ready-made values name one endpoint with one callback address, so its files take turns. */
const oneEndpoint = Boolean(process.env.CONFORMANCE_BASE_URL) && !process.env.CONFORMANCE_OPERATOR_TOKEN;

export default defineConfig({
  test: {
    name: 'conformance',
    root: import.meta.dirname,
    include: ['src/**/*.test.ts'],
    globalSetup: ['src/globalSetup.ts'],
    fileParallelism: !oneEndpoint,
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    reporters: ['default'],
  },
});
