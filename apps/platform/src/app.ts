/** Puts the server together: registers every plugin by name, never listens. */
import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { type ActDeps, createAct } from './act.ts';
import { registerAnswers } from './answers.ts';
import { createAgentTokens } from './auth/agentToken.ts';
import { createAnonymousTokens } from './auth/anonToken.ts';
import { createCallbackTokens } from './auth/callbackToken.ts';
import { registerCors } from './auth/cors.ts';
import { type Keys, loadKeys } from './auth/keys.ts';
import { fileSecrets, type SecretStore } from './auth/secretStore.ts';
import { createServiceTokens } from './auth/serviceToken.ts';
import { registerBodies } from './bodies.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Cluster } from './cluster/cluster.ts';
import { watchConnections } from './connections.ts';
import type { Deps } from './deps.ts';
import { registerDraining } from './draining.ts';
import { createCallbackDelivery } from './events/callbackDelivery.ts';
import { createCallbackProbe } from './events/callbackProbe.ts';
import { createCallbackReplay } from './events/callbackReplay.ts';
import { createDeliveryLog } from './events/deliveryLog.ts';
import { createKeepAlivePost, type Post } from './events/keepAlivePost.ts';
import { PendingGets } from './events/pendingGet.ts';
import { Wakes } from './events/wakes.ts';
import { casedResponse } from './headerCase.ts';
import { registerRequestLog, requestLogOptions } from './log.ts';
import type { ModelSettings } from './model/world.ts';
import { registerOpenApi } from './openapi/registerOpenApi.ts';
import {
  createOperations,
  type OperationsOptions,
  registerOperations,
  watchedPost,
  watchedStore,
} from './operations.ts';
import { noteRoutes } from './registeredRoutes.ts';
import { registerAdhocMeetings } from './resources/adhocMeetings.ts';
import { registerAnonApplicationTokens } from './resources/anonApplicationTokens.ts';
import { registerApplications } from './resources/applications.ts';
import { type BackupOptions, registerBackup } from './resources/backup.ts';
import { registerBatch } from './resources/batch.ts';
import { registerBridgedParticipants } from './resources/bridgedParticipants.ts';
import { registerCommunication } from './resources/communication.ts';
import { registerConversationBridge } from './resources/conversationBridge.ts';
import { registerConversations } from './resources/conversations.ts';
import { registerDiscover } from './resources/discover.ts';
import { registerEvents } from './resources/events.ts';
import { registerHealth } from './resources/health.ts';
import { registerManagement } from './resources/management.ts';
import { registerMe } from './resources/me.ts';
import { registerMessages } from './resources/messages.ts';
import { registerMessaging } from './resources/messaging.ts';
import { registerMessagingInvitations } from './resources/messagingInvitations.ts';
import { registerOauth2 } from './resources/oauth2.ts';
import { registerOnlineMeeting } from './resources/onlineMeeting.ts';
import { registerOnlineMeetingInvitations } from './resources/onlineMeetingInvitations.ts';
import { registerParticipantInvitations } from './resources/participantInvitations.ts';
import { registerParticipants } from './resources/participants.ts';
import { registerPeople } from './resources/people.ts';
import { registerUcwaApplications } from './resources/ucwaApplications.ts';
import { registerUnknownUcwa } from './resources/unknownUcwa.ts';
import { registerUser } from './resources/user.ts';
import { registerUserMeetingInvitations } from './resources/userMeetingInvitations.ts';
import { registerXframe } from './resources/xframe.ts';
import type { Store } from './store/store.ts';
import { startTimers } from './timers.ts';

export interface AppOptions {
  readonly store: Store;
  /** Where clients reach this server; no trailing slash. */
  readonly publicUrl: string;
  /** Where the signing keys and the operator token are kept, unless `secrets` says otherwise. */
  readonly secretsFolder: string;
  readonly secrets?: SecretStore;
  readonly operatorToken?: string;
  readonly clock?: Clock;
  readonly newId?: () => string;
  /** Default: over HTTP. */
  readonly post?: Post;
  readonly keys?: Keys;
  readonly settings?: Partial<ModelSettings>;
  /** Default: no logs. */
  readonly logger?: FastifyServerOptions['logger'];
  readonly callbackConcurrency?: number;
  /** When several processes are one platform. */
  readonly cluster?: Cluster;
  readonly operations?: OperationsOptions;
  /** Of the embedded engine. */
  readonly backup?: BackupOptions;
  /** How long a request may take to arrive, in milliseconds; what waits for its answer is not meant. Default: half a minute. */
  readonly requestTimeoutMs?: number;
  /** What has not arrived when the server closes may go on for so long, in milliseconds. Default: two seconds. */
  readonly finishMs?: number;
  /** When timers and callbacks start. Default: with `ready()`, for callers that never listen. */
  readonly startsWhen?: 'ready' | 'listening';
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Who is waiting for events right now. */
    pendingGets: PendingGets;
    /** Ends parked requests at once and refuses new ones with 503; `close()` does it too. */
    drain(): void;
    /** Ends every connection, whatever is in flight on it. */
    cut(): void;
  }
}

/**
 * Timers and callbacks start with `ready()`, or when the port is bound; `close()` answers parked requests, waits for callbacks in flight and leaves the
 * store open.
 */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { publicUrl, clock = systemClock } = options;
  const operations = createOperations(options.operations ?? {});
  const { limits, metrics, draining } = operations;
  const store = watchedStore(options.store, operations);
  const { requestTimeoutMs = 30_000, finishMs = 2_000 } = options;
  const app = Fastify({
    ...requestLogOptions(options.logger ?? false),
    bodyLimit: limits.bodyBytes,
    exposeHeadRoutes: false,
    requestTimeout: requestTimeoutMs,
    http: {
      ServerResponse: casedResponse,
      // The greater of the two counts for the body, and this one's default is a minute.
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.ceil(requestTimeoutMs / 3),
    },
    forceCloseConnections: 'idle',
    // The answer of draining.ts is kinder.
    return503OnClosing: false,
    // The two roots of agents are one (reference/ucwa-api.md "Roots").
    rewriteUrl: ({ url = '/' }) => url.replace(/^\/ucwa\/v1(?=[/?]|$)/i, '/ucwa/oauth/v1'),
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 1000 },
  });
  noteRoutes(app);
  await registerOpenApi(app, publicUrl);
  const wakes = new Wakes(clock, options.cluster?.holds);
  const pendingGets = new PendingGets(clock, wakes, options.cluster?.claims);
  const secrets = options.secrets ?? fileSecrets(options.secretsFolder);
  const keys = options.keys ?? (await loadKeys(secrets, clock));
  const acting: ActDeps = {
    store,
    clock,
    newId: options.newId ?? randomUUID,
    wakes,
    settings: options.settings ?? {},
    limits,
    metrics,
  };
  const callbackTokens = createCallbackTokens(keys, clock, publicUrl);
  const http = createKeepAlivePost();
  const deliveryLog = createDeliveryLog({ store, clock, log: app.log });
  const posting = {
    ...acting,
    tokens: callbackTokens,
    publicUrl,
    post: watchedPost(options.post ?? http.post, operations),
    deliveryLog,
  };
  const deps: Deps = {
    ...acting,
    publicUrl,
    act: createAct(acting),
    keys,
    tokens: {
      service: createServiceTokens(keys, clock, publicUrl),
      anonymous: createAnonymousTokens(keys, clock, publicUrl),
      agent: createAgentTokens(keys, clock, publicUrl),
    },
    probeCallback: createCallbackProbe(posting),
    replayCallback: createCallbackReplay(posting),
    deliveryLog,
    pendingGets,
    operations,
    operatorToken: options.operatorToken ?? (await secrets.readOrCreate('operatorToken', makeOperatorToken)),
  };

  app.decorate('pendingGets', pendingGets);
  app.decorate('drain', () => {
    draining.begin();
    pendingGets.close();
  });
  metrics.gauge('platform_parked_requests', 'GETs that wait for events', () => pendingGets.parked);
  registerOperations(app, operations);
  registerAnswers(app, new URL(publicUrl).hostname, draining);
  registerDraining(app, draining);
  registerRequestLog(app);
  registerBodies(app);
  registerCors(app, deps);
  registerResources(app, deps);
  registerBackup(app, deps, options.backup);

  const callbacks = createCallbackDelivery({
    ...posting,
    log: app.log,
    concurrency: options.callbackConcurrency ?? 256,
    lines: options.cluster?.lines,
  });
  let stopTimers: () => Promise<void> = async () => undefined;
  const start = async (): Promise<void> => {
    callbacks.start();
    stopTimers = startTimers({ ...acting, pendingGets, log: app.log });
  };
  // A process that does not get its port must not ring anybody.
  if (options.startsWhen === 'listening') app.addHook('onListen', start);
  else app.addHook('onReady', start);
  const connections = watchConnections(app.server);
  app.decorate('cut', () => app.server.closeAllConnections());
  let finish: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    pendingGets.close();
    // Again and again: what began before the port was closed may still be on its way.
    finish = setInterval(() => connections.cutUnfinished(), finishMs);
  });
  app.addHook('onClose', async () => {
    clearInterval(finish);
    await stopTimers();
    await callbacks.stop();
    http.close();
  });
  return app;
}

function registerResources(app: FastifyInstance, deps: Deps): void {
  registerHealth(app, deps);
  registerManagement(app, deps);
  registerOauth2(app, deps);
  registerDiscover(app, deps);
  registerApplications(app, deps);
  registerAnonApplicationTokens(app, deps);
  registerAdhocMeetings(app, deps);
  registerUser(app, deps);
  registerEvents(app, deps);
  registerUcwaApplications(app, deps);
  registerBatch(app, deps);
  registerMe(app, deps);
  registerCommunication(app, deps);
  registerPeople(app, deps);
  registerConversations(app, deps);
  registerMessagingInvitations(app, deps);
  registerOnlineMeetingInvitations(app, deps);
  registerParticipantInvitations(app, deps);
  registerUserMeetingInvitations(app, deps);
  registerXframe(app, deps);
  registerUnknownUcwa(app, deps);
  registerConversationBridge(app, deps);
  registerBridgedParticipants(app, deps);
  registerMessaging(app, deps);
  registerMessages(app, deps);
  registerParticipants(app, deps);
  registerOnlineMeeting(app, deps);
}

async function makeOperatorToken(): Promise<string> {
  return `${randomUUID()}${randomUUID()}`.replaceAll('-', '');
}
