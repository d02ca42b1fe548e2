import { createEnv } from '@t3-oss/env-core';
import { z } from 'zod';

/**
 * Reads the environment of the server process. Called when the process starts, not when this file is loaded, so that
 * building the pages needs no settings. An empty text counts as not set.
 * @throws TypeError that names each wrong or missing variable
 */
export function readEnv() {
  return createEnv({
    server: {
      /** Folder of the embedded database; not used when DATABASE_URL is set. */
      DATA_DIR: z.string(),
      DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
      NEXTAUTH_SECRET: z.string().min(32),
      /** Where browsers and the platform reach this app. */
      NEXTAUTH_URL: httpUrl,
      PLATFORM_URL: httpUrl,
      TENANT_DOMAIN: z.string().min(1),
      /** The endpoint to look at when the app starts; helpdesks themselves are rows of the database. */
      HELPDESK_URI: z.string().startsWith('sip:').optional(),
      SERVICE_CLIENT_ID: z.string().min(1),
      SERVICE_CLIENT_SECRET: z.string().min(1),
      /** What the platform's tokens on callbacks must name as audience. */
      CALLBACK_AUDIENCE: z.string().min(1),
      /** JSON file with a helpdesk and people to set up at start; see serviceApp/seedDemo.ts. */
      DEMO_FILE: z.string().optional(),
      LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    },
    runtimeEnv: process.env,
    emptyStringAsUndefined: true,
    onValidationError: (issues) => {
      // The names only: a wrong value may be a secret.
      const names = issues.map((issue) => (issue.path ?? []).join('.')).join(', ');
      throw new TypeError(`environment variables are missing or wrong: ${names}`);
    },
  });
}

export type Env = ReturnType<typeof readEnv>;

const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
