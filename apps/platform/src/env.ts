/** The only reader of process.env here. An empty string counts as unset. docs/operations.md explains each of them. */
import { createEnv } from '@t3-oss/env-core';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { defaultLimits, type Limits } from './limits.ts';
import { defaultSettings, type ModelSettings } from './model/world.ts';

const milliseconds = (preset: number) => z.coerce.number().int().positive().default(preset);
/** At least one. */
const count = (preset: number) => z.coerce.number().int().positive().default(preset);
/** 0 = no limit. */
const perMinute = (preset: number) => z.coerce.number().int().min(0).default(preset);
const list = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter((entry) => entry !== ''));

/** By name; what has no default may be missing. */
export const settings = {
  PLATFORM_PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  HOST: z.string().default('127.0.0.1'),
  /** Where clients reach this server, when it is not http://localhost:PLATFORM_PORT. */
  PLATFORM_URL: z.url().optional(),
  DATA_DIR: z.string().default('.data/platform'),
  /** Redis or Valkey 7 or newer, for several processes that are one platform; without it everything is in DATA_DIR. */
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** Name of the platform in Redis: several may share one. */
  REDIS_NAME: z
    .string()
    .regex(/^[a-zA-Z0-9-]+$/)
    .default('bridgedesk'),
  /** After how long without a sign of life the callbacks of a process go to another one. */
  NODE_LEASE_MS: milliseconds(12_000),
  /** Where POST /management/backup may write; without it `backups` in DATA_DIR. */
  BACKUP_DIR: z.string().optional(),
  /** Opens /management; without it one is made and kept in DATA_DIR. */
  OPERATOR_TOKEN: z.string().min(16).optional(),
  /** Opens /metrics to callers from other machines. */
  METRICS_TOKEN: z.string().min(16).optional(),
  /** Blocks of addresses (`10.0.0.0/8, ::1/128`) whose X-Forwarded-For is believed. */
  TRUSTED_PROXIES: list.refine((blocks) => blocks.every((block) => ipaddr.isValidCIDR(block)), {
    error: 'Invalid input: expected blocks of addresses, like 10.0.0.0/8',
  }),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** An OTLP collector over HTTP; without it there are no traces. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_SERVICE_NAME: z.string().default('bridgedesk-platform'),
  /** How long new requests are still answered (with 503) after a signal to stop, for a load balancer to notice. */
  DRAIN_GRACE_MS: z.coerce.number().int().min(0).default(0),
  /** What is not finished then is left to the next start. */
  STOP_TIMEOUT_MS: milliseconds(20_000),
  /** How long an unanswered invitation rings. */
  RING_TIMEOUT_MS: milliseconds(defaultSettings.ringTimeoutMs),
  TYPING_MS: milliseconds(defaultSettings.typingMs),
  /** When a message that its recipient has not fetched is reported as not delivered. */
  UNDELIVERED_MS: milliseconds(defaultSettings.undeliveredMs),
  MAX_BODY_BYTES: count(defaultLimits.bodyBytes),
  MAX_QUEUED_EVENTS: count(defaultLimits.queuedEvents),
  MAX_QUEUED_CALLBACK_EVENTS: count(defaultLimits.queuedCallbackEvents),
  MAX_CONVERSATIONS_PER_VISITOR: count(defaultSettings.maxVisitorConversations),
  MAX_CONVERSATIONS_PER_AGENT: count(defaultSettings.maxAgentConversations),
  MAX_ONLINE_MEETINGS: count(defaultSettings.maxOnlineMeetings),
  MAX_MEETING_PARTICIPANTS: count(defaultSettings.maxMeetingParticipants),
  MAX_APPLICATIONS_PER_PERSON: count(defaultSettings.maxApplicationsPerPerson),
  MAX_INVITATIONS_PER_TOKEN: perMinute(defaultLimits.invitationsPerToken),
  MAX_INVITATIONS_PER_ADDRESS: perMinute(defaultLimits.invitationsPerAddress),
  MAX_SERVICE_INVITATIONS: perMinute(defaultLimits.serviceInvitations),
  MAX_WRITES_PER_TOKEN: perMinute(defaultLimits.writesPerToken),
  MAX_PARKED_REQUESTS: count(defaultLimits.parkedRequests),
  MAX_TOKEN_FAILURES_PER_ADDRESS: perMinute(defaultLimits.tokenFailuresPerAddress),
  MAX_TOKEN_FAILURES_PER_CLIENT: perMinute(defaultLimits.tokenFailuresPerClient),
  MAX_BATCH_REQUESTS: count(defaultLimits.batchRequests),
};

export const env = createEnv({
  server: settings,
  runtimeEnv: process.env,
  emptyStringAsUndefined: true,
  // Nothing runs yet, and where in this program it was noticed helps nobody.
  onValidationError: (issues) => {
    const problems = issues.map(({ path = [], message }) => `${path.map(String).join('.')}: ${message}`);
    process.stderr.write(`${problems.join('\n')}\n`);
    process.exit(1);
  },
});

type Env = typeof env;

/** The settings of limits by the names that the code uses. */
export function limitsFrom(given: Env) {
  return {
    limits: {
      bodyBytes: given.MAX_BODY_BYTES,
      queuedEvents: given.MAX_QUEUED_EVENTS,
      queuedCallbackEvents: given.MAX_QUEUED_CALLBACK_EVENTS,
      invitationsPerToken: given.MAX_INVITATIONS_PER_TOKEN,
      invitationsPerAddress: given.MAX_INVITATIONS_PER_ADDRESS,
      serviceInvitations: given.MAX_SERVICE_INVITATIONS,
      writesPerToken: given.MAX_WRITES_PER_TOKEN,
      parkedRequests: given.MAX_PARKED_REQUESTS,
      tokenFailuresPerAddress: given.MAX_TOKEN_FAILURES_PER_ADDRESS,
      tokenFailuresPerClient: given.MAX_TOKEN_FAILURES_PER_CLIENT,
      batchRequests: given.MAX_BATCH_REQUESTS,
    } satisfies Limits,
    settings: {
      ringTimeoutMs: given.RING_TIMEOUT_MS,
      typingMs: given.TYPING_MS,
      undeliveredMs: given.UNDELIVERED_MS,
      maxVisitorConversations: given.MAX_CONVERSATIONS_PER_VISITOR,
      maxAgentConversations: given.MAX_CONVERSATIONS_PER_AGENT,
      maxOnlineMeetings: given.MAX_ONLINE_MEETINGS,
      maxMeetingParticipants: given.MAX_MEETING_PARTICIPANTS,
      maxApplicationsPerPerson: given.MAX_APPLICATIONS_PER_PERSON,
    } satisfies Partial<ModelSettings>,
  };
}
