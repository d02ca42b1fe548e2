/** Bad input: each refused request has its status, the error body, and gives nothing away. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCaller } from './caller.ts';
import { expectCors, expectRefusal } from './expectations.ts';
import { embeddedOf, hrefOf, s, withQuery } from './hal.ts';
import { forgeToken } from './jsonWebToken.ts';
import { createForeignSite, type Site } from './site.ts';
import { must, pageOrigin } from './story.ts';
import { useStory } from './useStory.ts';
import { type Answer, send } from './wire.ts';

const story = useStory();
let foreign: Site;

beforeAll(async () => {
  // Nobody calls this one back: it only exists.
  foreign = await createForeignSite({ callbackUrl: 'http://127.0.0.1:1/callback', callbackHosts: ['127.0.0.1:1'] });
});

/** Another visitor of the same helpdesk. */
async function otherVisitor(): Promise<{ token: string; discoverHref: string }> {
  const { application } = await story().capabilities();
  const json = { applicationSessionId: randomUUID(), allowedOrigins: pageOrigin };
  const href = hrefOf(application.resource, s('anonApplicationTokens'));
  const { resource } = must(await story().service.send('POST', href, { json }), 200, 201);
  return { token: String(resource.token), discoverHref: hrefOf(resource, s('discover')) };
}

function expectChallenge(answer: Answer): void {
  expect(answer.status, answer.text).toBe(401);
  expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  expect(answer.headers['x-ms-correlation-id']).toMatch(/\S/);
}

describe('origins', () => {
  test('a page on another origin is refused at discover, at sign-in and afterwards', async () => {
    const { created, visitor } = await story().session();
    const { anonApplicationsUrl } = await story().widgetDiscover();
    const { discoverHref } = await story().anonToken();
    const headers = { Origin: 'https://evil.example' };
    const json = { anonymousDisplayName: 'Eve', userAgent: 'x', culture: 'en-us' };
    for (const answer of [
      await send('GET', discoverHref, { headers }),
      await visitor.send('POST', anonApplicationsUrl, { headers, json }),
      await visitor.send('GET', hrefOf(created.resource, 'self'), { headers }),
    ]) {
      expectRefusal(answer, 403, 'Forbidden');
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      expect(answer.headers['x-ms-diagnostics']).toMatch(/^\d+;source="[^"]*";reason="[^"]+"/);
    }
  });

  test('an error for an allowed origin can be read by the page', async () => {
    const { visitor, created } = await story().session();
    const answer = await visitor.send('GET', `${hrefOf(created.resource, 'self')}/communication/conversations/none`);
    expectRefusal(answer, 404, 'NotFound');
    expectCors(answer, pageOrigin);
  });
});

describe('tokens', () => {
  test.each(['kept', 'foreign'] as const)(
    'a visitor token whose end has passed is refused (signature %s)',
    async (signature) => {
      const { token } = await story().anonToken();
      const { created, visitor } = await story().session();
      const exp = Math.floor(Date.now() / 1_000) - 3_600;
      const expired = `psat=${forgeToken(token.slice(5), { nbf: exp - 28_800, exp }, signature)}`;
      expectChallenge(await visitor.send('GET', hrefOf(created.resource, 'self'), { token: expired }));
      expectChallenge(await visitor.send('GET', hrefOf(created.resource, 'events'), { token: expired }));
    },
  );

  test.each(['kept', 'foreign'] as const)(
    'a service token with other claims is refused (signature %s)',
    async (signature) => {
      const { ownHref } = await story().capabilities();
      const exp = Math.floor(Date.now() / 1_000) - 3_600;
      for (const claims of [{ exp }, { appid: randomUUID() }]) {
        const token = forgeToken(String(story().service.token), claims, signature);
        expectChallenge(await story().service.send('GET', ownHref, { token }));
      }
    },
  );

  test('no kind of token opens a door of another kind', async () => {
    const { token: visitorToken } = await story().anonToken();
    const { ownHref } = await story().capabilities();
    const { anonApplicationsUrl } = await story().widgetDiscover();
    const agent = await story().agent();
    expectChallenge(await story().service.send('GET', ownHref, { token: visitorToken }));
    expectChallenge(await story().service.send('GET', ownHref, { token: String(agent.caller.token) }));
    const json = { anonymousDisplayName: 'Eve', userAgent: 'x', culture: 'en-us' };
    for (const token of [String(story().service.token), String(agent.caller.token), visitorToken.slice(5)])
      expect((await send('POST', anonApplicationsUrl, { token, json })).status).toBe(401);
    const self = hrefOf(agent.created.resource, 'self');
    for (const token of [String(story().service.token), visitorToken])
      expect([401, 403]).toContain((await agent.caller.send('GET', self, { token })).status);
  });

  test('a token of another endpoint opens nothing of this one', async () => {
    const { c1Href } = await story().callback();
    const { ownHref } = await story().capabilities();
    const token = await foreign.serviceToken();
    for (const href of [ownHref, c1Href])
      expectRefusal(await story().service.send('GET', href, { token }), 403, 'Forbidden', 'ApplicationNotFound');
    const disguised = c1Href.replace(/endpointId=[^&]*/, `endpointId=${foreign.endpointUri}`);
    expectRefusal(await story().service.send('GET', disguised, { token }), 404, 'NotFound');
    expectRefusal(await story().service.send('DELETE', disguised, { token }), 404, 'NotFound');
  });

  test('the wrong secret gets no token, in the error shape of OAuth', async () => {
    const { clientId, tokenUrl } = story().site;
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: 'wrong' };
    const answer = await send('POST', tokenUrl, { form });
    expect([400, 401]).toContain(answer.status);
    expect(answer.resource.error).toMatch(/^invalid_(client|grant)$/);
    const unknown = await send('POST', tokenUrl, { form: { ...form, grant_type: 'nonsense' } });
    expect(unknown.status).toBe(400);
    expect(unknown.resource.error).toBe('unsupported_grant_type');
  });
});

describe('what belongs to somebody else', () => {
  test('another visitor cannot read, write, close or follow this conversation', async () => {
    const { conversationHref } = await story().messagingInvitation();
    const { visitor, eventsUrl, created } = await story().session();
    const { token } = await otherVisitor();
    const options = { token, text: 'hello', contentType: 'text/plain' };
    for (const answer of [
      await visitor.send('GET', conversationHref, { token }),
      await visitor.send('DELETE', conversationHref, { token }),
      await visitor.send('POST', `${conversationHref}/messaging/messages`, options),
      await visitor.send('GET', eventsUrl, { token }),
      await visitor.send('GET', hrefOf(created.resource, 'self'), { token }),
    ]) {
      expectRefusal(answer, 403, 'Forbidden');
      expect(answer.text).not.toContain('Vera');
    }
  });

  test('a visitor calls only the helpdesk that issued the token', async () => {
    const { visitor } = await story().session();
    const { startHref } = await story().messagingInvitation();
    for (const to of [foreign.endpointUri, story().agentUri(0)]) {
      const answer = await visitor.send('POST', startHref, { json: { operationId: randomUUID(), to } });
      expectRefusal(answer, 403, 'Forbidden');
      expect(answer.resource.subcode).toBeUndefined();
    }
  });

  test('one agent does not see another agent’s application', async () => {
    const first = await story().agent();
    const second = await story().secondAgent();
    const answer = await second.caller.send('GET', hrefOf(first.created.resource, 'self'));
    expect([403, 404]).toContain(answer.status);
  });

  test('a visitor may not claim presence', async () => {
    const { visitor, created } = await story().session();
    const me = hrefOf(embeddedOf(created.resource, 'me'), 'self');
    for (const word of ['makeMeAvailable', 'reportMyActivity'])
      expectRefusal(await visitor.send('POST', `${me}/${word}`, { json: {} }), 403, 'Forbidden', 'AnonymousNotAllowed');
  });

  test('unknown and foreign meetings cannot be bridged to', async () => {
    const { invitation } = await story().callback();
    const href = hrefOf(invitation, s('acceptAndBridge'));
    const unknown = 'sip:m1@contoso.example;gruu;opaque=app:conf:focus:id:NOTHERE1';
    const bridge = (onlineMeetingUri: string): Promise<Answer> =>
      story().service.send('POST', href, { json: { onlineMeetingUri } });
    expectRefusal(await bridge(unknown), 404, 'NotFound', 'DestinationNotFound');
    expectRefusal(await bridge(''), 400, 'BadRequest', 'ParameterValidationFailure');

    const away = createCaller(story().service.resolve('/'), await foreign.serviceToken());
    const { applicationsHref } = await story().discover();
    const applications = await away.read(withQuery(applicationsHref, 'endpointId', foreign.endpointUri));
    const application = await away.read(hrefOf(applications, s('application')));
    const made = await away.send('POST', hrefOf(embeddedOf(application, s('adhocMeetings')), 'self'), { json: {} });
    expectRefusal(await bridge(String(must(made, 200, 201).resource.onlineMeetingUri)), 403, 'Forbidden');
  });
});

describe('bodies', () => {
  test('no JSON', async () => {
    const { visitor } = await story().session();
    const { startHref } = await story().messagingInvitation();
    for (const text of ['{"operationId": ', '[1', 'hello']) {
      const answer = await visitor.send('POST', startHref, { text, contentType: 'application/json' });
      expectRefusal(answer, 400, 'BadRequest', 'DeserializationFailure');
    }
  });

  test.each([
    ['operationId', { operationId: undefined }],
    ['operationId', { operationId: 'x'.repeat(51) }],
    ['to', { to: 'nobody' }],
    ['subject', { subject: 'x'.repeat(251) }],
    ['threadId', { threadId: 'x'.repeat(251) }],
    ['importance', { importance: 'Whatever' }],
  ])('a missing, too long or wrong %s is named', async (name, change) => {
    const { visitor } = await story().session();
    const { startHref } = await story().messagingInvitation();
    const json = { operationId: randomUUID(), to: story().site.endpointUri, ...change };
    const answer = await visitor.send('POST', startHref, { json });
    expectRefusal(answer, 400, 'BadRequest', 'ParameterValidationFailure');
    expect(Object.keys((answer.resource.parameters ?? {}) as object)).toContain(name);
  });

  test('a visitor’s name that is too long, an agent without culture', async () => {
    const { token } = await otherVisitor();
    const { anonApplicationsUrl } = await story().widgetDiscover();
    const json = { anonymousDisplayName: 'x'.repeat(251), userAgent: 'x', culture: 'en-us' };
    expectRefusal(
      await send('POST', anonApplicationsUrl, { token, json }),
      400,
      'BadRequest',
      'ParameterValidationFailure',
    );
    const { caller, created } = await story().agent();
    const applications = hrefOf(created.resource, 'self').replace(/\/[^/]+$/, '');
    const answer = await caller.send('POST', applications, { json: { userAgent: 'x', endpointId: randomUUID() } });
    expectRefusal(answer, 400, 'BadRequest', 'ParameterValidationFailure');
  });

  test('64 KiB of text is a message, one byte more is not', async () => {
    await story().acceptAndBridge();
    const { caller, messaging } = await story().visitorMessaging();
    const post = (bytes: number): Promise<Answer> =>
      caller.send('POST', hrefOf(messaging, 'sendMessage'), { text: 'x'.repeat(bytes), contentType: 'text/plain' });
    expect((await post(64 * 1_024)).status).toBe(201);
    expectRefusal(await post(64 * 1_024 + 1), 413, 'EntityTooLarge');
  });

  test('JSON beyond 64 KiB', async () => {
    const { visitor } = await story().session();
    const { startHref } = await story().messagingInvitation();
    const json = { operationId: randomUUID(), to: story().site.endpointUri, padding: 'x'.repeat(70_000) };
    expectRefusal(await visitor.send('POST', startHref, { json }), 413, 'EntityTooLarge');
  });

  test('content types that nobody reads', async () => {
    await story().acceptAndBridge();
    const { caller, messaging } = await story().visitorMessaging();
    const send415 = (contentType: string): Promise<Answer> =>
      caller.send('POST', hrefOf(messaging, 'sendMessage'), { text: 'x', contentType });
    expectRefusal(await send415('application/xml'), 415, 'UnsupportedMediaType');
    expectRefusal(await send415('image/png'), 415, 'UnsupportedMediaType');
    const { startHref } = await story().messagingInvitation();
    const answer = await caller.send('POST', startHref, { text: '<a/>', contentType: 'application/xml' });
    expectRefusal(answer, 415, 'UnsupportedMediaType');
  });

  test('a callbackUrl that nobody answers', async () => {
    const { invitation } = await story().callback();
    const json = { operationId: randomUUID(), callbackUrl: 'http://127.0.0.1:1/callback' };
    const answer = await story().service.send('POST', hrefOf(invitation, s('startAdhocMeeting')), { json });
    expectRefusal(answer, 400, 'BadRequest', 'CallbackUriUnreachable');
  });
});

describe('addresses', () => {
  test('another verb is refused with Allow', async () => {
    const { visitor, created } = await story().session();
    const { ownHref } = await story().capabilities();
    for (const answer of [
      await visitor.send('PUT', hrefOf(created.resource, 'self'), { json: {} }),
      await story().service.send('POST', ownHref, { json: {} }),
    ]) {
      expectRefusal(answer, 405, 'MethodNotAllowed');
      expect(answer.headers.allow).toMatch(/\bGET\b/);
    }
  });

  test('nothing lives at other addresses', async () => {
    const { visitor, created } = await story().session();
    const self = hrefOf(created.resource, 'self');
    expectRefusal(await visitor.send('GET', self.replace(/[^/]+$/, '9999999')), 404, 'NotFound', 'ApplicationNotFound');
    const none = `${self}/communication/conversations/none`;
    expectRefusal(await visitor.send('GET', none), 404, 'NotFound', 'ConversationNotFound');
    expectRefusal(await visitor.send('GET', `${self}/nonsense`), 404, 'NotFound');
    expectRefusal(await visitor.send('GET', visitor.resolve('/nonsense')), 404, 'NotFound');
  });

  test('a version of a resource that does not exist', async () => {
    const { visitor, created } = await story().session();
    const headers = { 'X-MS-RequiresMinResourceVersion': '99' };
    const answer = await visitor.send('GET', hrefOf(created.resource, 'self'), { headers });
    expectRefusal(answer, 404, 'NotFound', 'APIVersionNotSupported');
  });

  test('writing before the call is answered', async () => {
    const { visitor } = await story().session();
    const { startHref } = await story().messagingInvitation();
    const json = { operationId: randomUUID(), to: story().site.endpointUri, threadId: randomUUID() };
    const invitation = must(await visitor.send('POST', startHref, { json }), 201);
    const resource = await visitor.read(String(invitation.headers.location));
    const href = `${hrefOf(resource, 'messaging')}/messages`;
    expectRefusal(await visitor.send('POST', href, { text: 'early', contentType: 'text/plain' }), 409, 'Conflict');
  });
});
