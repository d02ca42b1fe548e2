import type { AnonymousClient } from '@repo/ucwa-client/anonymousClient';
import type { Clock } from '@repo/ucwa-client/clock';
import type { Resource } from '@repo/ucwa-protocol/hal';

/** Pause between two notices, in milliseconds; the platform forgets one after 10 s (reference/service-api.md 12). */
const intervalMs = 4000;

export interface TypingNotice {
  /** The visitor pressed a key: tells the other side, unless it was told a moment ago. */
  typed(client: AnonymousClient, messaging: Resource): Promise<void>;
  /** A message went out, which ends the notice at the platform; the next key tells again at once. */
  sent(): void;
}

/** Tells the other side that the visitor is typing (reference/call-flow.md step 16), once every few seconds. */
export function createTypingNotice(clock: Clock): TypingNotice {
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    async typed(client, messaging) {
      if (clock.now() - toldAt < intervalMs) return;
      toldAt = clock.now();
      try {
        await client.setIsTyping(messaging);
      } catch {
        // A lost notice is worth nothing a moment later; whatever is wrong shows when the message itself is sent.
      }
    },
    sent() {
      toldAt = Number.NEGATIVE_INFINITY;
    },
  };
}
