/** What existing service applications require of addresses, headers and words (S1 to S5, S10 to S12, S26b to S30). */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectEmpty, expectIdHeaders, expectJson, expectRefusal } from './expectations.ts';
import { embeddedOf, hasLink, hrefOf, s, withQuery } from './hal.ts';
import { must } from './story.ts';
import { relPrefix, target } from './target.ts';
import { useStory } from './useStory.ts';
import { ringAs } from './visitorCall.ts';
import { type Answer, send } from './wire.ts';

const story = useStory();

/** One whole chat, from discover to the end of the meeting. */
beforeAll(async () => {
  await story().agentJoins();
  await story().say('visitor', 'hello');
  await story().say('agent', 'good day');
  await story().terminate();
}, 30_000);

/** Every word that names a relation: link keys, embedded keys, `rel` members. */
function wordsIn(json: unknown): string[] {
  if (Array.isArray(json)) return json.flatMap(wordsIn);
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([name, inner]) => {
    if (name === 'rel') return [String(inner)];
    const keys = name === '_links' || name === '_embedded' ? Object.keys(inner as object) : [];
    return [...keys, ...wordsIn(inner)];
  });
}

describe('words and addresses', () => {
  test('S1 every word of the service side has the prefix that the application asked for; the few bare ones are the known ones', async () => {
    const bare = ['self', 'next', 'myOnlineMeetings', 'myApplications', 'anonApplications', 'applications'];
    const data = ['plainMessage', 'htmlMessage', 'customContent'];
    const { application, applications } = await story().capabilities();
    const { answer: token } = await story().anonToken();
    const bodies = [application.resource, applications.resource, token.resource, ...story().receiver.log.batches];
    const words = new Set(wordsIn(bodies));
    expect(words.size).toBeGreaterThan(30);
    const odd = [...words].filter((word) => !word.startsWith(relPrefix()) && ![...bare, ...data].includes(word));
    expect(odd).toEqual([]);
    expect([...words].filter((word) => word.split(':').length > relPrefix().split(':').length)).toEqual([]);
  });

  test('S2 discover is absolute, takes endpointId unescaped, and the application has everything on board', async () => {
    const { answer, applicationsHref } = await story().discover();
    expectJson(answer, 200);
    expect(applicationsHref).toMatch(/^https?:\/\//);
    const unescaped = `${applicationsHref}${applicationsHref.includes('?') ? '&' : '?'}endpointId=${story().site.endpointUri}`;
    const applications = await story().service.read(unescaped);
    const application = await story().service.read(hrefOf(applications, s('application')));
    expect(hrefOf(embeddedOf(application, s('communication')), 'self')).toMatch(/\S/);
    expect(hrefOf(embeddedOf(application, s('adhocMeetings')), 'self')).toMatch(/\S/);
    expect(hasLink(application, s('anonApplicationTokens'))).toBe(true);
  });

  test('S3 tokens and meetings carry their own address; the token’s discover is absolute', async () => {
    const { application } = await story().capabilities();
    const json = { applicationSessionId: randomUUID(), allowedOrigins: 'https://a.example' };
    const href = hrefOf(application.resource, s('anonApplicationTokens'));
    const token = must(await story().service.send('POST', href, { json }), 200, 201).resource;
    expect(hrefOf(token, 'self')).toMatch(/\S/);
    expect(hrefOf(token, s('discover'))).toMatch(/^https?:\/\//);
    const meetings = hrefOf(embeddedOf(application.resource, s('adhocMeetings')), 'self');
    const meeting = must(await story().service.send('POST', meetings, { json: {} }), 200, 201).resource;
    expect(hrefOf(meeting, 'self')).toMatch(/\S/);
    expectJson(await story().service.send('GET', hrefOf(meeting, 'self')), 200);
    const fromMeeting = await story().service.send('GET', hrefOf(meeting, s('discover')));
    expectJson(fromMeeting, 200);
    expect(hrefOf(fromMeeting.resource, s('applications'))).toMatch(/^https?:\/\//);
  });

  test('S10 one resource has one text as its address, in every event and every answer', async () => {
    const texts = new Map<string, Set<string>>();
    const collect = (value: unknown, base: string): void => {
      if (Array.isArray(value)) for (const item of value) collect(item, base);
      else if (typeof value === 'object' && value !== null)
        for (const [name, inner] of Object.entries(value)) {
          if (name !== 'href') collect(inner, base);
          else if (!String(inner).startsWith('data:')) {
            const url = new URL(String(inner), base);
            const asked = [...url.searchParams].map((pair) => pair.join('=')).toSorted();
            const identity = `${decodeURIComponent(url.pathname)}?${asked.join('&')}`.toLowerCase();
            texts.set(identity, (texts.get(identity) ?? new Set()).add(url.href.toLowerCase()));
          }
        }
    };
    for (const batch of story().receiver.log.batches) collect(batch.sender, batch.baseuri ?? '');
    const { application, applications } = await story().capabilities();
    const { c1Href } = await story().callback();
    // The application too, as others link to it, as it names itself, and as its events embed it.
    for (const answer of [applications, application]) collect(answer.resource, answer.url);
    expect(texts.size).toBeGreaterThan(20);
    const own = new URL(hrefOf(application.resource, 'self'), application.url).href.toLowerCase();
    expect([...texts.values()].filter((seen) => seen.has(own))).toHaveLength(1);
    const doubled = [...texts.values()].filter((seen) => seen.size > 1);
    expect(doubled.map((seen) => [...seen])).toEqual([]);
    const senders = story().receiver.log.batches.flatMap(({ sender = [] }) => sender.map(({ href }) => href));
    expect(senders).toContain(c1Href);
  });

  test('S11 the baseuri of every batch is absolute', () => {
    const { batches } = story().receiver.log;
    expect(batches.length).toBeGreaterThan(5);
    for (const { baseuri = '' } of batches) expect(new URL(baseuri).origin).toMatch(/^https?:\/\//);
  });

  test('S12 every callback has a media type that parses as JSON, and UTF-8 in it', async () => {
    // Texts of messages are escaped; a subject and a name are on the wire as they are.
    const name = 'Žofie Ünal 山田 \u{1f44b}';
    const { invitation } = await ringAs(story(), name);
    expect(invitation.subject).toBe(`${name} asks`);
    expect(embeddedOf(invitation, s('from')).name).toBe(name);
    for (const { headers } of story().receiver.requests)
      expect(headers['content-type']).toMatch(/^application\/json(;\s*[\w-]+=("[^"]*"|[^;"]*))*$/i);
  });
});

describe('answers', () => {
  const everyAnswer = async (): Promise<Answer[]> => {
    const { application, ownHref } = await story().capabilities();
    const { c1Href } = await story().conversationDeleted();
    const none = c1Href.replace(/conversations\/[^/?]+/, 'conversations/none');
    return [
      application,
      await story().service.send('GET', ownHref),
      await story().service.send('GET', none),
      await story().service.send('GET', ownHref, { token: 'nonsense' }),
      await story().service.send('POST', ownHref),
      await story().service.send('POST', hrefOf(application.resource, s('anonApplicationTokens')), { json: {} }),
    ];
  };

  test('S4 both id headers on every answer, on 404 too; what is deleted can be deleted again', async () => {
    for (const answer of await everyAnswer()) expectIdHeaders(answer);
    const { c1Href } = await story().conversationDeleted();
    const { c2Href } = await story().terminate();
    for (const href of [c1Href, c2Href]) {
      expectRefusal(await story().service.send('GET', href), 404, 'NotFound', 'ConversationNotFound');
      expectEmpty(await story().service.send('DELETE', href), 204);
    }
  });

  test('S5 no answer is a redirect, however the address is spelt', async () => {
    const { ownHref, application } = await story().capabilities();
    const url = new URL(ownHref);
    const hrefs = [
      `${target().baseUrl}/platformService/Discover`,
      `${target().baseUrl}/platformservice/discover/`,
      `${url.origin}${url.pathname}/${url.search}`,
      ownHref.toUpperCase().replace(/^HTTPS?/, (scheme) => scheme.toLowerCase()),
      hrefOf(application.resource, 'self'),
    ];
    for (const href of hrefs) {
      const answer = await story().service.send('GET', href);
      expect(answer.status, href).toBe(200);
      expect(answer.headers.location).toBeUndefined();
    }
  });

  test('S26b the application can be fetched before every operation and is always complete', async () => {
    const { application } = await story().capabilities();
    const href = hrefOf(application.resource, 'self');
    for (let again = 0; again < 3; again++) {
      const answer = await story().service.send('GET', href);
      expectJson(answer, 200);
      expect(answer.resource).toEqual(application.resource);
    }
  });

  test('S27 a refusal says what was wrong in its body', async () => {
    for (const answer of (await everyAnswer()).filter(({ status }) => status >= 400)) {
      expect(answer.text.length).toBeGreaterThan(10);
      if (answer.status !== 401) expect(answer.resource.code).toMatch(/\S/);
    }
  });

  test('S29 client-request-id comes back, on refusals too', async () => {
    const { ownHref } = await story().capabilities();
    for (const href of [ownHref, `${ownHref}x`, withQuery(ownHref, 'x', 'y')]) {
      const id = `job ${randomUUID()}`;
      const answer = await story().service.send('GET', href, { headers: { 'client-request-id': id } });
      expect(answer.headers['client-request-id']).toBe(id);
    }
    const bare = await send('GET', ownHref);
    expect(bare.headers['client-request-id']).toBe(bare.requestId);
  });

  test('S30 every body has a Content-Type, and a JSON body a JSON one', async () => {
    for (const answer of await everyAnswer()) {
      if (answer.text === '') expect(answer.headers['content-type']).toBeUndefined();
      else if (answer.status === 401) expect(answer.headers['content-type']).toMatch(/^text\/html/);
      else expect(answer.headers['content-type']).toMatch(/^application\/json(; ?charset=utf-8)?$/i);
    }
  });
});
