import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** Ready-made values name one endpoint with one callback address, so its files take turns. */
const oneEndpoint = Boolean(process.env.CONFORMANCE_BASE_URL) && !process.env.CONFORMANCE_OPERATOR_TOKEN;

const project = (name: string, include: string[], env: Record<string, string>): TestProjectInlineConfiguration => ({
  test: {
    name,
    root: import.meta.dirname,
    include,
    env,
    globalSetup: ['src/globalSetup.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});

// Played a second time by an application that wants the other prefix; a ready-made one has only its own.
const otherPrefix = process.env.CONFORMANCE_REL_PREFIX === 'service:' ? 'ms:rtc:saas:' : 'service:';
const speaksOfTheService = ['[0-2][0-9]', 'clientExpectations.service', 'failureBranches'];
const again = project(
  'otherPrefix',
  speaksOfTheService.map((begin) => `src/${begin}*.test.ts`),
  { CONFORMANCE_REL_PREFIX: otherPrefix },
);

export default defineConfig({
  test: {
    projects: [project('conformance', ['src/**/*.test.ts'], {}), ...(oneEndpoint ? [] : [again])],
    fileParallelism: !oneEndpoint,
    maxWorkers: 2,
    reporters: ['default'],
  },
});
