/**
 * The desk's tie to the platform. Phases, repeated until it is stopped:
 * 1. connection: token and root from the web app
 * 2. sign-in: the same endpointId finds the same application, with its chats, again
 * 3. read what is going on, then follow the event channel
 * 4. when the channel ends: gone or unauthorized signs in again; replaced waits until the agent wants it here
 */
import { type AgentClient, createAgentClient } from '@repo/ucwa-client/agentClient';
import type { ChannelReason } from '@repo/ucwa-client/channelReason';
import { retryAfterOf } from '@repo/ucwa-client/errors';
import type { EventChannel } from '@repo/ucwa-client/eventChannel';
import { createReconnector } from '@repo/ucwa-client/reconnector';
import type { Resource } from '@repo/ucwa-protocol/hal';
import { askService, type DeskCore } from './deskCore.ts';
import { type DeskConnection, DeskServiceError } from './deskService.ts';
import type { DeskStorage } from './deskStorage.ts';
import { readChats } from './readChats.ts';

export interface PlatformLinkOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly storage: DeskStorage;
  readonly newId: () => string;
  readonly random?: () => number;
}

export interface PlatformLink {
  start(): void;
  stop(): void;
  /** Cuts every wait; also takes the desk over from another tab. */
  retryNow(): void;
  client(): AgentClient | undefined;
  reportMyActivity(): Promise<void>;
}

/** A token is renewed this long before it expires, in milliseconds. */
const renewBeforeMs = 5 * 60_000;

/** Not connected before `start`; what happens to the tie is told by the actions `signedIn` and `platform`. */
export function createPlatformLink(core: DeskCore, options: PlatformLinkOptions): PlatformLink {
  const { storage } = options;
  const reconnector = createReconnector({ clock: core.clock, random: options.random, ceilingMs: 10_000 });
  let generation = 0;
  let client: AgentClient | undefined;
  let application: Resource | undefined;
  let channel: EventChannel | undefined;
  let comeBack: (() => void) | undefined;

  async function connect(isCurrent: () => boolean): Promise<ChannelReason> {
    let connection = await askService(core, (service) => service.connection());
    const token = async (refresh?: boolean): Promise<string> => {
      if (refresh || connection.expiresAt - core.clock.now() < renewBeforeMs) {
        connection = await askService(core, (service) => service.connection());
      }
      return connection.token;
    };
    const fresh = createAgentClient({ fetch: options.fetch, clock: core.clock, rootHref: connection.rootHref, token });
    const signedIn = await fresh.signIn(applicationOf(connection, options));
    if (!isCurrent()) return 'stopped';
    client = fresh;
    application = signedIn;
    core.dispatch({ type: 'signedIn', sipUri: connection.sipUri, name: connection.name });
    const read = (): Promise<void> => readChats(core, fresh, signedIn, storage.loadRinging());
    await read();
    if (!isCurrent()) return 'stopped';
    core.dispatch({ type: 'platform', reach: 'online' });
    reconnector.succeeded();

    return new Promise((resolve) => {
      channel = fresh.events(signedIn, {
        onBatch: (batch) => core.dispatch({ type: 'batch', batch, now: core.clock.now() }),
        onReset: read,
        onState: ({ connection: reach, reason }) => {
          if (reach === 'ended') resolve(reason);
          // Between a failure and the next success it stays "waiting": a try is no news.
          else if (reach !== 'connecting') core.dispatch({ type: 'platform', reach });
        },
        ...(options.random ? { random: options.random } : {}),
      });
      channel.start();
    });
  }

  async function keepConnected(isCurrent: () => boolean): Promise<void> {
    while (isCurrent()) {
      try {
        const reason = await connect(isCurrent);
        if (!isCurrent()) return;
        if (reason === 'replaced') {
          core.dispatch({ type: 'platform', reach: 'elsewhere' });
          await new Promise<void>((resolve) => {
            comeBack = resolve;
          });
          core.dispatch({ type: 'platform', reach: 'connecting' });
        } else {
          core.dispatch({ type: 'platform', reach: 'waiting' });
          await reconnector.failed().due;
        }
      } catch (error) {
        if (!isCurrent()) return;
        // Signed out there is no use in asking again; the page sends the agent to the sign-in.
        if (error instanceof DeskServiceError && error.code === 'signedOut') return;
        core.dispatch({ type: 'platform', reach: 'waiting' });
        await reconnector.failed(retryAfterOf(error)).due;
      }
    }
  }

  return {
    start() {
      generation += 1;
      const mine = generation;
      core.run(keepConnected(() => mine === generation));
    },
    stop() {
      generation += 1;
      channel?.stop();
      comeBack?.();
      reconnector.retryNow();
    },
    retryNow() {
      comeBack?.();
      reconnector.retryNow();
      channel?.retryNow();
    },
    client: () => client,
    async reportMyActivity() {
      if (client && application) await client.reportMyActivity(application);
    },
  };
}

function applicationOf(connection: DeskConnection, { storage, newId }: PlatformLinkOptions) {
  return {
    userAgent: 'Bridgedesk/1',
    culture: 'en-us',
    endpointId: storage.endpointId(connection.sipUri, newId),
  };
}
