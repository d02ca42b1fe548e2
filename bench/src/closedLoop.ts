/** The load: in every chat one message is on its way, and its arrival sends the next one back. */
import type { Side } from './chat.ts';
import { type Percentiles, percentiles } from './percentiles.ts';

/** What the loop needs of a chat, whoever relays it. */
export interface Talk {
  say(from: Side, text: string): Promise<void>;
  onMessage: (to: Side) => void;
}

export interface LoopResult {
  readonly messagesPerSecond: number;
  readonly messages: number;
  readonly relayMs: { readonly visitorToAgent: Percentiles; readonly agentToVisitor: Percentiles };
}

const text = 'Thank you, I have found the parcel number: it is 4711-0815, sent on Monday.';

/**
 * Runs the loop for so many seconds; the first tenth warms up and is not counted. Ends when no message is on its way.
 * @throws Error when a message does not arrive within 30 s.
 */
export async function closedLoop(talks: readonly Talk[], seconds: number): Promise<LoopResult> {
  const latencies: Record<Side, number[]> = { visitor: [], agent: [] };
  const begun = performance.now();
  const countFrom = begun + seconds * 100;
  const until = begun + seconds * 1_000;
  await Promise.all(
    talks.map(
      (talk) =>
        new Promise<void>((resolve, reject) => {
          let sentAt = 0;
          let timer = setTimeout(() => {}, 0);
          const send = (from: Side): void => {
            clearTimeout(timer);
            timer = setTimeout(() => reject(new Error('a message did not arrive within 30 s')), 30_000);
            sentAt = performance.now();
            talk.say(from, text).catch(reject);
          };
          talk.onMessage = (to) => {
            const now = performance.now();
            if (now >= countFrom && now < until) latencies[to].push(now - sentAt);
            if (now < until) return send(to);
            clearTimeout(timer);
            resolve();
          };
          send('visitor');
        }),
    ),
  );
  const messages = latencies.agent.length + latencies.visitor.length;
  return {
    messages,
    messagesPerSecond: Math.round(messages / (seconds * 0.9)),
    relayMs: { visitorToAgent: percentiles(latencies.agent), agentToVisitor: percentiles(latencies.visitor) },
  };
}
