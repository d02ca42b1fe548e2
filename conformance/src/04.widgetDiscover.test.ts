/** Step 4: the visitor's page discovers with the address it was given. */
import { expect, test } from 'vitest';
import { expectCors, expectIdHeaders, expectJson } from './expectations.ts';
import { hrefOf, s } from './hal.ts';
import { pageOrigin } from './story.ts';
import { useStory } from './useStory.ts';
import { send } from './wire.ts';

const story = useStory();

test('discover names the anonymous applications and lets the page read the answer', async () => {
  const { answer, anonApplicationsUrl } = await story().widgetDiscover();
  expectJson(answer, 200);
  expectCors(answer, pageOrigin);
  expect(answer.resource.rel).toBe(s('discover'));
  expect(anonApplicationsUrl).toMatch(/\/ucwa\/psanon\/v1\/applications$/);
  expect(hrefOf(answer.resource, 'self')).toMatch(/discover/i);
});

test('the context is understood escaped twice, once and not at all, with the token in a header or without', async () => {
  const { discoverHref, token } = await story().anonToken();
  const jwt = token.slice('psat='.length);
  const [address] = discoverHref.split('?');
  for (const context of [`psat%253d${jwt}`, `psat%253D${jwt}`, `psat%3d${jwt}`, `psat=${jwt}`])
    for (const credentials of [{}, { token }]) {
      const options = { ...credentials, headers: { Origin: pageOrigin } };
      const answer = await send('GET', `${address}?anonymousContext=${context}`, options);
      expect(answer.status, context).toBe(200);
      expect(hrefOf(answer.resource, 'anonApplications')).toMatch(/psanon/);
    }
});

test('a preflight is answered without credentials', async () => {
  const { discoverHref } = await story().anonToken();
  const headers = {
    Origin: pageOrigin,
    'Access-Control-Request-Method': 'GET',
    'Access-Control-Request-Headers': 'authorization, x-ms-sdk-instance, client-request-id',
  };
  const answer = await send('OPTIONS', discoverHref, { headers });
  expect([200, 204]).toContain(answer.status);
  expectIdHeaders(answer);
  expect(answer.headers['access-control-allow-origin']).toBe(pageOrigin);
  expect(answer.headers['access-control-allow-methods']).toMatch(/GET, ?POST, ?PUT, ?DELETE, ?OPTIONS/);
  const allowed = (answer.headers['access-control-allow-headers'] ?? '').toLowerCase();
  for (const name of ['authorization', 'content-type', 'client-request-id', 'x-ms-sdk-instance', 'if-match'])
    expect(allowed).toContain(name);
});

test('without an Origin header nothing is compared', async () => {
  const { discoverHref } = await story().anonToken();
  expect((await send('GET', discoverHref)).status).toBe(200);
});

test('scheme, host and port all count; the default port does not', async () => {
  const { discoverHref } = await story().anonToken();
  const status = async (Origin: string): Promise<number> =>
    (await send('GET', discoverHref, { headers: { Origin } })).status;
  expect(await status('http://other.example:8080')).toBe(200);
  expect(await status('http://other.example')).toBe(403);
  expect(await status('http://www.contoso.example')).toBe(403);
  expect(await status('https://contoso.example')).toBe(403);
  expect(await status('null')).toBe(403);
});
