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
import { readOrCreateSecret } from './auth/secretFile.ts';
import { createServiceTokens } from './auth/serviceToken.ts';
import { registerBodies } from './bodies.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Deps } from './deps.ts';
import { createCallbackDelivery } from './events/callbackDelivery.ts';
import { createCallbackProbe } from './events/callbackProbe.ts';
import { createKeepAlivePost, type Post } from './events/keepAlivePost.ts';
import { PendingGets } from './events/pendingGet.ts';
import { Wakes } from './events/wakes.ts';
import { casedResponse } from './headerCase.ts';
import { maxBodyBytes } from './limits.ts';
import { registerRequestLog, requestLogOptions } from './log.ts';
import type { ModelSettings } from './model/world.ts';
import { registerAdhocMeetings } from './resources/adhocMeetings.ts';
import { registerAnonApplicationTokens } from './resources/anonApplicationTokens.ts';
import { registerApplications } from './resources/applications.ts';
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
import { registerUser } from './resources/user.ts';
import { registerUserMeetingInvitations } from './resources/userMeetingInvitations.ts';
import type { Store } from './store/store.ts';
import { startTimers } from './timers.ts';

export interface AppOptions {
  readonly store: Store;
  /** Where clients reach this server; no trailing slash. */
  readonly publicUrl: string;
  /** Where the signing key and the operator token are kept. */
  readonly secretsFolder: string;
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
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Who is waiting for events right now. */
    pendingGets: PendingGets;
  }
}

/**
 * Timers and callbacks start with `ready()`; `close()` answers parked requests, waits for callbacks in flight and leaves the
 * store open.
 */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { store, publicUrl, clock = systemClock } = options;
  const app = Fastify({
    ...requestLogOptions(options.logger ?? false),
    bodyLimit: maxBodyBytes,
    exposeHeadRoutes: false,
    http: { ServerResponse: casedResponse },
    forceCloseConnections: 'idle',
    // The two roots of agents are one (reference/ucwa-api.md "Roots").
    rewriteUrl: ({ url = '/' }) => url.replace(/^\/ucwa\/v1(?=[/?]|$)/i, '/ucwa/oauth/v1'),
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 1000 },
  });
  const wakes = new Wakes(clock);
  const pendingGets = new PendingGets(clock, wakes);
  const keys = options.keys ?? (await loadKeys(options.secretsFolder, clock));
  const acting: ActDeps = { store, clock, newId: options.newId ?? randomUUID, wakes, settings: options.settings ?? {} };
  const callbackTokens = createCallbackTokens(keys, clock, publicUrl);
  const http = createKeepAlivePost();
  const posting = { ...acting, tokens: callbackTokens, publicUrl, post: options.post ?? http.post };
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
    pendingGets,
    operatorToken:
      options.operatorToken ?? (await readOrCreateSecret(options.secretsFolder, 'operatorToken', makeOperatorToken)),
  };

  app.decorate('pendingGets', pendingGets);
  registerAnswers(app, new URL(publicUrl).hostname);
  registerRequestLog(app);
  registerBodies(app);
  registerCors(app, deps);
  registerResources(app, deps);

  const callbacks = createCallbackDelivery({
    ...posting,
    log: app.log,
    concurrency: options.callbackConcurrency ?? 256,
  });
  let stopTimers: () => Promise<void> = async () => undefined;
  app.addHook('onReady', async () => {
    callbacks.start();
    stopTimers = startTimers({ ...acting, pendingGets, log: app.log });
  });
  app.addHook('preClose', async () => pendingGets.close());
  app.addHook('onClose', async () => {
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
