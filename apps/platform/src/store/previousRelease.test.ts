/** Today's code on what release 45d7d36 left behind when it was killed in the middle of a bridged call. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventBatch } from '@repo/ucwa-protocol/events';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp } from '../app.ts';
import { incomingTexts } from '../testing/bridgedCall.ts';
import { createManualClock, type ManualClock } from '../testing/manualClock.ts';
import { openLmdbStore } from './lmdb.ts';
import type { Store } from './store.ts';
import { type PreviousStory, unpackPreviousRelease } from './testing/previousRelease.ts';

/** For `expect.poll`: the machine may be busy. */
const patient = { timeout: 5_000 };

const folder = mkdtempSync(join(tmpdir(), 'bridgedesk-previous-'));
/** Bodies of the callbacks since the start. */
const callbacks: string[] = [];
let story: PreviousStory;
let store: Store;
let clock: ManualClock;
let app: FastifyInstance;

beforeAll(async () => {
  story = unpackPreviousRelease(folder);
  clock = createManualClock(story.at + 1_000);
  store = openLmdbStore(join(folder, 'store'));
  app = await buildApp({
    store,
    clock,
    publicUrl: story.publicUrl,
    secretsFolder: folder,
    operatorToken: story.operatorToken,
    post: async (_url, { body }) => {
      callbacks.push(body);
      return { status: 200, text: async () => '' };
    },
  });
  await app.ready();
});
afterAll(async () => {
  await app.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

const get = (href: string, token: string) =>
  app.inject({ method: 'GET', url: href, headers: { authorization: `Bearer ${token}` } });
const say = (href: string, token: string, text: string) =>
  app.inject({
    method: 'POST',
    url: href,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/plain' },
    payload: text,
  });
async function read(href: string, token: string): Promise<{ texts: string[]; next: string }> {
  const { _links: links, sender = [] } = (await get(href, token)).json<EventBatch>();
  return { texts: incomingTexts(sender.flatMap(({ events }) => events)), next: links.next?.href ?? '' };
}

test('the batch that was not acknowledged comes again to the byte, and then what had piled up', async () => {
  const replay = await get(story.replay.href, story.visitorToken);
  expect(replay.body).toBe(story.replay.text);
  const { next } = await read(story.replay.href, story.visitorToken);
  expect(await read(next, story.visitorToken)).toMatchObject({ texts: ['Tomorrow at noon'] });
});

test('the callback that nobody had answered is delivered', async () => {
  await expect.poll(() => callbacks.join('\n'), patient).toContain('Tomorrow+at+noon');
  await expect.poll(() => callbacks.join('\n'), patient).toContain('Thank+you');
});

test('a repeated operation gets its first answer', async () => {
  const { href, text, location } = story.repeated;
  const again = await say(href, story.agentToken, text);
  expect(again.statusCode).toBe(201);
  expect(again.headers.location).toBe(location);
});

test('messages go on in both directions', async () => {
  const ownNews = await read(story.agentEventsHref, story.agentToken);
  expect(ownNews.texts).toContain('Thank you');
  expect((await say(story.visitorSendHref, story.visitorToken, 'Still there?')).statusCode).toBe(201);
  expect((await read(ownNews.next, story.agentToken)).texts).toEqual(['Still there?']);
  expect((await say(story.agentSendHref, story.agentToken, 'Of course')).statusCode).toBe(201);
  await expect.poll(() => callbacks.join('\n'), patient).toContain('Of+course');
});

test('the SA finds its conversations, and the set-up is there', async () => {
  for (const href of [story.c1Href, story.c2Href]) expect((await get(href, story.serviceToken)).statusCode).toBe(200);
  for (const path of ['', '/applications/desk', '/people/sip:ann@contoso.com', '/endpoints/sip:helpdesk@contoso.com'])
    expect((await get(`/management/tenants/contoso.com${path}`, story.operatorToken)).statusCode).toBe(200);
});
