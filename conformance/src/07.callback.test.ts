/** Step 7: the server calls the service application back. */
import { expect, test } from 'vitest';
import { ackOf, keyOf } from './callbackReceiver.ts';
import { expectJson } from './expectations.ts';
import { dataText, embeddedOf, hasLink, hrefOf, linkOf, s } from './hal.ts';
import { decodeToken, isSignedBy } from './jsonWebToken.ts';
import { expectEventLikeSample } from './sampleCheck.ts';
import { concerns, contextOfC1, customContent, firstWords, visitorName } from './story.ts';
import { target } from './target.ts';
import { useStory } from './useStory.ts';

const story = useStory();

test('the first POST goes to the default address, without a context, as JSON', async () => {
  await story().callback();
  const [request] = story().receiver.requests;
  expect(request?.url).toBe('/callback');
  expect(request?.headers['content-type']).toMatch(/^application\/json/);
  expect(request?.headers['x-ms-correlation-id']).toMatch(/\S/);
  expect(request?.headers['x-ms-server-fqdn']).toMatch(/\S/);
  expect(request?.headers['client-request-id']).toMatch(/\S/);
});

test('it carries a bearer token made for this service application', async () => {
  await story().callback();
  const [scheme, token] = (story().receiver.requests[0]?.headers.authorization ?? '').split(' ');
  expect(scheme).toBe('Bearer');
  const { header, claims } = decodeToken(token ?? '');
  expect(header).toMatchObject({ typ: 'JWT', alg: 'RS256', x5t: expect.any(String) });
  expect(header.kid).toBe(header.x5t);
  expect(claims).toMatchObject({
    appid: '00000004-0000-0ff1-ce00-000000000000',
    tid: expect.any(String),
    iss: expect.stringContaining(String(claims.tid)),
  });
  if (target().operatorToken !== undefined) expect(claims.aud).toBe('https://litware.example');
  expect(Number(claims.exp) - Number(claims.iat)).toBe(3_900);
  expect(await isSignedBy(target().keysUrl, token ?? '')).toBe(true);
});

test('messagingInvitation started: incoming, with the visitor and everything the next steps need', async ({
  annotate,
}) => {
  const { started, invitation, c1Href } = await story().callback();
  const { threadId } = await story().messagingInvitation();
  expect(started.sender.rel).toBe(s('communication'));
  expect(invitation).toMatchObject({
    rel: s('messagingInvitation'),
    direction: 'Incoming',
    state: 'Connecting',
    importance: 'Normal',
    subject: firstWords,
    threadId,
    to: story().site.endpointUri,
    operationId: expect.stringMatching(/\S/),
  });
  expect(started.event.link.href).toBe(hrefOf(invitation, 'self'));
  for (const word of ['decline', 'startAdhocMeeting', 'acceptAndBridge'])
    expect(hasLink(invitation, s(word)), word).toBe(true);
  expect(hasLink(invitation, s('accept'))).toBe(false);
  expect(hrefOf(invitation, 'customContent')).toMatch(/^data:application\/json/);
  expect(dataText(hrefOf(invitation, 'customContent'))).toBe(dataText(customContent));

  const from = embeddedOf(invitation, s('from'));
  expect(from).toMatchObject({ rel: s('participant'), name: visitorName });
  expect(from.uri).toMatch(/^sip:.+@anonymous\.invalid$/);
  expect(hrefOf(from, s('conversation'))).toBe(c1Href);
  await expectEventLikeSample(started, 'Event_IncomingIMCall', annotate);
});

test('the embedded application is complete: inviteUserToMeeting is found there', async () => {
  const { invitation } = await story().callback();
  const { application } = await story().capabilities();
  const embedded = embeddedOf(invitation, s('application'));
  expect(embedded).toEqual(application.resource);
  expect(hasLink(embeddedOf(embedded, s('communication')), s('inviteUserToMeeting'))).toBe(true);
  expect(hasLink(invitation, s('inviteUserToMeeting'))).toBe(false);
});

test('the conversation on this side is another one than the visitor’s, and is added as incoming', async () => {
  const { c1Href } = await story().callback();
  const { conversationHref } = await story().messagingInvitation();
  expect(c1Href).not.toBe(conversationHref);
  const own = { where: (o: Parameters<typeof concerns>[0]) => concerns(o, c1Href) };
  const added = await story().receiver.log.wait({ rel: s('conversation'), type: 'added', ...own });
  expect(added.sender.rel).toBe(s('communication'));
  expect(added.resource).toMatchObject({ rel: s('conversation'), state: 'Incoming' });
  const read = await story().service.send('GET', c1Href);
  expectJson(read, 200);
  expect(read.resource.state).toBe('Incoming');
  expect(hasLink(read.resource, s('conversationBridge'))).toBe(false);
  const messaging = await story().service.read(hrefOf(read.resource, s('messaging')));
  expect(messaging.state).toBe('Connecting');
});

test('the envelope counts from 1 per conversation and names the place of relative links', async () => {
  const { started } = await story().callback();
  const { batch } = started;
  expect(new URL(batch.baseuri ?? '').pathname).toBe('/');
  expect(ackOf(batch._links?.self?.href ?? '')).toBe(1);
  expect(ackOf(batch._links?.next?.href ?? '')).toBe(2);
  expect(keyOf(batch)).toMatch(new RegExp(`^\\d+~${story().site.endpointUri}~`));
  expect(batch._links?.self?.href).toMatch(/key=[^&]*%7esip%3a/i);
});

test('the invitation can be read, and its address leads to the same', async () => {
  const { invitation } = await story().callback();
  const answer = await story().service.send('GET', hrefOf(invitation, 'self'));
  expectJson(answer, 200);
  expect(answer.resource.rel).toBe(s('messagingInvitation'));
  expect(linkOf(answer.resource, 'self').href).toBe(hrefOf(invitation, 'self'));
});

test('the context of the answer comes back with every later POST of this conversation', async () => {
  await story().acceptAndBridge();
  const { started } = await story().callback();
  const key = keyOf(started.batch);
  const requests = story().receiver.requests.filter(({ batch }) => keyOf(batch) === key);
  expect(requests.length).toBeGreaterThan(1);
  for (const [index, { batch, overlapping, query, url }] of requests.entries()) {
    expect(ackOf(batch._links?.self?.href ?? '')).toBe(index + 1);
    expect(query.get('callbackContext'), url).toBe(index === 0 ? null : contextOfC1);
    expect(overlapping).toBe(0);
  }
});
