/** Step 5: the visitor's application and its event channel. */
import { expect, test } from 'vitest';
import { expectCors, expectEmpty, expectIdHeaders, expectJson } from './expectations.ts';
import { embeddedOf, hasLink, hrefOf, wireMs } from './hal.ts';
import { pageOrigin, visitorName } from './story.ts';
import { useStory } from './useStory.ts';
import { send } from './wire.ts';

const story = useStory();

test('the application is created with me, communication and events', async () => {
  const { created } = await story().session();
  const { answer: tokenAnswer, sessionId } = await story().anonToken();
  expectJson(created, 201);
  expectCors(created, pageOrigin);
  const { resource } = created;
  expect(resource).toMatchObject({ rel: 'application', culture: 'en-us', userAgent: 'conformance/1.0' });
  expect(resource.endpointId).toBe(sessionId);
  expect(resource.id).toMatch(/^\d+$/);
  expect(wireMs(resource.expires)).toBe(wireMs(tokenAnswer.resource.expiryTime));
  expect(String(created.headers.etag).replaceAll('"', '')).toBe(resource.etag);
  for (const rel of ['self', 'policies', 'batch', 'events']) expect(hasLink(resource, rel), rel).toBe(true);
  expect(created.headers.location ?? hrefOf(resource, 'self')).toContain(hrefOf(resource, 'self'));
  expect(hrefOf(resource, 'events')).toMatch(/\?/);
});

test('me shows the name and an address that gives nothing away', async () => {
  const me = embeddedOf((await story().session()).created.resource, 'me');
  expect(me.rel).toBe('me');
  expect(me.name).toBe(visitorName);
  expect(me.uri).toMatch(/^sip:\d+@anonymous\.invalid$/);
  expect(Object.keys(me._links ?? {})).toEqual(['self']);
});

test('communication lets this visitor call, and nothing more', async () => {
  const { created } = await story().session();
  const communication = embeddedOf(created.resource, 'communication');
  expect(communication.rel).toBe('communication');
  expect(communication.supportedMessageFormats).toContain('Plain');
  expect(hrefOf(communication, 'conversations')).toContain('filter=active');
  expect(communication._links?.startMessaging).toMatchObject({ revision: '2' });
  for (const rel of ['joinOnlineMeeting', 'startOnlineMeeting']) expect(hasLink(communication, rel), rel).toBe(false);
  expect(Object.values(communication)).toContain('please pass this in a PUT request');
  expect(created.resource._embedded?.people).toBeUndefined();
});

test('the application can be read again, with or without its version', async () => {
  const { created, visitor } = await story().session();
  const self = hrefOf(created.resource, 'self');
  const answer = await visitor.send('GET', self);
  expectJson(answer, 200);
  expect(hrefOf(answer.resource, 'self')).toBe(self);
  const etag = String(answer.resource.etag);
  for (const version of [etag, `"${etag}"`]) {
    const same = await visitor.send('GET', self, { headers: { 'If-None-Match': version } });
    expect(same.status).toBe(304);
    expect(same.text).toBe('');
  }
});

test('the same visitor posting again finds the living application', async () => {
  const { created, visitor } = await story().session();
  const { anonApplicationsUrl } = await story().widgetDiscover();
  const json = { anonymousDisplayName: visitorName, userAgent: 'conformance/1.0', culture: 'en-us' };
  const again = await visitor.send('POST', anonApplicationsUrl, { json });
  expect([200, 201]).toContain(again.status);
  expect(hrefOf(again.resource, 'self')).toBe(hrefOf(created.resource, 'self'));
});

test('the active conversations of a new visitor are none', async () => {
  const { created, visitor } = await story().session();
  const answer = await visitor.send('GET', hrefOf(embeddedOf(created.resource, 'communication'), 'conversations'));
  expectJson(answer, 200);
  expect(answer.resource._links?.conversation ?? []).toEqual([]);
});

test('without a token there is a challenge', async () => {
  const { created, visitor } = await story().session();
  const answer = await send('GET', visitor.resolve(hrefOf(created.resource, 'self')), {
    headers: { Origin: pageOrigin },
  });
  expect(answer.status).toBe(401);
  expectIdHeaders(answer);
  expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  expectCors(answer, pageOrigin);
});

test('deleting the application signs the visitor out', async () => {
  const { application } = await story().capabilities();
  const href = hrefOf(
    application.resource,
    Object.keys(application.resource._links ?? {}).find((rel) => rel.endsWith('anonApplicationTokens')) ?? '',
  );
  const tokenJson = { applicationSessionId: `${story().operation('other')}`, allowedOrigins: pageOrigin };
  const token = String((await story().service.send('POST', href, { json: tokenJson })).resource.token);
  const { anonApplicationsUrl } = await story().widgetDiscover();
  const json = { anonymousDisplayName: 'Short', userAgent: 'conformance/1.0', culture: 'en-us' };
  const headers = { Origin: pageOrigin };
  const created = await send('POST', anonApplicationsUrl, { token, json, headers });
  const self = new URL(hrefOf(created.resource, 'self'), anonApplicationsUrl).href;
  expectEmpty(await send('DELETE', self, { token, headers }), 204);
  expect([404, 410]).toContain((await send('GET', self, { token, headers })).status);
});

test('old clients look for Content-Type in exactly this case', async () => {
  const { created } = await story().session();
  const names = created.rawHeaders.filter((_, index) => index % 2 === 0);
  expect(names.filter((name) => name.toLowerCase() === 'content-type')).toEqual(['Content-Type']);
});
