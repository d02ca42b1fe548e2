/**
 * The effects of one chat, around the pure parts. Two loops, both safe to start at any time:
 * 1. drive: asks `nextStep` what to request, requests it, repeats with back-off while no server answers
 * 2. the event channel: reduces a batch, saves state and position in one go, and only then acknowledges
 * Start, resume after a reload and recovery are the same code: look at the state, do what comes next.
 */
import { type AnonymousClient, createAnonymousClient } from '@repo/ucwa-client/anonymousClient';
import type { Clock } from '@repo/ucwa-client/clock';
import { isRetryable, retryAfterOf } from '@repo/ucwa-client/errors';
import type { ChannelState, EventChannel } from '@repo/ucwa-client/eventChannel';
import { createReconnector } from '@repo/ucwa-client/reconnector';
import { createSend } from '@repo/ucwa-client/request';
import { supports } from '@repo/ucwa-client/resource';
import { afterRefusal } from './afterRefusal.ts';
import { type ChatState, ended, type Grant, initialState, isLive } from './chatState.ts';
import { nextStep, type Step } from './nextStep.ts';
import { enqueue, retry, unsentText } from './outbox.ts';
import { performStep } from './performStep.ts';
import { reduce } from './reduce.ts';
import type { Page } from './sendMessagingInvitation.ts';
import { createTypingNotice } from './setTyping.ts';
import type { ChatStorage } from './storage.ts';

export interface ControllerOptions {
  /** Public key of the helpdesk, from the page's script tag. */
  readonly helpdesk: string;
  readonly webOrigin: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** Chance of the back-off, 0 to below 1. */
  readonly random: () => number;
  /** At most 50 characters, never the same twice. */
  readonly newId: () => string;
  readonly storage: ChatStorage;
  readonly page: Page;
}

/** fine: nothing known to be wrong. lost: a server does not answer. elsewhere: another tab goes on with this chat. */
export type Connection = 'fine' | 'lost' | 'elsewhere';

export interface Look {
  readonly state: ChatState;
  readonly connection: Connection;
}

export interface Controller {
  look(): Look;
  /** @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void;
  start(input: { readonly name: string; readonly text: string }): void;
  send(text: string): void;
  resend(key: string): void;
  setDraft(draft: string): void;
  setName(name: string): void;
  /** Ends the chat for both sides. */
  end(): void;
  /** Leaves the ended chat and shows the form again; what never reached the helpdesk is the new draft. */
  newChat(): void;
  showPanel(panel: ChatState['panel']): void;
  /** Cuts every wait, and takes the chat over from another tab. */
  retryNow(): void;
  /** The page is going away: keeps how far the channel has been read. */
  remember(): void;
  /** Stops both loops. The saved chat stays. */
  dispose(): void;
}

/** Goes on with the saved chat at once, if there is a live one; otherwise nothing is asked before `start`. */
export function createController(options: ControllerOptions): Controller {
  const { clock, random, newId, storage } = options;
  const listeners = new Set<() => void>();
  const reconnector = createReconnector({ clock, random });
  const typing = createTypingNotice(clock);
  let state = storage.load() ?? initialState;
  if (!isLive(state)) state = { ...state, panel: 'hidden' };
  let channel: EventChannel | undefined;
  let driving = false;
  let disposed = false;
  let requestsLost = false;
  let channelConnection: Connection = 'fine';

  const send = createSend({ fetch: options.fetch, clock, baseUrl: options.webOrigin });

  function clientOf({ discoverUrl, token }: Grant): AnonymousClient {
    return createAnonymousClient({ fetch: options.fetch, clock, discoverHref: discoverUrl, token: () => token });
  }

  function notify(): void {
    for (const listener of listeners) listener();
  }

  function update(next: ChatState): void {
    if (next === state || disposed) return;
    state = next;
    storage.save(state);
    if (!isLive(state)) stopChannel();
    notify();
    proceed();
  }

  function proceed(): void {
    openChannel();
    void drive();
  }

  async function drive(): Promise<void> {
    if (driving) return;
    driving = true;
    try {
      for (let step = nextStep(state); step && !disposed; step = nextStep(state)) await attempt(step);
    } finally {
      driving = false;
      // An event can settle what a lost answer left open: then nothing is asked again that could prove the way free.
      setRequestsLost(false);
    }
  }

  async function attempt(step: Step): Promise<void> {
    const before = state;
    try {
      const edit = await performStep(step, before, { ...options, send, clientOf });
      reconnector.succeeded();
      setRequestsLost(false);
      // The visitor may have begun another chat while this one's answer was on its way.
      if (isSameChat(before, state)) update(edit(state));
    } catch (error) {
      if (!isSameChat(before, state)) return;
      if (!isRetryable(error)) {
        setRequestsLost(false);
        return update(afterRefusal(state, step, error));
      }
      setRequestsLost(true);
      await reconnector.failed(retryAfterOf(error)).due;
    }
  }

  function setRequestsLost(lost: boolean): void {
    if (requestsLost === lost) return;
    requestsLost = lost;
    notify();
  }

  function openChannel(): void {
    if (channel || disposed || !isLive(state) || !state.grant || !state.application) return;
    const opened = clientOf(state.grant).events(state.application, {
      position: state.eventsHref,
      random,
      onBatch: (batch) => {
        if (channel === opened) update(reduce(state, batch, clock.now()));
      },
      onReset: (why) => {
        if (channel === opened) update({ ...state, stale: true, gap: state.gap || why === 'resume', typing: [] });
      },
      onState: (reported) => {
        if (channel === opened) onChannelState(reported);
      },
    });
    channel = opened;
    opened.start();
  }

  function onChannelState({ connection, reason }: ChannelState): void {
    if (connection === 'online') channelConnection = 'fine';
    if (connection === 'waiting') channelConnection = 'lost';
    if (reason === 'replaced') channelConnection = 'elsewhere';
    if (reason === 'unauthorized' || reason === 'notFound' || reason === 'gone') update(ended(state, 'expired'));
    else notify();
  }

  function stopChannel(): void {
    const stopped = channel;
    channel = undefined;
    channelConnection = 'fine';
    stopped?.stop();
    reconnector.retryNow();
  }

  function look(): Look {
    if (!isLive(state)) return { state, connection: 'fine' };
    if (channelConnection === 'elsewhere') return { state, connection: 'elsewhere' };
    return { state, connection: requestsLost || channelConnection === 'lost' ? 'lost' : 'fine' };
  }

  proceed();
  return {
    look,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start({ name, text }) {
      if (state.phase !== 'form') return;
      const invitation = { operationId: newId(), threadId: newId() };
      const begun: ChatState = { ...state, phase: 'starting', visitorName: name.trim(), invitation, draft: '' };
      update(enqueue(begun, text.trim(), newId(), clock.now()));
    },
    send(text) {
      if (text.trim() === '' || !isLive(state) || state.closing) return;
      typing.sent();
      update({ ...enqueue(state, text.trim(), newId(), clock.now()), draft: '' });
    },
    resend(key) {
      if (isLive(state)) update(retry(state, key, newId(), clock.now()));
    },
    setDraft(draft) {
      const grown = draft.length > state.draft.length;
      update({ ...state, draft });
      const { grant, messaging } = state;
      if (grown && state.phase === 'chatting' && grant && messaging && supports(messaging, 'setIsTyping')) {
        void typing.typed(clientOf(grant), messaging);
      }
    },
    setName: (visitorName) => update({ ...state, visitorName }),
    end() {
      if (!isLive(state)) return;
      update({ ...state, closing: true });
      reconnector.retryNow();
    },
    newChat() {
      if (isLive(state)) return;
      const { visitorName, panel } = state;
      update({ ...initialState, visitorName, panel, draft: unsentText(state) || state.draft });
    },
    showPanel: (panel) => update({ ...state, panel, unread: panel === 'open' ? 0 : state.unread }),
    retryNow() {
      reconnector.retryNow();
      if (channelConnection === 'elsewhere') {
        // The other tab has read on meanwhile; what it has acknowledged does not come again.
        channelConnection = 'fine';
        update({ ...state, gap: true, stale: true });
        channel?.start();
      } else channel?.retryNow();
    },
    remember() {
      if (channel) storage.save({ ...state, eventsHref: channel.position() });
    },
    dispose() {
      disposed = true;
      stopChannel();
    },
  };
}

function isSameChat(before: ChatState, now: ChatState): boolean {
  return before.invitation?.operationId === now.invitation?.operationId;
}
