import type { Resource } from '@repo/ucwa-protocol/hal';
import type { AnonApplicationInput, StartMessagingInput } from '@repo/ucwa-protocol/operations';
import { type ApplicationEventsOptions, applicationEvents, resourceOf } from './applicationEvents.ts';
import type { Clock } from './clock.ts';
import type { EventChannel } from './eventChannel.ts';
import { follow } from './follow.ts';
import { type MessageInput, sendMessage, setIsTyping, untilGone } from './messaging.ts';
import { type Answer, createSend, type TokenSource } from './request.ts';
import { embedded } from './resource.ts';

export interface AnonymousClientOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** As handed out with the token; it holds the token, so keep it out of logs. */
  readonly discoverHref: string;
  /** `psat=...`, or a function that gives it (and a newer one after a 401, if there is). */
  readonly token: string | TokenSource;
}

export type AnonymousClient = ReturnType<typeof createAnonymousClient>;

/**
 * The visitor's side of a chat (reference/call-flow.md steps 4 to 6, 16 to 18). Every function throws what `send` does,
 * and LinkNotAvailableError when the resource does not offer the action now.
 */
export function createAnonymousClient({ fetch, clock, discoverHref, token }: AnonymousClientOptions) {
  const send = createSend({
    fetch,
    clock,
    baseUrl: discoverHref,
    token: typeof token === 'string' ? () => token : token,
  });
  // Without Authorization the browser needs no preflight; the context in the href suffices (reference/auth.md 3.1).
  const sendBare = createSend({ fetch, clock, baseUrl: discoverHref });

  async function discover(): Promise<Resource> {
    return resourceOf(sendBare, sendBare({ method: 'GET', href: discoverHref }));
  }

  return {
    discover,

    /** Discovers, then signs in. The same token finds its living application again. */
    async createApplication(input: AnonApplicationInput): Promise<Resource> {
      const root = await discover();
      return resourceOf(send, follow(send, root, 'anonApplications', { method: 'POST', body: input }));
    },

    /** Invites the helpdesk. The answer's `location` is the invitation; what follows comes as events. */
    async startMessaging(application: Resource, input: StartMessagingInput): Promise<Answer> {
      const communication = embedded(application, 'communication') ?? application;
      return follow(send, communication, 'startMessaging', { method: 'POST', body: input });
    },

    sendMessage: (messaging: Resource, input: MessageInput): Promise<Answer> => sendMessage(send, messaging, input),

    setIsTyping: (messaging: Resource): Promise<void> => setIsTyping(send, messaging),

    /** Closes the chat for both sides; cancels the invitation while it still rings. */
    stopMessaging: (messaging: Resource): Promise<void> =>
      untilGone(follow(send, messaging, 'stopMessaging', { method: 'POST' })),

    /** Signs out and ends every conversation. */
    deleteApplication: (application: Resource): Promise<void> =>
      untilGone(follow(send, application, 'self', { method: 'DELETE' })),

    getResource: (href: string): Promise<Resource> => resourceOf(send, send({ method: 'GET', href })),

    /** The event channel of the application, not started yet. */
    events: (application: Resource, options: ApplicationEventsOptions): EventChannel =>
      applicationEvents(send, clock, application, options),
  };
}
