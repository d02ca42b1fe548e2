/**
 * The desk as the page uses it: a state to show, and the things an agent can do. Everything that it does by itself
 * (sign-in, channel, joining, outbox, heartbeat) is started here and lives in a file of its own.
 */
import type { Clock } from '@repo/ucwa-client/clock';
import { isGone } from '@repo/ucwa-client/errors';
import { createOutboxDelivery } from './deliverOutbox.ts';
import type { DeskAction } from './deskAction.ts';
import { askService, type DeskCore } from './deskCore.ts';
import type { DeskService } from './deskService.ts';
import { type Availability, type DeskState, emptyDesk } from './deskState.ts';
import type { DeskStorage } from './deskStorage.ts';
import { createChatFollowing } from './followChats.ts';
import { createPlatformLink } from './platformLink.ts';
import { reduceDesk } from './reduceDesk.ts';
import { createRetries } from './retries.ts';

/** In milliseconds; a heartbeat holds for 30 s, activity for four minutes, typing for ten seconds. */
const heartbeatMs = 10_000;
const activityMs = 3 * 60_000;
const typingMs = 4000;

export interface DeskOptions {
  readonly service: DeskService;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  readonly storage: DeskStorage;
  readonly newId: () => string;
  readonly random?: () => number;
}

export type Desk = ReturnType<typeof createDesk>;

/** Makes a desk that knows what a reload left behind; it does nothing before `start`. */
export function createDesk({ service, clock, storage, newId, ...platform }: DeskOptions) {
  let state: DeskState = { ...emptyDesk, outbox: storage.loadOutbox() };
  let running = false;
  const listeners = new Set<() => void>();
  const timers = new Map<string, unknown>();
  const typedAt = new Map<string, number>();

  function dispatch(action: DeskAction): void {
    const before = state;
    state = reduceDesk(before, action);
    if (state === before) return;
    for (const listener of listeners) listener();
    // What a stopped desk still hears is not its business any more: the storage is the next one's.
    if (!running) return;
    if (state.outbox !== before.outbox) storage.saveOutbox(state.outbox);
    if (state.ringing !== before.ringing) storage.saveRinging(ringingHrefs(state));
    if (before.platform !== 'online' && state.platform === 'online') {
      core.run(heartbeat());
      retries.retryNow();
    }
    delivery.check();
    following.check();
  }

  const core: DeskCore = {
    clock,
    service,
    getState: () => state,
    isRunning: () => running,
    dispatch,
    client: () => link.client(),
    run(work) {
      work.catch(() => dispatch({ type: 'notice', text: 'Something went wrong here. Reload the page if it stays.' }));
    },
  };
  const link = createPlatformLink(core, { ...platform, storage, newId });
  const retries = createRetries({ clock, random: platform.random });
  const delivery = createOutboxDelivery(core, retries);
  const following = createChatFollowing(core, retries);

  /** While another tab is the desk, only that tab may say how the desk is. */
  const isElsewhere = (): boolean => state.platform === 'elsewhere';

  /** A desk that cannot hear the platform must not be rung, whatever the agent has chosen. */
  async function heartbeat(): Promise<void> {
    if (isElsewhere()) return;
    const status = state.platform === 'online' ? state.availability : 'away';
    // A failure is told by the banner already, and the next heartbeat is soon.
    await askService(core, () => service.heartbeat(status)).catch(() => undefined);
  }

  function every(name: string, ms: number, act: () => void): void {
    const turn = (): void => {
      if (!running) return;
      act();
      timers.set(name, clock.setTimeout(turn, ms));
    };
    timers.set(name, clock.setTimeout(turn, ms));
  }

  async function answer(href: string, how: 'accept' | 'decline'): Promise<void> {
    const invitation = state.ringing[href]?.invitation;
    const client = link.client();
    if (!invitation || !client) return;
    dispatch({ type: 'answering', href });
    try {
      await (how === 'accept' ? client.accept(invitation) : client.decline(invitation));
      if (how === 'decline') dispatch({ type: 'invitationGone', href });
    } catch (error) {
      if (isGone(error)) {
        dispatch({ type: 'invitationGone', href });
        dispatch({ type: 'notice', text: 'This visitor is no longer waiting.' });
      } else {
        dispatch({ type: 'answerFailed', href });
        dispatch({ type: 'notice', text: 'The answer did not get through. Please try again.' });
      }
    }
  }

  async function end(conversationHref: string): Promise<void> {
    const chat = state.chats[conversationHref];
    if (!chat) return;
    dispatch({ type: 'endRequested', conversationHref, requested: true });
    try {
      const meeting = chat.onlineMeetingUri;
      const id =
        chat.sessionId ?? (meeting && (await askService(core, () => service.sessionByMeeting(meeting))).id) ?? '';
      await askService(core, () => service.endSession(id));
    } catch {
      dispatch({ type: 'endRequested', conversationHref, requested: false });
      dispatch({ type: 'notice', text: 'The chat could not be ended. Please try again.' });
    }
  }

  return {
    getState: () => state,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start(): void {
      if (running) return;
      running = true;
      link.start();
      every('heartbeat', heartbeatMs, () => {
        core.run(heartbeat());
        following.refresh();
      });
      // A missed report is made up by the next; a lost application shows in the channel.
      every('activity', activityMs, () => core.run(link.reportMyActivity().catch(() => undefined)));
    },
    stop(): void {
      running = false;
      link.stop();
      for (const timer of timers.values()) clock.clearTimeout(timer);
      timers.clear();
    },
    /** Says that nobody is at this desk any more; for signing out and closing. Nothing while the desk is elsewhere. */
    async leave(): Promise<void> {
      if (isElsewhere()) return;
      // Unheard, the lease runs out by itself.
      await askService(core, () => service.heartbeat('offline')).catch(() => undefined);
    },
    retryNow(): void {
      link.retryNow();
      retries.retryNow();
    },
    accept: (href: string): void => core.run(answer(href, 'accept')),
    decline: (href: string): void => core.run(answer(href, 'decline')),
    /** Queues a message; it is kept until the platform has it, also over a reload. */
    write(conversationHref: string, text: string): void {
      if (text.trim() === '') return;
      const message = {
        operationId: newId(),
        conversationHref,
        text,
        typedAt: clock.now(),
        status: 'waiting',
      } as const;
      typedAt.delete(conversationHref);
      dispatch({ type: 'typed', message });
    },
    retry: (operationId: string): void => dispatch({ type: 'retried', operationId }),
    discard: (operationId: string): void => dispatch({ type: 'discarded', operationId }),
    /** Tells the visitor that an answer is being typed; says it again only after some seconds. */
    typing(conversationHref: string): void {
      const { messaging } = state.chats[conversationHref] ?? {};
      const client = link.client();
      if (!messaging || !client || clock.now() - (typedAt.get(conversationHref) ?? 0) < typingMs) return;
      typedAt.set(conversationHref, clock.now());
      // Not worth a word when it fails: the message itself will tell.
      core.run(client.setIsTyping(messaging).catch(() => undefined));
    },
    end: (conversationHref: string): void => core.run(end(conversationHref)),
    looked: (conversationHref: string): void => dispatch({ type: 'looked', conversationHref }),
    putAway(conversationHref: string): void {
      storage.saveDraft(conversationHref, '');
      dispatch({ type: 'putAway', conversationHref });
    },
    setAvailability(availability: Availability): void {
      dispatch({ type: 'availability', availability });
      core.run(heartbeat());
    },
    dismissNotice: (): void => dispatch({ type: 'notice', text: undefined }),
    dismissUnsent: (): void => dispatch({ type: 'unsentSeen' }),
    draft: (conversationHref: string): string => storage.loadDraft(conversationHref),
    saveDraft: (conversationHref: string, text: string): void => storage.saveDraft(conversationHref, text),
  };
}

function ringingHrefs(state: DeskState): string[] {
  return Object.values(state.ringing)
    .filter(({ state: ringing }) => ringing !== 'over')
    .map(({ href }) => href);
}
