/** Step 12: the welcome text, sent on the visitor's leg, and its completed callback. */
import { expect, test } from 'vitest';
import { expectCreated, expectJson } from './expectations.ts';
import { dataText, hrefOf, s } from './hal.ts';
import { expectEventLikeSample } from './sampleCheck.ts';
import { concerns } from './story.ts';
import { useStory } from './useStory.ts';

const story = useStory();

test('201 with Location first, then message completed under the same address', async ({ annotate }) => {
  const { answer, completed, operationId } = await story().welcome();
  const { c1Href } = await story().callback();
  const location = expectCreated(answer);
  expect(completed.at).toBeGreaterThan(answer.at);
  expect(completed.sender).toEqual({ rel: s('conversation'), href: c1Href });
  expect(completed.event.status).toBe('Success');
  expect(completed.resource).toMatchObject({ rel: s('message'), direction: 'Outgoing', operationId });
  expect(new URL(completed.event.link.href, completed.batch.baseuri).href).toBe(location);
  await expectEventLikeSample(completed, 'Event_MessageCompleted', annotate);
});

test('messages are numbered from 2: the invitation itself counts', async () => {
  const { answer } = await story().welcome();
  expect(new URL(String(answer.headers.location), answer.url).pathname).toMatch(/\/messaging\/messages\/2$/);
});

test('the message can be read', async () => {
  const { answer } = await story().welcome();
  const read = await story().service.send('GET', String(answer.headers.location));
  expectJson(read, 200);
  expect(read.resource).toMatchObject({ rel: s('message'), direction: 'Outgoing' });
});

test('it does not go into the meeting', async () => {
  await story().welcome();
  await story().agentJoins();
  await story().say('visitor', 'fence');
  const { c2Href } = await story().startAdhocMeeting();
  const { log } = story().receiver;
  await log.wait({ rel: s('message'), type: 'completed', where: (o) => concerns(o, c2Href) });
  const inMeeting = log.all({ rel: s('message'), type: 'completed', where: (o) => concerns(o, c2Href) });
  expect(inMeeting.map(({ resource }) => dataText(hrefOf(resource, 'plainMessage')))).toEqual(['fence']);
});
