/** What the anonymous chat client of the Web SDK sends and expects (client-expectations 3). */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { expectCors, expectJson } from './expectations.ts';
import { dataText, embeddedOf, hasLink, hrefOf, linkOf, s, wireMs } from './hal.ts';
import { batchOf, eventsOf, signInVisitor, startMessaging, visitorToken } from './people.ts';
import { must, pageOrigin } from './story.ts';
import { useStory } from './useStory.ts';
import { send } from './wire.ts';

const story = useStory();
const headers = { Origin: pageOrigin };
const askedHeaders =
  'authorization, content-type, client-request-id, x-ms-namespace, x-ms-sdk-instance, x-ms-correlation-id';

test('W1 discover with the context as given, escaped once, and not at all; with and without Authorization', async () => {
  const { token, discoverHref } = await visitorToken(story());
  const base = discoverHref.split('?')[0] ?? '';
  const jwt = token.slice('psat='.length);
  for (const context of [`psat%253d${jwt}`, `psat%253D${jwt}`, `psat%3d${jwt}`, `psat=${jwt}`]) {
    for (const more of [{}, { token }]) {
      const answer = await send('GET', `${base}?anonymousContext=${context}`, { headers, ...more });
      expectJson(answer, 200);
      expect(hasLink(answer.resource, 'anonApplications'), context).toBe(true);
    }
  }
  const wrong = await send('GET', `${base}?anonymousContext=psat=${jwt.slice(0, -4)}AAAA`, { headers });
  expect(wrong.status).toBe(401);
});

test('W2 preflights of discover and of the UCWA host, with the custom headers', async () => {
  const { discoverHref } = await visitorToken(story());
  const visitor = await signInVisitor(story());
  const { anonApplicationsUrl } = await story().widgetDiscover();
  const self = visitor.caller.resolve(hrefOf(visitor.application, 'self'));
  for (const [url, method] of [
    [discoverHref, 'GET'],
    [anonApplicationsUrl, 'POST'],
    [self, 'DELETE'],
    [`${self}/communication`, 'PUT'],
  ] as const) {
    const asked = { 'Access-Control-Request-Method': method, 'Access-Control-Request-Headers': askedHeaders };
    const answer = await send('OPTIONS', url, { headers: { ...headers, ...asked } });
    expect([200, 204]).toContain(answer.status);
    expect(answer.headers['access-control-allow-origin']).toBe(pageOrigin);
    expect(answer.headers['access-control-allow-methods']).toContain(method);
    const allowed = (answer.headers['access-control-allow-headers'] ?? '').toLowerCase().split(/, ?/);
    for (const name of askedHeaders.split(', ')) expect(allowed).toContain(name);
    expect(Number(answer.headers['access-control-max-age'])).toBeGreaterThan(0);
  }
  // The application in the path knows its origins.
  const foreign = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'GET' };
  expect((await send('OPTIONS', self, { headers: foreign })).headers['access-control-allow-origin']).toBeUndefined();
});

test('W2 every answer to an allowed origin can be read by its page, errors too', async () => {
  const visitor = await signInVisitor(story());
  const self = hrefOf(visitor.application, 'self');
  const { token, ...anonymous } = { token: String(visitor.caller.token), headers };
  for (const [method, href, status] of [
    ['GET', self, 200],
    ['GET', `${self}/communication/conversations/none`, 404],
    ['GET', `${self}/nothing/there`, 404],
    ['DELETE', `${self}/me`, 405],
    ['PUT', `${self}/communication`, 428],
    ['POST', `${self}/me/makeMeAvailable`, 403],
    ['POST', `${self}/communication/messagingInvitations`, 400],
  ] as const) {
    const answer = await visitor.caller.send(method, href, { json: {} });
    expect(answer.status, `${method} ${href}`).toBe(status);
    expectCors(answer, pageOrigin);
  }
  const challenged = await send('GET', visitor.caller.resolve(self), anonymous);
  expect(challenged.status).toBe(401);
  expectCors(challenged, pageOrigin);
  expect(token).toMatch(/^psat=/);
});

test('W3 paths and query names in mixed case', async () => {
  const { token, discoverHref } = await visitorToken(story());
  const mixed = discoverHref
    .replace('/platformservice/', '/platformService/')
    .replace('anonymousContext', 'AnonymousContext');
  const answer = must(await send('GET', mixed, { headers }), 200);
  const applications = hrefOf(answer.resource, 'anonApplications').replace('/ucwa/psanon/v1/', '/UCWA/psAnon/V1/');
  const json = { anonymousDisplayName: 'Vera', userAgent: 'x', culture: 'en-us' };
  must(await send('POST', new URL(applications, discoverHref).href, { token, headers, json }), 201);
});

test('W4 W5 members in PascalCase, no charset; endpointId is the session of the token', async () => {
  const given = await visitorToken(story());
  const json = { AnonymousDisplayName: 'Vera', UserAgent: 'WebSDK', Culture: 'de-DE' };
  const { created } = await signInVisitor(story(), given, json);
  expectJson(created, 201);
  expect(created.resource).toMatchObject({ userAgent: 'WebSDK', culture: 'de-DE', endpointId: given.sessionId });
  expect(embeddedOf(created.resource, 'me').name).toBe('Vera');
});

test('W6 the events href is opaque: whatever it begins with, it and its successors lead on', async () => {
  const visitor = await signInVisitor(story());
  expect(visitor.eventsUrl).toMatch(/[?&]ack=\d+/);
  await startMessaging(visitor, story().site.endpointUri);
  const first = await visitor.caller.send('GET', visitor.eventsUrl);
  await startMessaging(visitor, story().site.endpointUri);
  const second = await visitor.caller.send('GET', batchOf(first)._links?.next?.href ?? '');
  expect(eventsOf(batchOf(second))).toContain('messagingInvitation started');
});

test('W7 startMessaging: revision 2, a threadId with / and =, an empty subject, a sessionContext', async () => {
  const visitor = await signInVisitor(story());
  const communication = embeddedOf(visitor.application, 'communication');
  expect(linkOf(communication, 'startMessaging').revision).toBe('2');
  const threadId = 'AdLx/4mQ2b+NhZ0tTAqHbb5kCQ1VxA==';
  const json = { importance: 'Normal', sessionContext: randomUUID(), subject: '', telemetryId: null, threadId };
  const invitation = await visitor.caller.read(await startMessaging(visitor, story().site.endpointUri, json));
  expect(invitation).toMatchObject({ direction: 'Outgoing', importance: 'Normal', threadId });
  const { log } = story().receiver;
  await log.wait({
    rel: s('messagingInvitation'),
    type: 'started',
    where: ({ resource }) => resource.threadId === threadId,
  });
});

test('W8 customContent in multipart/related, its part only `foo/foo`', async () => {
  const visitor = await signInVisitor(story());
  const href = hrefOf(embeddedOf(visitor.application, 'communication'), 'startMessaging');
  const threadId = randomUUID();
  const json = {
    operationId: randomUUID(),
    threadId,
    to: story().site.endpointUri,
    _links: { customContent: { href: 'cid:2' } },
  };
  const text = [
    '--b1',
    'Content-Type: application/json; charset=utf-8',
    '',
    JSON.stringify(json),
    '--b1',
    'Content-Type: foo/foo',
    'Content-ID: <2>',
    '',
    'page=/cart & more',
    '--b1--',
    '',
  ].join('\r\n');
  const contentType = 'multipart/related;boundary="b1";type="application/json"';
  must(await visitor.caller.send('POST', href, { text, contentType }), 201);
  const started = await story().receiver.log.wait({
    rel: s('messagingInvitation'),
    type: 'started',
    where: ({ resource }) => resource.threadId === threadId,
  });
  const data = hrefOf(started.resource, 'customContent');
  expect(data).toMatch(/^data:foo\/foo/);
  expect(dataText(data)).toBe('page=/cart & more');
});

test('W9 JSON strings with \\u0026, dates as /Date(ms)/', async () => {
  const given = await visitorToken(story());
  const { anonApplicationsUrl } = await story().widgetDiscover();
  const text = '{"AnonymousDisplayName":"Vera \\u0026 Co","UserAgent":"x\\/1","Culture":"en-us"}';
  const contentType = 'application/json';
  const created = must(
    await send('POST', anonApplicationsUrl, { token: given.token, headers, text, contentType }),
    201,
  );
  expect(embeddedOf(created.resource, 'me').name).toBe('Vera & Co');
  expect(wireMs(created.resource.expires)).toBeGreaterThan(Date.now());
});

test('W10 the application: expires, me and communication, no people', async () => {
  const { application } = await signInVisitor(story());
  expect(Object.keys(application._embedded ?? {}).sort()).toEqual(['communication', 'me']);
  expect(application.expires).toBeDefined();
  expect(hrefOf(embeddedOf(application, 'communication'), 'conversations')).toContain('filter=active');
});
