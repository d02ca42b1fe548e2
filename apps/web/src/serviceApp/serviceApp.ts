/**
 * The service application as one object. Everything it is made of comes in as options, so that tests start it with a
 * database in memory, a clock moved by hand and a platform made of a function.
 */
import type { Database } from '@repo/db/client';
import type { Clock } from '@repo/ucwa-client/clock';
import { createSend } from '@repo/ucwa-client/request';
import { createServiceClient } from '@repo/ucwa-client/serviceClient';
import type { Deps, Log, PlatformSettings } from './deps.ts';
import { createDiscovery } from './discoverPlatform.ts';
import { endSession } from './endSession.ts';
import {
  createHelpdeskToken,
  type HelpdeskToken,
  type HelpdeskTokenRequest,
  isAllowedOrigin,
} from './helpdeskToken.ts';
import { type AgentToken, issueAgentToken } from './issueAgentToken.ts';
import { createPlatformToken } from './platformToken.ts';
import { type CallbackAnswer, type CallbackRequest, receiveCallback } from './receiveCallback.ts';
import { createVerifyCallback } from './verifyCallback.ts';
import { createWorker } from './worker.ts';

export interface ServiceAppOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: typeof globalThis.fetch;
  readonly platform: PlatformSettings;
  readonly callbackAudience: string;
  readonly webUrl: string;
  readonly authSecret: string;
}

export interface ServiceApp {
  readonly db: Database;
  readonly log: Log;
  readonly platformUrl: string;
  /** Where browsers reach this app. */
  readonly webUrl: string;
  /** Signs the cookies of people who signed in. */
  readonly authSecret: string;
  /** A token with which one agent speaks to the platform. @throws PlatformTokenError */
  issueAgentToken(sipUri: string): Promise<AgentToken>;
  /** Ends a chat on behalf of the person at the desk. @throws SessionNotFoundError */
  endSession(request: { readonly sessionId: string; readonly byUri: string }): Promise<void>;
  /** @throws RefusalError */
  issueHelpdeskToken(request: HelpdeskTokenRequest): Promise<HelpdeskToken>;
  /** Whether a page of this origin may read answers of the token route. */
  isAllowedOrigin(origin: string): Promise<boolean>;
  /** @throws RefusalError */
  receiveCallback(request: CallbackRequest): Promise<CallbackAnswer>;
  /** Steps 1 and 2: what the platform offers an endpoint. @throws ConnectionError, UcwaError, LinkNotAvailableError */
  discoverPlatform: ReturnType<typeof createDiscovery>;
  /** Starts working on callbacks, commands and timers. */
  start(): void;
  /** Works until nothing is due any more; for tests. */
  runUntilIdle(): Promise<void>;
  /** Stops working and closes the database. */
  stop(): Promise<void>;
}

/** Puts the parts together; nothing runs before `start`. */
export function createServiceApp(options: ServiceAppOptions): ServiceApp {
  const { db, clock, log, fetch, platform, webUrl, authSecret } = options;
  const { platformUrl } = platform;
  const sendAnonymous = createSend({ fetch, clock, baseUrl: platformUrl, timeoutMs: 5_000 });
  const platformToken = createPlatformToken({ platform, sendAnonymous, clock });
  const service = createServiceClient({
    fetch,
    clock,
    // The only address of the API that is built here: all others are links.
    discoverHref: `${platformUrl}/platformservice/discover`,
    token: platformToken.source,
    timeoutMs: 10_000,
  });
  const send = createSend({ fetch, clock, baseUrl: platformUrl, token: platformToken.source, timeoutMs: 10_000 });
  const readResource = (href: string) => send({ method: 'GET', href });
  const deps: Deps = { db, clock, log, service, platformToken, readResource, wake: () => worker.wake() };
  const worker = createWorker(deps);
  const verifyCallback = createVerifyCallback({
    platformUrl,
    audience: options.callbackAudience,
    fetch,
    clock,
    tenantId: platformToken.tenantId,
  });
  const discoverPlatform = createDiscovery(deps);
  const issueHelpdeskToken = createHelpdeskToken(deps, discoverPlatform);
  return {
    db,
    log,
    platformUrl,
    webUrl,
    authSecret,
    discoverPlatform,
    issueAgentToken: (sipUri) => issueAgentToken(deps, sipUri),
    endSession: (request) => endSession(deps, request),
    issueHelpdeskToken,
    isAllowedOrigin: (origin) => isAllowedOrigin(db, origin),
    receiveCallback: (request) => receiveCallback({ ...deps, verifyCallback }, request),
    start: worker.start,
    runUntilIdle: worker.runUntilIdle,
    stop: async () => {
      await worker.stop();
      await db.close();
    },
  };
}
