/**
 * Three processes on one Redis behind a load balancer that sends every request to another one. Whole calls are set up and talked
 * through while nodes are killed and started again, and Redis too. Everybody entitled gets every accepted message once and in order.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventBatch, WireEvent } from '@repo/ucwa-protocol/events';
import { wordOf } from '@repo/ucwa-protocol/rels';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BridgedCall, bridgeCall, incomingTexts, type Speaker, setUpTenant } from '../testing/bridgedCall.ts';
import { type CallbackReceiver, startCallbackReceiver } from '../testing/callbackReceiver.ts';
import { linkOf, resourceOf } from '../testing/httpActor.ts';
import { createPatientFetch } from '../testing/patientFetch.ts';
import { type PlatformProcess, startPlatformProcess } from '../testing/platformProcess.ts';
import { type RedisServer, startRedisServer } from '../testing/redisServer.ts';
import { type RoundRobinProxy, startRoundRobinProxy } from '../testing/roundRobinProxy.ts';

const operatorToken = 'operator-token-of-the-three-nodes';
/** NODES_SEED repeats a run, NODES_MINUTES makes it longer. */
const seed = Number(process.env.NODES_SEED ?? Date.now() % 1_000_000);
const talkMs = Number(process.env.NODES_MINUTES ?? 0) * 60_000 || 12_000;
const calls = 3;

const package_ = join(import.meta.dirname, '../..');
const built = join(package_, `node_modules/.cache/threeNodes-${process.pid}`);
const folder = mkdtempSync(join(tmpdir(), 'bridgedesk-nodes-'));
const fetchOnce = globalThis.fetch;
const patient = createPatientFetch(fetchOnce);
let redis: RedisServer;
let proxy: RoundRobinProxy;
let receiver: CallbackReceiver;
const nodes: PlatformProcess[] = [];

const startNode = (at: number, port: string): Promise<PlatformProcess> =>
  startPlatformProcess(join(built, 'server.mjs'), {
    REDIS_URL: redis.url,
    PLATFORM_URL: proxy.origin,
    PLATFORM_PORT: port,
    DATA_DIR: join(folder, String(at)),
    OPERATOR_TOKEN: operatorToken,
    NODE_LEASE_MS: '1500',
    LOG_LEVEL: 'info',
  });

beforeAll(async () => {
  globalThis.fetch = patient;
  execFileSync(process.execPath, ['build.mjs', built], { cwd: package_ });
  redis = await startRedisServer();
  proxy = await startRoundRobinProxy(() => nodes.map((node) => node.origin));
  // It takes its time, so that batches wait and nodes die between them.
  receiver = await startCallbackReceiver(
    () => undefined,
    () => pause(150),
    20_000,
  );
  nodes.push(...(await Promise.all([0, 1, 2].map((at) => startNode(at, '0')))));
}, 60_000);

afterAll(async () => {
  globalThis.fetch = fetchOnce;
  await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
  await proxy.close();
  await receiver.close();
  await redis.stop();
  rmSync(built, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

/** Repeatable chance (mulberry32). */
function createChance(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test(`calls survive nodes and Redis that are killed (seed ${seed})`, async () => {
  const chance = createChance(seed);
  await setUpTenant(proxy.origin, operatorToken, receiver);
  let isOver = false;
  const kills = { nodes: 0, redis: 0 };
  const killing = (async () => {
    for (let round = 1; !isOver; round += 1) {
      await pause(400 + chance() * 1_200);
      if (round % 4 === 0) {
        await redis.kill();
        await pause(chance() * 300);
        await redis.restart();
        kills.redis += 1;
        continue;
      }
      const at = Math.floor(chance() * nodes.length);
      const { port } = new URL(nodes[at]?.origin ?? '');
      // Now and then one is replaced in peace.
      await nodes[at]?.stop(chance() < 0.8 ? 'SIGKILL' : 'SIGTERM');
      await pause(chance() * 300);
      nodes[at] = await startNode(at, port);
      kills.nodes += 1;
    }
    // And the whole platform at once, in the middle of what was said last.
    const ports = nodes.map(({ origin }) => new URL(origin).port);
    await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
    nodes.splice(0, nodes.length, ...(await Promise.all(ports.map((port, at) => startNode(at, port)))));
  })();

  const talks: Promise<string[]>[] = [];
  try {
    // One after another, because the same agent rings for all; those that are bridged talk meanwhile.
    for (let at = 0; at < calls; at += 1) {
      const call = await bridgeCall(proxy.origin, receiver, `visit${at}`);
      talks.push(talk(call, at, createChance(seed + at), () => isOver));
    }
    await Promise.race([pause(talkMs), ...talks]);
    isOver = true;
    await Promise.all(talks);
  } finally {
    isOver = true;
    await killing;
  }
  const messages = (await Promise.all(talks)).flat();
  expect(kills.nodes).toBeGreaterThan(2);
  expect(kills.redis).toBeGreaterThan(0);
  expect(proxy.counts.length).toBe(3);
  process.stdout.write(
    `seed ${seed}: ${kills.nodes} nodes and ${kills.redis} times Redis killed, ${messages.length} messages, ` +
      `${patient.repeats()} requests repeated\n`,
  );
}, 600_000);

/** Both speak until it is over; then everything said has to be everywhere it belongs. */
async function talk(call: BridgedCall, at: number, chance: () => number, isOver: () => boolean): Promise<string[]> {
  const said = { visitor: [] as string[], agent: [] as string[] };
  const speak = async (who: 'visitor' | 'agent') => {
    const { actor, sendHref } = call[who];
    for (let n = 1; n <= 10 || !isOver(); n += 1) {
      const text = `${who} ${at} says ${n}`;
      const href = `${sendHref}${sendHref.includes('?') ? '&' : '?'}operationId=${who}-${at}-${n}`;
      const first = await actor.say(href, text);
      expect(first.status, text).toBe(201);
      said[who].push(text);
      if (n % 10 === 0) {
        const again = await actor.say(href, text);
        expect([again.status, again.headers.get('location')]).toEqual([201, first.headers.get('location')]);
        expect((await actor.say(href, `not ${text}`)).status).toBe(409);
      }
      await pause(chance() * 120);
    }
  };
  const hearing = { visitor: listen(call.visitor), agent: listen(call.agent) };
  await Promise.all([speak('visitor'), speak('agent')]);
  await expect.poll(() => hearing.visitor.heard(), { timeout: 30_000 }).toHaveLength(said.agent.length);
  await expect.poll(() => hearing.agent.heard(), { timeout: 30_000 }).toHaveLength(said.visitor.length);
  const all = said.visitor.length + said.agent.length;
  await expect.poll(() => toldTexts(call.c1Href).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(all);
  await expect.poll(() => toldTexts(call.c2Href).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(all);
  await end(call, hearing);
  expect(hearing.visitor.heard()).toEqual(said.agent);
  expect(hearing.agent.heard()).toEqual(said.visitor);
  for (const href of [call.c1Href, call.c2Href]) {
    const told = toldTexts(href);
    expect(told.filter((text) => text.startsWith('visitor'))).toEqual(said.visitor);
    expect(told.filter((text) => text.startsWith('agent'))).toEqual(said.agent);
  }
  return [...said.visitor, ...said.agent];
}

/** The SA ends both legs; everybody learns of it, and nobody hears anything after it. */
async function end({ sa, c1Href, c2Href }: BridgedCall, hearing: Record<'visitor' | 'agent', Hearing>): Promise<void> {
  const timeout = 30_000;
  const isDeleted = (event: WireEvent) => event.type === 'deleted' && wordOf(event.link.rel) === 'conversation';
  const toldEnds = () =>
    receiver
      .told()
      .filter(({ event }) => isDeleted(event))
      .map(({ event }) => event.link.href);
  for (const [href, who] of [
    [c1Href, 'visitor'],
    [c2Href, 'agent'],
  ] as const) {
    const conversation = (await sa.send('GET', href)).resource;
    if (who === 'agent') {
      const meeting = (await sa.send('GET', linkOf(conversation, 'onlineMeeting'))).resource;
      expect((await sa.send('POST', linkOf(meeting, 'terminateOnlineMeeting'))).status).toBe(204);
    }
    expect((await sa.send('DELETE', href)).status).toBe(204);
    await expect.poll(() => hearing[who].events.some(isDeleted), { timeout }).toBe(true);
    await expect.poll(toldEnds, { timeout }).toContain(href);
    hearing[who].stop();
  }
}

interface Hearing {
  readonly events: readonly WireEvent[];
  heard(): string[];
  stop(): void;
}

/** Reads a channel on and on; a GET that got no answer is repeated with the same ack. */
function listen({ actor, eventsHref }: Speaker): Hearing {
  const events: WireEvent[] = [];
  let isStopped = false;
  const reading = async () => {
    let href = eventsHref;
    while (!isStopped) {
      const { status, resource } = await actor.send('GET', href);
      if (status === 409) continue;
      if (isStopped) return;
      expect(status).toBe(200);
      const batch = resource as unknown as EventBatch;
      events.push(...(batch.sender ?? []).flatMap((block) => block.events));
      href = batch._links.next?.href ?? batch._links.resync?.href ?? href;
    }
  };
  const done = reading();
  done.catch(() => undefined);
  return {
    events,
    heard: () => incomingTexts(events),
    stop: () => {
      isStopped = true;
    },
  };
}

/** Texts of a conversation's messages in the callbacks, one batch of each ack; a batch that came twice came the same. */
function toldTexts(conversationHref: string): string[] {
  const batches = new Map<string, EventBatch>();
  for (const { batch } of receiver.callbacks) {
    const self = batch._links.self?.href ?? '';
    const earlier = batches.get(self);
    if (earlier !== undefined) expect(batch).toEqual(earlier);
    batches.set(self, batch);
  }
  const events = [...batches.values()]
    .flatMap((batch) => batch.sender ?? [])
    .filter(({ href }) => href === conversationHref)
    .flatMap((block) => block.events);
  return events.flatMap((event) => {
    if (wordOf(event.link.rel) !== 'message' || event.type !== 'completed') return [];
    const link = resourceOf(event)._links?.plainMessage as { href: string } | undefined;
    return link === undefined
      ? []
      : [decodeURIComponent(link.href.slice(link.href.indexOf(',') + 1).replaceAll('+', ' '))];
  });
}
