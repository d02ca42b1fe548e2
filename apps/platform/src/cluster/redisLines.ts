/**
 * Lines of callbacks among nodes. News of a line is an item of the stream `work`, which a consumer group hands to one node:
 * 1. the node takes the line for a while. When another one has it, it is told to look again, and the item is done with;
 * 2. it delivers, and renews the line and its item meanwhile;
 * 3. it leaves the line, and then the item is done with. News that came meanwhile makes it deliver again first.
 * So whoever has a line has an item that is not acknowledged, and when its node dies, the item goes to another (XAUTOCLAIM).
 */
import { ErrorReply } from 'redis';
import { StoreAwayError } from '../errors.ts';
import type { RedisClient, RedisLink } from '../store/redisLink.ts';
import type { Lines } from './cluster.ts';

const group = 'nodes';
const itemsAtOnce = 64;
const blockMs = 2_000;
const retryMs = 200;
/** A consumer that has nothing and has asked for nothing for so long is a node that is gone. */
const goneMs = 3_600_000;
/** Channels in one look of `remind`. */
const remindAtOnce = 1_000;

export interface RedisLines extends Lines {
  renew(): Promise<void>;
  /** Takes up what dead nodes have left. */
  takeOver(): Promise<void>;
  /** Looks for lines that wait although nobody has been told, whatever the reason. It takes two looks to be sure. */
  remind(): Promise<void>;
  close(): void;
}

export interface RedisLinesOptions {
  readonly link: RedisLink;
  /** Name of this node. */
  readonly node: string;
  /** After how long without a sign of life a line goes to another node, in milliseconds. */
  readonly leaseMs: number;
  readonly onError: (error: unknown) => void;
}

interface Work {
  readonly item: string;
  readonly channelId: string;
}

type Deliver = Parameters<Lines['start']>[0];

export function createRedisLines({ link, node, leaseMs, onError }: RedisLinesOptions): RedisLines {
  const stream = `${link.prefix}work`;
  /** By token: the lines of this node. */
  const mine = new Map<string, Work>();
  const working = new Set<Promise<void>>();
  /** Lines that waited at the last look of `remind`, with what they had. */
  let idle = new Map<string, string>();
  let takes = 0;
  let deliver: Deliver | undefined;
  let isStopped = false;
  let reader: RedisClient | undefined;

  const work = async ({ item, channelId }: Work): Promise<void> => {
    if (deliver === undefined || isStopped) return;
    takes += 1;
    const token = `${node}-${takes}`;
    if (Number(await link.call('takeLine', [channelId, token, item, String(leaseMs)])) === 0) return;
    mine.set(token, { item, channelId });
    try {
      for (;;) {
        const end = await deliver(channelId);
        if (end === 'stopped') {
          await link.call('giveLineBack', [channelId, token, item]);
          return;
        }
        if (Number(await link.call('leaveLine', [channelId, token, item])) === 0) return;
      }
    } finally {
      // After an error the line is renewed no more, and the item goes to whoever looks for such ones first.
      mine.delete(token);
    }
  };

  const takeUp = (entries: readonly Work[]): void => {
    for (const entry of entries) {
      const promise: Promise<void> = work(entry)
        .catch(onError)
        .finally(() => working.delete(promise));
      working.add(promise);
    }
  };

  const read = async (): Promise<void> => {
    while (!isStopped) {
      try {
        reader ??= await link.another(blockMs);
        const from = ['GROUP', group, node, 'COUNT', String(itemsAtOnce), 'BLOCK', String(blockMs)];
        takeUp(entriesOf(firstStream(await reader.sendCommand(['XREADGROUP', ...from, 'STREAMS', stream, '>']))));
      } catch (error) {
        if (isStopped) return;
        onError(asAway(error));
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        await ensureGroup().catch(onError);
      }
    }
  };

  const ensureGroup = async (): Promise<void> => {
    try {
      await link.client.sendCommand(['XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM']);
    } catch (error) {
      if (!(error instanceof ErrorReply) || !error.message.startsWith('BUSYGROUP')) throw asAway(error);
    }
  };

  return {
    start: (given) => {
      deliver = given;
      ensureGroup().then(read, onError).catch(onError);
    },
    stop: async () => {
      isStopped = true;
      reader?.destroy();
      await Promise.all(working);
      if (deliver !== undefined) {
        await dropIdleConsumers(link, stream, node).catch((error: unknown) => onError(asAway(error)));
      }
    },
    renew: async () => {
      if (mine.size === 0) return;
      const all = [...mine].flatMap(([token, { channelId, item }]) => [channelId, token, item]);
      await link.call('keepLines', [node, String(leaseMs), ...all]);
    },
    takeOver: async () => {
      if (deliver === undefined || isStopped) return;
      const from = [stream, group, node, String(leaseMs), '0-0', 'COUNT', String(itemsAtOnce)];
      const answer = (await link.send(['XAUTOCLAIM', ...from])) as readonly unknown[];
      takeUp(entriesOf(answer[1]));
    },
    remind: async () => {
      if (deliver === undefined || isStopped) return;
      const before = idle;
      idle = new Map();
      let cursor = '0';
      do {
        const answer = await link.call('idleLines', [cursor, String(remindAtOnce)]);
        const [next, ...found] = answer as [string, ...string[]];
        cursor = next;
        for (let at = 0; at < found.length; at += 2) idle.set(found[at] ?? '', found[at + 1] ?? '');
      } while (cursor !== '0' && !isStopped);
      const forgotten = [...idle].filter(([channelId, tail]) => before.get(channelId) === tail);
      for (const [channelId] of forgotten) await link.call('remindLine', [channelId]);
    },
    close: () => reader?.destroy(),
  };
}

/** What Redis did not say itself is about the connection. */
const asAway = (error: unknown): unknown => (error instanceof ErrorReply ? error : new StoreAwayError(error));

/** This node, which ends, and nodes that are long gone. One that has items that are not acknowledged stays. */
async function dropIdleConsumers(link: RedisLink, stream: string, node: string): Promise<void> {
  for (const { name, pending, inactive } of await link.client.xInfoConsumers(stream, group)) {
    const isGone = String(name) === node || inactive > goneMs;
    if (isGone && pending === 0) await link.client.xGroupDelConsumer(stream, group, String(name));
  }
}

/** The entries of the one stream of an answer to XREADGROUP: a map in RESP3, pairs in RESP2. */
function firstStream(answer: unknown): unknown {
  if (answer === null || answer === undefined) return [];
  if (answer instanceof Map) return [...answer.values()][0];
  if (Array.isArray(answer)) return (answer as [unknown, unknown][])[0]?.[1];
  return Object.values(answer as object)[0];
}

function entriesOf(entries: unknown): Work[] {
  return ((entries ?? []) as [unknown, unknown[] | null][]).flatMap(([item, fields]) =>
    fields === null ? [] : [{ item: String(item), channelId: String(fields[1]) }],
  );
}
