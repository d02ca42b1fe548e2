/** The only reader of process.env here. An empty string counts as unset. */
import { createEnv } from '@t3-oss/env-core';
import { z } from 'zod';

export const env = createEnv({
  server: {
    PLATFORM_PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
    HOST: z.string().default('127.0.0.1'),
    /** Where clients reach this server, when it is not http://localhost:PLATFORM_PORT. */
    PLATFORM_URL: z.url().optional(),
    DATA_DIR: z.string().default('.data/platform'),
    /** Opens /management; without it one is made and kept in DATA_DIR. */
    OPERATOR_TOKEN: z.string().min(16).optional(),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    /** How long an unanswered invitation rings, in milliseconds. */
    RING_TIMEOUT_MS: z.coerce.number().int().positive().optional(),
  },
  runtimeEnv: process.env,
  emptyStringAsUndefined: true,
});
