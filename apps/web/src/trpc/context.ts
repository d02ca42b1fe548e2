/** What a procedure has at hand. Everything that acts comes in here, so that the routers can be tried without a server. */
import type { SignedInPerson } from '../auth/verifySignIn.ts';
import type { Records } from './records.ts';

/** What the routers need of the service application. */
export interface ServiceActions {
  readonly platformUrl: string;
  issueAgentToken(sipUri: string): Promise<{ readonly token: string; readonly expiresAt: Date }>;
  endSession(request: { readonly sessionId: string; readonly byUri: string }): Promise<void>;
}

export interface Context {
  readonly person: SignedInPerson | undefined;
  readonly sameOrigin: boolean;
  readonly webUrl: string;
  readonly now: () => Date;
  readonly records: Records;
  readonly service: ServiceActions;
}
