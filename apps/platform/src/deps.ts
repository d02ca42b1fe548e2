/** What every resource plugin is given. Made once in app.ts. */
import type { FastifyRequest } from 'fastify';
import type { Act } from './act.ts';
import type { AgentTokens } from './auth/agentToken.ts';
import type { AnonymousTokens } from './auth/anonToken.ts';
import type { Keys } from './auth/keys.ts';
import type { ServiceTokens } from './auth/serviceToken.ts';
import type { Clock } from './clock.ts';
import type { CallbackProbe } from './events/callbackProbe.ts';
import type { CallbackReplay } from './events/callbackReplay.ts';
import type { DeliveryLog } from './events/deliveryLog.ts';
import type { PendingGets } from './events/pendingGet.ts';
import type { Wakes } from './events/wakes.ts';
import type { Principal } from './model/principal.ts';
import type { Operations } from './operations.ts';
import type { Store } from './store/store.ts';

export interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Where clients reach this server; no trailing slash. */
  readonly publicUrl: string;
  /**
   * Runs a decision in one commit with its events, timers and the receipt of its operationId (act.ts).
   * With a request, the events become deliverable only after the answer is on the wire.
   */
  readonly act: Act;
  readonly keys: Keys;
  readonly tokens: {
    readonly service: ServiceTokens;
    readonly anonymous: AnonymousTokens;
    readonly agent: AgentTokens;
  };
  readonly probeCallback: CallbackProbe;
  readonly replayCallback: CallbackReplay;
  readonly deliveryLog: DeliveryLog;
  readonly pendingGets: PendingGets;
  readonly wakes: Wakes;
  readonly operatorToken: string;
  /** Limits, counts and what belongs to running this server. */
  readonly operations: Operations;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by authenticateService, authenticateAnonymous and authenticatePerson. */
    principal?: Principal;
  }
}

/** The caller as a service application. Only behind `authenticateService`. @throws when the route forgot it. */
export function servicePrincipal(request: FastifyRequest): Extract<Principal, { kind: 'service' }> {
  if (request.principal?.kind !== 'service') throw new Error('This route is not behind authenticateService');
  return request.principal;
}

/** The caller as a visitor or a person. Only behind authenticateAnonymous or authenticatePerson. @throws when the route forgot it. */
export function ucwaPrincipal(request: FastifyRequest): Exclude<Principal, { kind: 'service' }> {
  const principal = request.principal;
  if (principal === undefined || principal.kind === 'service') throw new Error('This route is not authenticated');
  return principal;
}
