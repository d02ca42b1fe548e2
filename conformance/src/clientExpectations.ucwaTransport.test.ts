/** What the old JavaScript samples need of HTTP, of the batch and of the event channel (client-expectations 2). */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { expectRefusal, hrefsIn } from './expectations.ts';
import { embeddedOf, hasLink, hrefOf, linksOf, type Resource } from './hal.ts';
import { applicationsUrl, batchOf, signInPerson, signInVisitor, startMessaging } from './people.ts';
import { must } from './story.ts';
import { target } from './target.ts';
import { useStory } from './useStory.ts';
import { type Answer, send } from './wire.ts';

const story = useStory();

const nextUrl = (answer: Answer): string => new URL(batchOf(answer)._links?.next?.href ?? '', answer.url).href;

function everyHref(value: unknown, rel: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = linksOf(value as Resource, rel).map(({ href }) => href);
  return [...own, ...Object.values(value).flatMap((inner) => everyHref(inner, rel))];
}

describe('HTTP', () => {
  test('U1 Content-Type of JSON: the name in exactly this case, no quoted parameter', async () => {
    const visitor = await signInVisitor(story());
    const answers = [
      visitor.created,
      await visitor.caller.send('GET', hrefOf(visitor.application, 'self')),
      await visitor.caller.send('GET', `${hrefOf(visitor.application, 'self')}/nothing`),
      await send('GET', target().agentRootUrl),
    ];
    for (const { rawHeaders } of answers) {
      const at = rawHeaders.findIndex((name) => name.toLowerCase() === 'content-type');
      expect(rawHeaders[at]).toBe('Content-Type');
      expect(rawHeaders[at + 1]).toMatch(/^application\/json(; ?charset=utf-8)?$/i);
    }
  });

  test('U11 If-Match with quotes; without 428, another one 412', async () => {
    const visitor = await signInVisitor(story());
    const href = hrefOf(embeddedOf(visitor.application, 'communication'), 'self');
    const communication = await visitor.caller.read(href);
    const put = (etag: string | undefined, json: object): Promise<Answer> =>
      visitor.caller.send('PUT', href, { json, ...(etag === undefined ? {} : { headers: { 'If-Match': etag } }) });
    expectRefusal(await put(undefined, communication), 428, 'PreconditionRequired');
    expectRefusal(await put('"0"', communication), 412, 'PreconditionFailed');
    const etag = `"${String(communication.etag)}"`;
    const named = Object.entries(communication).find(([, value]) => value === 'please pass this in a PUT request');
    const { [named?.[0] ?? '']: _passed, ...incomplete } = communication;
    expectRefusal(await put(etag, incomplete), 400, 'BadRequest', 'ParameterValidationFailure');
    must(await put(etag, communication), 204);
    expect((await visitor.caller.read(href)).etag).not.toBe(communication.etag);
    expectRefusal(await put(etag, communication), 412, 'PreconditionFailed');
  });

  test('U12 POST without data: Content-Type empty or absent', async () => {
    const agent = await signInPerson(story(), story().agentUri(1));
    const me = embeddedOf(await agent.caller.read(hrefOf(agent.application, 'self')), 'me');
    for (const headers of [{}, { 'Content-Type': '' }])
      must(await agent.caller.send('POST', hrefOf(me, 'reportMyActivity'), { headers }), 204);
  });

  test('U13 DELETE carries only Authorization', async () => {
    const visitor = await signInVisitor(story());
    const url = visitor.caller.resolve(hrefOf(visitor.application, 'self'));
    const token = String(visitor.caller.token);
    must(await send('DELETE', url, { token, bare: true }), 204);
    expect((await send('GET', url, { token })).status).toBe(404);
  });

  test('U16 hrefs lead to one host, however they are written', async () => {
    const agent = await signInPerson(story(), story().agentUri(1));
    await startMessaging(agent, story().agentUri(0));
    const { origin } = new URL(await applicationsUrl(agent.caller));
    const batch = await agent.caller.send('GET', agent.eventsUrl);
    // As they are written: a path, or the whole address of this one host.
    const hrefs = [agent.application, batch.resource].flatMap(hrefsIn);
    expect(hrefs.length).toBeGreaterThan(30);
    const elsewhere = hrefs.filter((href) => !/^\/(?!\/)/.test(href) && !href.startsWith(`${origin}/`));
    expect(elsewhere).toEqual([]);
  });

  test('U17 a 403 says its reason in X-Ms-diagnostics', async () => {
    const visitor = await signInVisitor(story());
    const start = hrefOf(embeddedOf(visitor.application, 'communication'), 'startMessaging');
    const json = { operationId: randomUUID(), to: story().agentUri(0) };
    for (const answer of [
      await visitor.caller.send('POST', start, { json }),
      await visitor.caller.send('GET', hrefOf(visitor.application, 'self'), {
        headers: { Origin: 'https://evil.example' },
      }),
    ]) {
      expectRefusal(answer, 403, 'Forbidden');
      expect(answer.headers['x-ms-diagnostics']).toMatch(/^\d+;source="[^"]*";reason="[^"]+"/);
    }
  });

  test('U27 JSON with line breaks', async () => {
    const visitor = await signInVisitor(story());
    const start = hrefOf(embeddedOf(visitor.application, 'communication'), 'startMessaging');
    const json = { operationId: randomUUID(), threadId: randomUUID(), to: story().site.endpointUri };
    const text = JSON.stringify(json, null, '\r\n\t');
    must(await visitor.caller.send('POST', start, { text, contentType: 'application/json' }), 201);
  });
});

describe('batch', () => {
  const part = (request: string, ...headers: string[]): string =>
    [
      'Content-Type: application/http; msgtype=request',
      '',
      `${request} HTTP/1.1`,
      'Host: batch.example',
      ...headers,
      '',
      '',
    ].join('\r\n');

  async function batch(parts: readonly string[]) {
    const visitor = await signInVisitor(story());
    const boundary = randomUUID();
    const made = parts.map((one) => one.replaceAll('{U}', hrefOf(visitor.application, 'self')));
    const text = `\r\n${made.map((one) => `--${boundary}\r\n${one}`).join('\r\n')}\r\n--${boundary}--\r\n`;
    const contentType = `multipart/batching;boundary=${boundary}`;
    const headers = { Accept: 'multipart/batching' };
    const answer = await visitor.caller.send('POST', hrefOf(visitor.application, 'batch'), {
      text,
      contentType,
      headers,
    });
    return { answer, visitor };
  }

  /** Reads the answer as the samples do: line by line. */
  function partsOf(answer: Answer) {
    const boundary = /boundary="?([^";]+)"?/.exec(answer.headers['content-type'] ?? '')?.[1];
    const pieces = answer.text.split(`--${boundary}`).slice(1, -1);
    return pieces.map((piece) => {
      const [, partHead = '', inner = '', body = ''] =
        /^\r\n(.*?)\r\n\r\n(HTTP\/1\.1 .*?)\r\n\r\n(.*?)\r\n$/s.exec(piece) ?? [];
      const [statusLine = '', ...headers] = inner.split('\r\n');
      return { partHead, statusLine, headers, body, text: piece };
    });
  }

  const start = (to: string): string => JSON.stringify({ operationId: randomUUID(), to });

  test('U4 the exact layout of the answer', async () => {
    const { answer } = await batch([
      part('GET {U}/me', 'Accept: application/json'),
      part('POST {U}/communication/messagingInvitations', `Data: ${start(story().site.endpointUri)}`),
      part('GET {U}/communication/conversations/HTTP/1.1'),
      part('DELETE {U}'),
    ]);
    expect(answer.status).toBe(200);
    const parts = partsOf(answer);
    expect(parts.map(({ statusLine }) => statusLine)).toEqual([
      'HTTP/1.1 200 OK',
      'HTTP/1.1 201 Created',
      'HTTP/1.1 404 Not Found',
      'HTTP/1.1 204 No Content',
    ]);
    expect(parts.map(({ body }) => body !== '')).toEqual([true, false, true, false]);
    for (const { partHead, headers, body, text } of parts) {
      expect(partHead).toBe('Content-Type: application/http; msgtype=response');
      const isLast = headers.findIndex((line) => line.startsWith('Content-Type: '));
      expect(isLast).toBe(body === '' ? -1 : headers.length - 1);
      expect(body).not.toMatch(/[\r\n]/);
      expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
      if (body !== '') expect(() => JSON.parse(body)).not.toThrow();
    }
    expect(JSON.parse(parts[0]?.body ?? '')).toMatchObject({ rel: 'me', name: 'Quiet' });
  });

  test('U5 parts as the samples write them: Data header, Host, relative request lines, no Authorization', async () => {
    const { answer } = await batch([
      part('GET me'),
      part(`GET ${target().baseUrl}{U}/communication`),
      part('POST {U}/communication/messagingInvitations', `Data: ${start(story().site.endpointUri)}`),
    ]);
    expect(partsOf(answer).map(({ statusLine }) => statusLine.split(' ')[1])).toEqual(['200', '200', '201']);
  });

  test('U6 twenty requests in one; more than a hundred are refused as a whole', async () => {
    const { answer } = await batch(Array.from({ length: 20 }, () => part('GET {U}/me')));
    expect(partsOf(answer)).toHaveLength(20);
    const { answer: refused, visitor } = await batch(Array.from({ length: 101 }, () => part('DELETE {U}')));
    expectRefusal(refused, 429, 'TooManyRequests');
    must(await visitor.caller.send('GET', hrefOf(visitor.application, 'self')), 200);
  });
});

describe('events', () => {
  test('U2 events, next and resync hrefs have one `?`; parameters may be glued on again and again', async () => {
    const visitor = await signInVisitor(story());
    await startMessaging(visitor, story().site.endpointUri);
    const glue = '&low=15&medium=10&priority=0&timeout=180';
    const first = await visitor.caller.send('GET', `${visitor.eventsUrl}${glue}${glue}`);
    const next = nextUrl(first);
    const resync = await visitor.caller.send('GET', `${next.replace(/ack=\d+/, 'ack=99')}${glue}`);
    const resyncUrl = new URL(batchOf(resync)._links?.resync?.href ?? '', resync.url).href;
    for (const url of [visitor.eventsUrl, next, resyncUrl]) expect(url.match(/\?/g), url).toHaveLength(1);
    expect((await visitor.caller.send('GET', `${resyncUrl}${glue}`)).text).toBe(first.text);
  });

  test('U3 action hrefs have no `?`; what is glued on is mapped or ignored', async () => {
    const caller = await signInPerson(story(), story().agentUri(0));
    const called = await signInPerson(story(), story().agentUri(1));
    await startMessaging(caller, story().agentUri(1));
    const ringing = batchOf(await called.caller.send('GET', called.eventsUrl));
    for (const rel of ['accept', 'decline'])
      for (const href of everyHref(ringing, rel)) expect(href, rel).not.toContain('?');
    const [accept = ''] = everyHref(ringing, 'accept');
    must(await called.caller.send('POST', `${accept}?sessionContext=${randomUUID()}`), 204);
    const [conversation = ''] = everyHref(ringing, 'conversation');
    const messaging = await called.caller.read(hrefOf(await called.caller.read(conversation), 'messaging'));
    const href = hrefOf(messaging, 'sendMessage');
    expect(href).not.toContain('?');
    const operation = randomUUID();
    const options = { text: 'hello', contentType: 'text/plain' };
    const sent = must(await called.caller.send('POST', `${href}?OperationContext=${operation}`, options), 201);
    expect((await called.caller.read(String(sent.headers.location))).operationId).toBe(operation);
  });

  test('U7 whatever is embedded stands under the rel of the link', async () => {
    const visitor = await signInVisitor(story());
    await startMessaging(visitor, story().site.endpointUri);
    const { sender = [] } = batchOf(await visitor.caller.send('GET', visitor.eventsUrl));
    const embedded = sender.flatMap(({ events }) => events).filter((event) => event._embedded !== undefined);
    expect(embedded.length).toBeGreaterThan(0);
    for (const { link, _embedded } of embedded) expect(Object.keys(_embedded ?? {})).toEqual([link.rel]);
  });

  test('U8 every answer with events leads on by next', async () => {
    const visitor = await signInVisitor(story());
    let url = visitor.eventsUrl;
    for (let round = 0; round < 3; round += 1) {
      await startMessaging(visitor, story().site.endpointUri);
      const answer = await visitor.caller.send('GET', url);
      expect(Object.keys(batchOf(answer)._links ?? {}).sort()).toEqual(['next', 'self']);
      expect(batchOf(answer).sender?.length).toBeGreaterThan(0);
      url = nextUrl(answer);
    }
  });

  test('U9 the next GET may leave before the last batch was worked through; its order is complete in itself', async () => {
    const visitor = await signInVisitor(story());
    await startMessaging(visitor, story().site.endpointUri);
    const first = await visitor.caller.send('GET', visitor.eventsUrl);
    const parked = visitor.caller.send('GET', nextUrl(first));
    const [conversation = ''] = everyHref(batchOf(first), 'conversation');
    expect(hasLink(await visitor.caller.read(conversation), 'messaging')).toBe(true);
    await startMessaging(visitor, story().site.endpointUri);
    const selves = [first, await parked].map((answer) => batchOf(answer)._links?.self?.href);
    expect(new Set(selves).size).toBe(2);
    // To have asked for the second was to have taken the first: it is there no more.
    const gone = batchOf(await visitor.caller.send('GET', visitor.eventsUrl));
    expect(Object.keys(gone._links ?? {})).toContain('resync');
    expect(gone.sender ?? []).toEqual([]);
  });
});
