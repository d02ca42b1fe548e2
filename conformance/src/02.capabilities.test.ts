/** Step 2: the challenge, then what the application may do, read from the links that are there. */
import { describe, expect, test } from 'vitest';
import { expectIdHeaders, expectJson, expectRefusal } from './expectations.ts';
import { embeddedOf, hasLink, hrefOf, s, withQuery } from './hal.ts';
import { expectLikeSample } from './sampleCheck.ts';
import { useStory } from './useStory.ts';

describe('an application with all four permissions', () => {
  const story = useStory();

  test('without a token there are two challenges on separate lines', async () => {
    const { challenge } = await story().capabilities();
    expect(challenge.status).toBe(401);
    expectIdHeaders(challenge);
    const lines = challenge.rawHeaders.filter((_, index) =>
      /^www-authenticate$/i.test(challenge.rawHeaders[index - 1] ?? ''),
    );
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^Bearer trusted_issuers="[^"]+", ?client_id="00000004-0000-0ff1-ce00-000000000000"/);
    expect(lines[0]).toMatch(/authorization_uri="[^"]+"/);
    expect(lines[1]).toMatch(/^MsRtcOAuth href="[^"]+",grant_type="[^"]+"/);
  });

  test('applications names the application of this endpoint', async ({ annotate }) => {
    const { applications } = await story().capabilities();
    expectJson(applications, 200);
    expect(applications.resource.rel).toBe(s('applications'));
    expect(hrefOf(applications.resource, s('application'))).toContain('endpointId=');
    await expectLikeSample(applications.resource, 'Applications', annotate);
  });

  test('the application shows all four capabilities of the chat', async ({ annotate }) => {
    const { application } = await story().capabilities();
    expectJson(application, 200);
    const { resource } = application;
    expect(resource.rel).toBe(s('application'));
    const communication = embeddedOf(resource, s('communication'));
    expect(communication.rel).toBe(s('communication'));
    for (const word of ['joinOnlineMeeting', 'inviteUserToMeeting', 'startMessaging'])
      expect(hasLink(communication, s(word)), word).toBe(true);
    expect(hasLink(communication, s('startMessagingWithIdentity'))).toBe(false);
    expect(hasLink(resource, s('anonApplicationTokens'))).toBe(true);
    expect(hrefOf(embeddedOf(resource, s('adhocMeetings')), 'self')).toMatch(/adhocMeetings/);
    expect(hrefOf(embeddedOf(resource, 'myOnlineMeetings'), 'self')).toMatch(/myOnlineMeetings/);
    expect(hrefOf(resource, 'self')).toContain(
      `endpointId=${encodeURIComponent(story().site.endpointUri).toLowerCase()}`,
    );
    await expectLikeSample(resource, 'Application', annotate);
  });

  test('communication read by its own href is what was embedded', async () => {
    const { application } = await story().capabilities();
    const embedded = embeddedOf(application.resource, s('communication'));
    const answer = await story().service.send('GET', hrefOf(embedded, 'self'));
    expectJson(answer, 200);
    expect(answer.resource).toEqual(embedded);
  });

  test('the endpoint may be escaped, and its query name written in lower case', async () => {
    const { applicationsHref } = await story().discover();
    const escaped = encodeURIComponent(story().site.endpointUri);
    expectJson(await story().service.send('GET', withQuery(applicationsHref, 'endpointid', escaped)), 200);
  });

  test('an endpoint that nobody registered is refused', async () => {
    const { applicationsHref } = await story().discover();
    const answer = await story().service.send(
      'GET',
      withQuery(applicationsHref, 'endpointId', 'sip:nobody@contoso.invalid'),
    );
    expectRefusal(answer, 403, 'Forbidden', 'ApplicationNotFound');
  });
});

const registersItself = process.env.CONFORMANCE_OPERATOR_TOKEN || !process.env.CONFORMANCE_BASE_URL;

describe.runIf(registersItself)('an application without permissions', () => {
  const story = useStory({ permissions: [] });

  test('a capability that was not granted has no link, and its guessed address is refused', async () => {
    const { applicationsHref } = await story().discover();
    const own = withQuery(applicationsHref, 'endpointId', story().site.endpointUri);
    const applications = await story().service.read(own);
    const applicationHref = hrefOf(applications, s('application'));
    const application = await story().service.read(applicationHref);
    const communication = embeddedOf(application, s('communication'));
    expect(hasLink(application, s('anonApplicationTokens'))).toBe(false);
    expect(application._embedded?.[s('adhocMeetings')]).toBeUndefined();
    for (const word of ['startMessaging', 'joinOnlineMeeting', 'inviteUserToMeeting'])
      expect(hasLink(communication, s(word)), word).toBe(false);
    const guessed = applicationHref.replace('?', '/anonApplicationTokens?');
    const json = { applicationSessionId: 'session', allowedOrigins: 'https://www.contoso.example' };
    expectRefusal(await story().service.send('POST', guessed, { json }), 403, 'Forbidden', 'NotAllowed');
  });
});
