/** Closed loop: in every chat one message is on its way, and its arrival sends the next one back. As fast as it goes. */
import { type Percentiles, percentiles } from './percentiles.ts';
import type { Relay, Target } from './relay.ts';

export interface LoopResult {
  readonly chats: number;
  readonly messages: number;
  readonly messagesPerSecond: number;
  /** Processor time of the server a relayed message, all its threads, microseconds. */
  readonly cpuUs: number;
  readonly latencyMs: Percentiles;
}

/** Not counted: until every chat has its message on the way. */
const rampSeconds = (seconds: number): number => Math.min(1, seconds / 4);
const silenceMs = 30_000;

/** @throws Error when a message does not arrive within 30 s */
export async function closedLoop(target: Target, relay: Relay, seconds: number): Promise<LoopResult> {
  const chats = relay.size;
  const expected = new Int32Array(chats).fill(1);
  const sentAt = new Float64Array(chats);
  const latencies: number[] = [];
  let arrivals = 0;
  let ending = false;
  let open = chats;
  let ended: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    ended = resolve;
  });
  relay.arrived = (chat, to, sequence) => {
    if (sequence !== expected[chat]) return;
    const now = performance.now();
    latencies.push(now - (sentAt[chat] ?? 0));
    arrivals += 1;
    if (ending) {
      open -= 1;
      if (open === 0) ended();
      return;
    }
    expected[chat] = sequence + 1;
    sentAt[chat] = now;
    relay.say(chat, to, sequence + 1);
  };
  for (let chat = 0; chat < chats; chat += 1) {
    sentAt[chat] = performance.now();
    relay.say(chat, chat % 2 === 0 ? 'visitor' : 'agent', 1);
  }
  const pause = (ms: number): Promise<unknown> =>
    Promise.race([new Promise((resolve) => setTimeout(resolve, ms)), relay.failure]);
  await pause(rampSeconds(seconds) * 1_000);
  latencies.length = 0;
  const begun = { at: performance.now(), arrivals, cpuUs: (await target.server.usage()).cpuUs };
  await pause(seconds * 1_000);
  const measured = { at: performance.now(), arrivals, cpuUs: (await target.server.usage()).cpuUs };
  const latencyMs = percentiles(latencies);
  ending = true;
  const silence = setTimeout(() => ended(), silenceMs);
  await Promise.race([done, relay.failure]);
  clearTimeout(silence);
  if (open > 0) throw new Error(`in ${open} chats a message did not arrive within ${silenceMs / 1_000} s`);
  await relay.accounted();
  const messages = measured.arrivals - begun.arrivals;
  return {
    chats,
    messages,
    messagesPerSecond: messages / ((measured.at - begun.at) / 1_000),
    cpuUs: (measured.cpuUs - begun.cpuUs) / Math.max(1, messages),
    latencyMs,
  };
}
