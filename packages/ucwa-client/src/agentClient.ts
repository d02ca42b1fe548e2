import type { Resource } from '@repo/ucwa-protocol/hal';
import type { ApplicationInput } from '@repo/ucwa-protocol/operations';
import { type ApplicationEventsOptions, applicationEvents } from './applicationEvents.ts';
import type { Clock } from './clock.ts';
import { isGone, UcwaError } from './errors.ts';
import type { EventChannel } from './eventChannel.ts';
import { follow, resourceOf } from './follow.ts';
import { type MessageInput, sendMessage, setIsTyping, untilGone } from './messaging.ts';
import { type Answer, createSend, type Send, type TokenSource } from './request.ts';
import { embedded, embeddedAll, linkHref, links, supports } from './resource.ts';

export interface AgentClientOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** The platform's `autodiscover/root`. */
  readonly rootHref: string;
  readonly token: TokenSource;
}

export type AgentClient = ReturnType<typeof createAgentClient>;

/**
 * An agent's side (reference/ucwa-api.md 1 to 9). Every function throws what `send` does, and LinkNotAvailableError
 * when the resource does not offer the action now.
 */
export function createAgentClient({ fetch, clock, rootHref, token }: AgentClientOptions) {
  const send = createSend({ fetch, clock, baseUrl: rootHref, token });
  const sendBare = createSend({ fetch, clock, baseUrl: rootHref });

  return {
    /**
     * Signs in: root, user, applications, then makeMeAvailable for messaging.
     * `endpointId` is unique per running instance; the same one finds its living application again.
     * @returns the application as it is afterwards
     */
    async signIn(input: ApplicationInput): Promise<Resource> {
      const user = await findUser(sendBare, send, rootHref);
      const application = await resourceOf(send, follow(send, user, 'applications', { method: 'POST', body: input }));
      const me = embedded(application, 'me');
      // The link is there until it was used once.
      if (!me || !supports(me, 'makeMeAvailable')) return application;
      try {
        await follow(send, me, 'makeMeAvailable', {
          method: 'POST',
          body: { supportedModalities: ['Messaging'], supportedMessageFormats: ['Plain'], signInAs: 'Online' },
        });
      } catch (error) {
        if (!(error instanceof UcwaError && error.status === 409)) throw error;
      }
      return resourceOf(send, follow(send, application, 'self'));
    },

    /** To be called at least every four minutes, or the agent turns idle (reference/ucwa-api.md 3). */
    async reportMyActivity(application: Resource): Promise<void> {
      await follow(send, embedded(application, 'me') ?? application, 'reportMyActivity', { method: 'POST' });
    },

    async accept(invitation: Resource): Promise<void> {
      await follow(send, invitation, 'accept', { method: 'POST' });
    },

    /** `Local`: this instance only; `Global`: everywhere the agent is signed in. */
    async decline(invitation: Resource, reason: 'Local' | 'Global' = 'Local'): Promise<void> {
      await follow(send, invitation, 'decline', { method: 'POST', body: { reason } });
    },

    addMessaging: (messaging: Resource, operationId: string): Promise<Answer> =>
      follow(send, messaging, 'addMessaging', { method: 'POST', body: { operationId } }),

    sendMessage: (messaging: Resource, input: MessageInput): Promise<Answer> => sendMessage(send, messaging, input),

    setIsTyping: (messaging: Resource): Promise<void> => setIsTyping(send, messaging),

    /** Leaves a conversation; a meeting goes on without this agent. */
    leave: (conversation: Resource): Promise<void> =>
      untilGone(follow(send, conversation, 'self', { method: 'DELETE' })),

    /** The conversations that are going on, to begin with or after a reset of the event channel. */
    async conversations(application: Resource): Promise<Resource[]> {
      const communication = embedded(application, 'communication') ?? application;
      const { resource = {} } = await follow(send, communication, 'conversations');
      const given = embeddedAll(resource, 'conversation');
      if (given.length > 0) return given;
      const found = await Promise.all(links(resource, 'conversation').map(({ href }) => getIfThere(send, href)));
      return found.filter((conversation) => conversation !== undefined);
    },

    getResource: (href: string): Promise<Resource> => resourceOf(send, send({ method: 'GET', href })),

    /** @returns undefined when it is gone */
    getIfThere: (href: string): Promise<Resource | undefined> => getIfThere(send, href),

    /** The event channel of the application, not started yet. */
    events: (application: Resource, options: ApplicationEventsOptions): EventChannel =>
      applicationEvents(send, clock, application, options),

    /** Ends the application and its conversations. */
    signOut: (application: Resource): Promise<void> =>
      untilGone(follow(send, application, 'self', { method: 'DELETE' })),
  };
}

/** Root to user, over at most three `redirect` links (reference/client-expectations.md U14, U15). */
async function findUser(sendBare: Send, send: Send, rootHref: string): Promise<Resource> {
  let root = await resourceOf(sendBare, sendBare({ method: 'GET', href: rootHref }));
  for (let hops = 0; hops < 3 && !supports(root, 'user') && supports(root, 'redirect'); hops += 1) {
    root = await resourceOf(sendBare, follow(sendBare, root, 'redirect'));
  }
  return resourceOf(send, send({ method: 'GET', href: linkHref(root, 'user') }));
}

async function getIfThere(send: Send, href: string): Promise<Resource | undefined> {
  try {
    return (await send({ method: 'GET', href })).resource;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
