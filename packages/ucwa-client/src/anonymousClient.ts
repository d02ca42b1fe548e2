import type { Resource } from '@repo/ucwa-protocol/hal';
import type { AnonApplicationInput, StartMessagingInput } from '@repo/ucwa-protocol/operations';
import { type ApplicationEventsOptions, applicationEvents } from './applicationEvents.ts';
import type { Clock } from './clock.ts';
import type { EventChannel } from './eventChannel.ts';
import { carried, follow } from './follow.ts';
import { type MessageInput, sendMessage, setIsTyping, untilGone } from './messaging.ts';
import { type Answer, createSend, type TokenSource } from './request.ts';
import { embedded, linkHref } from './resource.ts';

export interface AnonymousClientOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** As handed out with the token; it holds the token, so keep it out of logs. */
  readonly discoverHref: string;
  /** Gives `psat=...`. */
  readonly token: TokenSource;
}

export type AnonymousClient = ReturnType<typeof createAnonymousClient>;

/**
 * The visitor's side of a chat (reference/call-flow.md steps 4 to 6, 16 to 18). Every function throws what `send` does,
 * and LinkNotAvailableError when the resource does not offer the action now.
 */
export function createAnonymousClient({ fetch, clock, discoverHref, token }: AnonymousClientOptions) {
  const send = createSend({ fetch, clock, baseUrl: discoverHref, token });
  // Without Authorization the browser needs no preflight; the context in the href suffices (reference/auth.md 3.1).
  const sendBare = createSend({ fetch, clock, baseUrl: discoverHref });

  return {
    /** Step 4. @returns the absolute address of `anonApplications`, where visitors sign in */
    async discover(): Promise<string> {
      return linkHref(carried(await sendBare({ method: 'GET', href: discoverHref })), 'anonApplications');
    },

    /** Step 5: signs in. The same token finds its living application again. */
    async createApplication(anonApplicationsHref: string, input: AnonApplicationInput): Promise<Resource> {
      return carried(await send({ method: 'POST', href: anonApplicationsHref, body: input }));
    },

    /** Step 6: invites the helpdesk. The answer's `location` is the invitation; what follows comes as events. */
    async startMessaging(application: Resource, input: StartMessagingInput): Promise<Answer> {
      const communication = embedded(application, 'communication') ?? application;
      return follow(send, communication, 'startMessaging', { method: 'POST', body: input });
    },

    sendMessage: (messaging: Resource, input: MessageInput): Promise<Answer> => sendMessage(send, messaging, input),

    setIsTyping: (messaging: Resource): Promise<void> => setIsTyping(send, messaging),

    /** Step 18: closes the chat for both sides; cancels the invitation while it still rings. Over already is success. */
    stopMessaging: (messaging: Resource): Promise<void> =>
      untilGone(follow(send, messaging, 'stopMessaging', { method: 'POST' })),

    /** Ends the visitor's conversation. Gone already is success. */
    leave: (conversationHref: string): Promise<void> => untilGone(send({ method: 'DELETE', href: conversationHref })),

    /** Signs out, which ends every conversation and takes down an invitation. Gone already is success. */
    deleteApplication: (application: Resource): Promise<void> =>
      untilGone(follow(send, application, 'self', { method: 'DELETE' })),

    /** What may be done in a conversation now, read anew. @throws UcwaError 404 or 410 when it is over */
    async messagingOf(conversationHref: string): Promise<Resource | undefined> {
      const { resource: conversation } = await send({ method: 'GET', href: conversationHref });
      return conversation && (await follow(send, conversation, 'messaging')).resource;
    },

    /** The event channel of the application, not started yet. */
    events: (application: Resource, options: ApplicationEventsOptions): EventChannel =>
      applicationEvents(send, clock, application, options),
  };
}
