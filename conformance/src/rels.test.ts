/**
 * docs/rels.md against the running server: every link, embedded resource and event of a whole call stands on the page, and whatever
 * stands there was seen or says when it appears.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from './caller.ts';
import type { EventBatch, Occurrence } from './eventLog.ts';
import { embeddedOf, hasLink, hrefOf, s } from './hal.ts';
import { readRelsPage, repository } from './relsPage.ts';
import { faceOf, newSeenRels, noteBatch, noteResource } from './seenRels.ts';
import { must, Story } from './story.ts';
import { target } from './target.ts';
import { answerListeners } from './wire.ts';

const seen = newSeenRels();
const listen: Parameters<typeof answerListeners.add>[0] = ({ url, resource }) => {
  const face = faceOf(url);
  if (face === undefined) return;
  if (resource.rel !== undefined) noteResource(seen, face, resource);
  else if (resource._links !== undefined) noteBatch(seen, face, resource as unknown as EventBatch);
};

beforeAll(async () => {
  answerListeners.add(listen);
  const story = await Story.begin();
  try {
    await play(story);
  } finally {
    await story.close();
    answerListeners.delete(listen);
  }
  for (const batch of story.receiver.log.batches) noteBatch(seen, 'S', batch);
});
afterAll(() => answerListeners.delete(listen));

/** The whole call and a little more: a second agent, changes of mind, everything that can be set, and all that can be read. */
async function play(story: Story): Promise<void> {
  await story.agentJoins();
  await secondAgent(story);
  const visitor = await story.visitorMessaging();
  const agent = await story.agentMessaging();
  const { channel } = await story.agent();
  await story.say('visitor', 'Hello');
  await story.say('agent', 'Good day');
  for (const { caller, messaging } of [visitor, agent])
    must(await caller.send('POST', hrefOf(messaging, 'setIsTyping')), 204);
  await channel.log.wait({ rel: 'participant', type: 'added', in: 'typingParticipants' });
  await aboutOneself(story);
  await changesOfMind(story);
  await readAll(story);
  await story.terminate();
}

/** Somebody who is called in by the meeting's uri, and who talks with the first agent. */
async function secondAgent(story: Story): Promise<void> {
  const { uri, channel, caller } = await story.secondAgent();
  const { application } = await story.capabilities();
  const communication = embeddedOf(application.resource, s('communication'));
  const json = { operationId: 'second', to: uri, onlineMeetingUri: (await story.startAdhocMeeting()).meetingUri };
  must(await story.service.send('POST', hrefOf(communication, s('inviteUserToMeeting')), { json }), 201);
  const ringing = await channel.log.wait({ rel: 'onlineMeetingInvitation', type: 'started' });
  await story.join({ ...(await story.secondAgent()) }, ringing);
  const messaging = await caller.read(hrefOf(await caller.read(hrefOf(ringing.resource, 'conversation')), 'messaging'));
  const html = { text: '<b>among us</b>', contentType: 'text/html' };
  must(await caller.send('POST', hrefOf(messaging, 'sendMessage'), html), 201, 415);
  const first = await story.agent();
  const to = { operationId: 'peer', to: first.uri, message: 'data:text/plain,hello', subject: 'A word' };
  const own = embeddedOf((await story.secondAgent()).created.resource, 'communication');
  must(await caller.send('POST', hrefOf(own, 'startMessaging'), { json: to }), 201);
  const call = await first.channel.log.wait({ rel: 'messagingInvitation', type: 'started', where: isIncoming });
  must(await first.caller.send('POST', hrefOf(call.resource, 'accept')), 204);
  await channel.log.wait({
    rel: 'messagingInvitation',
    type: 'completed',
    where: ({ resource }) => resource.subject === 'A word',
  });
}

const isIncoming = ({ resource }: Occurrence): boolean => resource.direction === 'Incoming';

/** Presence, note, place and formats of an agent, as its channel tells them. */
async function aboutOneself(story: Story): Promise<void> {
  const { caller, channel, created } = await story.agent();
  const me = await caller.read(hrefOf(embeddedOf(created.resource, 'me'), 'self'));
  for (const [name, json] of [
    ['presence', { availability: 'Busy' }],
    ['note', { message: 'At lunch' }],
    ['location', { location: 'Home' }],
  ] as const) {
    must(await caller.send('POST', hrefOf(me, name), { json }), 204);
  }
  const communication = must(
    await caller.send('GET', hrefOf(embeddedOf(created.resource, 'communication'), 'self')),
    200,
  );
  const headers = { 'If-Match': String(communication.resource.etag) };
  const json = { ...communication.resource, supportedMessageFormats: ['Plain'] };
  must(await caller.send('PUT', hrefOf(communication.resource, 'self'), { json, headers }), 204);
  // These are in no hurry by themselves; a message takes them along.
  await story.say('visitor', 'Are you there?');
  for (const rel of ['presence', 'note', 'location', 'communication']) await channel.log.wait({ rel, type: 'updated' });
}

/** The SA renames the agent, blocks and forgets it; makes a meeting that nobody joins. */
async function changesOfMind(story: Story): Promise<void> {
  const { service } = story;
  const { added } = await story.bridgedParticipants();
  const json = { displayName: 'Somebody else', messageFilterState: 'Enabled' };
  must(await service.send('PUT', added.event.link.href, { json }), 204);
  await story.receiver.log.wait({ rel: s('bridgedParticipant'), type: 'updated' });
  await readAll(story);
  must(await service.send('DELETE', added.event.link.href), 204);
  await story.receiver.log.wait({ rel: s('bridgedParticipant'), type: 'deleted' });
  const { application } = await story.capabilities();
  const meetings = hrefOf(embeddedOf(application.resource, s('adhocMeetings')), 'self');
  must(await service.send('POST', meetings, { json: { subject: 'Later' } }), 201);
}

/** Reads every resource that anything has named so far, by whoever may read it. */
async function readAll(story: Story): Promise<void> {
  const [visitor, agent, second] = [(await story.session()).visitor, await story.agent(), await story.secondAgent()];
  const secondPath = new URL(hrefOf(second.created.resource, 'self'), target().baseUrl).pathname;
  const readerOf = (href: string): Caller => {
    if (href.includes('/psanon/')) return visitor;
    if (faceOf(href) !== 'U') return story.service;
    return href.includes(secondPath) ? second.caller : agent.caller;
  };
  const read = new Set<string>();
  for (let known = -1; known < seen.readable.size; ) {
    known = seen.readable.size;
    for (const batch of story.receiver.log.batches) noteBatch(seen, 'S', batch);
    for (const href of [...seen.readable].filter(
      (one) => !read.has(one) && !/\/events\?|discover\?|oauth2/.test(one),
    )) {
      read.add(href);
      await readerOf(href).send('GET', href);
    }
  }
  const people = embeddedOf(agent.created.resource, 'people');
  if (hasLink(people, 'search')) await agent.caller.send('GET', `${hrefOf(people, 'search')}?query=b`);
}

/** What the server says and the page does not, and what the page promises and the server has not said. */
function differences(said: ReadonlySet<string>, page: ReadonlyMap<string, boolean>) {
  const promised = [...page].filter(([, isAlways]) => isAlways).map(([name]) => name);
  return {
    notOnThePage: [...said].filter((name) => !page.has(name)).toSorted(),
    neverSeen: promised.filter((name) => !said.has(name)).toSorted(),
  };
}

test('the page is as its script writes it', () => {
  const script = path.join(repository, 'scripts/rels.mjs');
  const written = execFileSync(process.execPath, [script, '--print'], { encoding: 'utf8' });
  expect(readFileSync(path.join(repository, 'docs/rels.md'), 'utf8')).toBe(written);
});

test('every link and every embedded resource is on the page with its resource, and was seen there', () => {
  const { parts } = readRelsPage();
  expect(parts.size).toBeGreaterThan(150);
  expect(differences(seen.parts, parts)).toEqual({ notOnThePage: [], neverSeen: [] });
});

test('every event is on the page with its sender, and was seen', () => {
  const { events } = readRelsPage();
  expect(events.size).toBeGreaterThan(40);
  expect(differences(seen.events, events)).toEqual({ notOnThePage: [], neverSeen: [] });
});
