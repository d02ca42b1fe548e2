/**
 * Sends what was typed: per chat one message at a time, in the order typed. A message that may or may not have
 * arrived is sent again under its operationId, which the platform answers as it did the first time.
 */
import { pause } from '@repo/ucwa-client/clock';
import { isGone, UcwaError } from '@repo/ucwa-client/errors';
import { supports } from '@repo/ucwa-client/resource';
import { type DeskCore, mayRetry } from './deskCore.ts';
import type { Chat, Outgoing } from './deskState.ts';
import type { Retries } from './retries.ts';

/** An accepted message whose event is not there by then is read from the platform. */
const missedEventMs = 3000;

export interface OutboxDelivery {
  /** To be called after every change of the state; does nothing when there is nothing to send. */
  check(): void;
}

/** Nothing is sent before the first `check`. */
export function createOutboxDelivery(core: DeskCore, retries: Retries): OutboxDelivery {
  const busy = new Set<string>();

  async function deliver(chat: Chat, message: Outgoing): Promise<void> {
    const client = core.client();
    if (!client || !chat.messaging) return;
    const { operationId, text } = message;
    const matter = `send ${chat.href}`;
    try {
      const { location } = await client.sendMessage(chat.messaging, { text, operationId });
      retries.settled(matter);
      core.dispatch({ type: 'accepted', operationId, messageHref: location });
    } catch (error) {
      if (mayRetry(error)) {
        await retries.due(matter, error);
        return;
      }
      retries.settled(matter);
      core.dispatch({ type: 'sendFailed', operationId, failure: failureOf(error) });
    }
  }

  /** Looks an accepted message up whose event went by while nobody listened, as during a reload. */
  async function place(message: Outgoing): Promise<void> {
    await pause(core.clock, missedEventMs);
    const pending = core.getState().outbox.find(({ operationId }) => operationId === message.operationId);
    const client = core.client();
    const matter = `place ${message.operationId}`;
    if (pending?.status !== 'accepted') retries.settled(matter);
    if (pending?.status !== 'accepted' || !client) return;
    if (pending.messageHref === undefined) {
      core.dispatch({ type: 'retried', operationId: message.operationId });
      return;
    }
    try {
      const resource = await client.getResource(pending.messageHref);
      retries.settled(matter);
      core.dispatch({ type: 'messageRead', conversationHref: message.conversationHref, message: resource });
    } catch (error) {
      if (!isGone(error)) {
        await retries.due(matter, error);
        return;
      }
      retries.settled(matter);
      // Accepted, and no longer kept as a resource: then the record shows it.
      core.dispatch({ type: 'discarded', operationId: message.operationId });
    }
  }

  function once(key: string, work: () => Promise<void>): void {
    if (busy.has(key)) return;
    busy.add(key);
    core.run(
      work().finally(() => {
        busy.delete(key);
        check();
      }),
    );
  }

  function check(): void {
    if (!core.isRunning()) return;
    const { outbox, chats } = core.getState();
    const blocked = new Set<string>();
    for (const message of outbox) {
      const chat = chats[message.conversationHref];
      if (!chat || blocked.has(chat.href)) continue;
      if (message.status === 'accepted') once(`place ${message.operationId}`, () => place(message));
      if (message.status !== 'waiting') continue;
      blocked.add(chat.href);
      if (chat.stage === 'ended') {
        core.dispatch({ type: 'sendFailed', operationId: message.operationId, failure: 'The chat has ended.' });
      } else if (chat.messaging && supports(chat.messaging, 'sendMessage')) {
        once(`send ${chat.href}`, () => deliver(chat, message));
      }
    }
  }

  return { check };
}

function failureOf(error: unknown): string {
  if (isGone(error)) return 'The chat has ended.';
  if (error instanceof UcwaError && error.status === 413) return 'This message is too long.';
  return 'The message was refused.';
}
