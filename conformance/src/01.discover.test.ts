/** Step 1: the service application asks where things are. */
import { expect, test } from 'vitest';
import { expectJson, expectRefusal } from './expectations.ts';
import { hrefOf } from './hal.ts';
import { expectLikeSample } from './sampleCheck.ts';
import { target } from './target.ts';
import { useStory } from './useStory.ts';
import { send } from './wire.ts';

const story = useStory();

test('discover answers a stranger with the address of the applications', async ({ annotate }) => {
  const { answer, applicationsHref } = await story().discover();
  expectJson(answer, 200);
  // A stranger's application is not known, so neither is its prefix.
  expect(answer.resource.rel).toMatch(/:discover$/);
  expect(applicationsHref).toMatch(/^https?:\/\/[^/]+\/.*applications$/);
  expect(hrefOf(answer.resource, 'self')).toMatch(/discover/i);
  expect(hrefOf(answer.resource, 'myApplications')).toMatch(/^https?:/);
  await expectLikeSample(answer.resource, 'Discover', annotate);
});

test('anonApplications is not there without a visitor context', async () => {
  const { answer } = await story().discover();
  expect(answer.resource._links?.anonApplications).toBeUndefined();
});

test('a token that is present has to be valid', async () => {
  const url = `${target().baseUrl}/platformservice/discover`;
  expect((await send('GET', url, { token: story().service.token ?? '' })).status).toBe(200);
  expect((await send('GET', url, { token: 'nonsense' })).status).toBe(401);
});

test('path and query names are matched without regard to case', async () => {
  const answer = await send('GET', `${target().baseUrl}/platformService/Discover?deploymentpreference=Weekly`);
  expectJson(answer, 200);
  expect(answer.resource.rel).toMatch(/:discover$/);
});

test('a made-up visitor context is refused', async () => {
  const url = `${target().baseUrl}/platformservice/discover`;
  expect((await send('GET', `${url}?anonymousContext=psat%253dabc.def.ghi`)).status).toBe(401);
  expect((await send('GET', `${url}?anonymousContext=abc`)).status).toBe(401);
});

test('another verb is refused with Allow', async () => {
  const answer = await send('DELETE', `${target().baseUrl}/platformservice/discover`);
  expectRefusal(answer, 405, 'MethodNotAllowed');
  expect(answer.headers.allow).toMatch(/\bGET\b/);
});
