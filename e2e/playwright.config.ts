import { defineConfig } from '@playwright/test';

/** As root Chromium refuses its sandbox; the other flags keep it from calling out. */
const flags = [
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];
const executablePath = process.env.CHROMIUM_PATH;

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  globalSetup: './globalSetup.ts',
  // One stack for all specs, and some of them kill parts of it.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json']],
  use: {
    browserName: 'chromium',
    launchOptions: { args: flags, ...(executablePath ? { executablePath } : {}) },
    trace: 'retain-on-failure',
    viewport: { width: 1280, height: 800 },
  },
});
