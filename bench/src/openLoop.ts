/**
 * Open loop: messages at fixed moments, whether the server keeps up or not. Latency counts from the moment that a message
 * was due, not from when it was sent, so a server that stalls cannot hide what waits behind the stall.
 */
import { Worker } from 'node:worker_threads';
import type { LoopResult } from './closedLoop.ts';
import { percentiles } from './percentiles.ts';
import type { Relay, Target } from './relay.ts';

/** Not counted. */
const mostLeadSeconds = 1;
const silenceMs = 30_000;

export interface OpenLoopResult extends LoopResult {
  /** How late the load generator itself was: part of every latency. */
  readonly lateMs: { readonly p50: number; readonly p99: number };
}

/**
 * @param rate messages a second of all chats together, evenly spread over chats and time; both sides take turns
 * @throws Error when a message does not arrive within 30 s
 */
export async function openLoop(target: Target, relay: Relay, rate: number, seconds: number): Promise<OpenLoopResult> {
  const leadSeconds = Math.min(mostLeadSeconds, seconds / 4);
  const count = Math.round(rate * (leadSeconds + seconds));
  const lead = Math.round(rate * leadSeconds);
  const intervalNs = 1e9 / rate;
  const startNs = nowNs() + 100e6;
  const chats = relay.size;
  const latencies: number[] = [];
  const lateness: number[] = [];
  const hasArrived = new Uint8Array(count);
  let arrivals = 0;
  let ended: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const msSinceDue = (index: number): number => (nowNs() - startNs - index * intervalNs) / 1e6;
  relay.arrived = (chat, _to, sequence) => {
    const index = sequence * chats + chat;
    if (index >= count || hasArrived[index] === 1) return;
    hasArrived[index] = 1;
    arrivals += 1;
    if (index >= lead) latencies.push(msSinceDue(index));
    if (arrivals === count) ended();
  };
  const pacer = new Worker(new URL('./pacer.mjs', import.meta.url), {
    workerData: { startNs, intervalNs, count },
    execArgv: [],
  });
  const usages: Promise<{ cpuUs: number; arrivals: number }>[] = [];
  const note = async (): Promise<{ cpuUs: number; arrivals: number }> => {
    const { cpuUs } = await target.server.usage();
    return { cpuUs, arrivals };
  };
  pacer.on('message', (index: number) => {
    if (index === lead || index === count - 1) usages.push(note());
    if (index >= lead) lateness.push(msSinceDue(index));
    const sequence = Math.floor(index / chats);
    relay.say(index % chats, sequence % 2 === 0 ? 'visitor' : 'agent', sequence);
  });
  const silence = setTimeout(() => ended(), (leadSeconds + seconds) * 1_000 + silenceMs);
  await Promise.race([done, relay.failure]);
  clearTimeout(silence);
  await pacer.terminate();
  if (arrivals < count) throw new Error(`${count - arrivals} messages of ${count} did not arrive`);
  await relay.accounted();
  const [begun, measured] = await Promise.all(usages);
  const messages = (measured?.arrivals ?? 0) - (begun?.arrivals ?? 0);
  return {
    chats,
    messages: latencies.length,
    messagesPerSecond: rate,
    cpuUs: ((measured?.cpuUs ?? 0) - (begun?.cpuUs ?? 0)) / Math.max(1, messages),
    latencyMs: percentiles(latencies),
    lateMs: percentiles(lateness),
  };
}

const nowNs = (): number => Number(process.hrtime.bigint());
