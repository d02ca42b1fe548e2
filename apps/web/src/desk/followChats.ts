/** What a chat needs that nobody presses a button for: messaging once the agent is in, and the record of the session. */
import { pause } from '@repo/ucwa-client/clock';
import { supports } from '@repo/ucwa-client/resource';
import { limits } from '@repo/ucwa-protocol/limits';
import { askService, type DeskCore, mayRetry } from './deskCore.ts';
import type { Chat } from './deskState.ts';
import type { Retries } from './retries.ts';

/** The record may still be on its way when the agent joins, so it is read twice at first. */
const secondLookMs = 1500;

export interface ChatFollowing {
  /** To be called after every change of the state. */
  check(): void;
  /** Reads the record of every chat that is going on again. */
  refresh(): void;
}

/** Nothing is asked before the first `check`. */
export function createChatFollowing(core: DeskCore, retries: Retries): ChatFollowing {
  const joined = new Set<string>();
  const recorded = new Set<string>();

  /** After accept a meeting has no messaging until its member adds it (reference/call-flow.md 2, step 15b). */
  async function addMessaging(chat: Chat): Promise<void> {
    const client = core.client();
    if (!client || !chat.messaging) return;
    const operationId = `addMessaging:${chat.href.split('/').at(-1) ?? ''}`.slice(0, limits.operationId);
    try {
      await client.addMessaging(chat.messaging, operationId);
      retries.settled(`join ${chat.href}`);
    } catch (error) {
      // Anything else than "try again" means that the conversation is ending; its events say so.
      if (!mayRetry(error)) return;
      await retries.due(`join ${chat.href}`, error);
      joined.delete(chat.href);
      check();
    }
  }

  async function readRecord(onlineMeetingUri: string): Promise<void> {
    const session = await askService(core, (service) => service.sessionByMeeting(onlineMeetingUri));
    core.dispatch({ type: 'history', onlineMeetingUri, session });
  }

  async function beginRecord(href: string, onlineMeetingUri: string): Promise<void> {
    try {
      await readRecord(onlineMeetingUri);
      await pause(core.clock, secondLookMs);
      await readRecord(onlineMeetingUri);
      retries.settled(`record ${href}`);
    } catch (error) {
      if (!mayRetry(error)) return;
      await retries.due(`record ${href}`, error);
      recorded.delete(href);
      check();
    }
  }

  function check(): void {
    if (!core.isRunning()) return;
    for (const chat of Object.values(core.getState().chats)) {
      if (chat.stage !== 'active') continue;
      const { href, messaging, onlineMeetingUri } = chat;
      if (messaging?.state === 'Disconnected' && supports(messaging, 'addMessaging') && !joined.has(href)) {
        joined.add(href);
        core.run(addMessaging(chat));
      }
      if (onlineMeetingUri !== undefined && !recorded.has(href)) {
        recorded.add(href);
        core.run(beginRecord(href, onlineMeetingUri));
      }
    }
  }

  return {
    check,
    refresh() {
      for (const { stage, onlineMeetingUri } of Object.values(core.getState().chats)) {
        if (stage !== 'active' || onlineMeetingUri === undefined) continue;
        // The next look is soon; a missed one needs no word beyond the banner.
        core.run(readRecord(onlineMeetingUri).catch(() => undefined));
      }
    },
  };
}
