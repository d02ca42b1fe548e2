import { describe, expect, it } from 'vitest';
import { ConnectionError, UcwaError } from './errors.ts';
import { follow } from './follow.ts';
import { createSend, readRetryAfter, type SendOptions, type SendRequest } from './request.ts';
import { createManualClock } from './testing/manualClock.ts';

interface Seen {
  readonly url: string;
  readonly init: RequestInit;
  readonly headers: Headers;
}

/** A server that gives the answers in turn, the last one for ever. */
function serve(...answers: readonly (Response | Error)[]) {
  const clock = createManualClock();
  const seen: Seen[] = [];
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    seen.push({ url: String(input), init, headers: new Headers(init.headers) });
    const answer = answers[Math.min(seen.length, answers.length) - 1];
    if (answer instanceof Response) return answer.type === 'opaqueredirect' ? answer : answer.clone();
    throw answer;
  };
  const open = (options: Partial<SendOptions> = {}) =>
    createSend({ fetch, clock, baseUrl: 'https://api.contoso.com/discover', ...options });
  return { clock, seen, open, send: open() };
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });
const get: SendRequest = { method: 'GET', href: '/a' };

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
}

describe('what goes out', () => {
  it('JSON with token and absolute address', async () => {
    const { seen, open } = serve(json({}));
    await open({ token: async () => 'T' })({ method: 'POST', href: '/a', body: { x: 1 } });
    expect(seen[0]?.url).toBe('https://api.contoso.com/a');
    expect(seen[0]?.init).toMatchObject({ method: 'POST', body: '{"x":1}', redirect: 'manual' });
    expect(Object.fromEntries(seen[0]?.headers ?? [])).toEqual({
      accept: 'application/json',
      authorization: 'Bearer T',
      'content-type': 'application/json',
    });
  });

  it('text as it is', async () => {
    const { seen, send } = serve(json({}));
    await send({ method: 'POST', href: '/a', text: 'Grüße' });
    expect(seen[0]?.init.body).toBe('Grüße');
    expect(seen[0]?.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
  });

  it('nothing at all when there is no body', async () => {
    const { seen, send } = serve(new Response(null, { status: 204 }));
    await send({ method: 'POST', href: '/a' });
    expect(seen[0]?.init.body).toBeUndefined();
    expect(seen[0]?.headers.has('Content-Type')).toBe(false);
    expect(seen[0]?.headers.has('Authorization')).toBe(false);
  });

  it('query names that the href lacks, encoded; its own text stays', async () => {
    const { seen, send } = serve(json({}));
    const href = '/a?EndpointId=sip:a@b.c&key=%7E';
    await send({ method: 'GET', href, query: { endpointId: 'sip:x@y.z', operationId: 'a b' } });
    await send({ method: 'GET', href: '/a', query: { timeout: '180' } });
    expect(seen[0]?.url).toBe('https://api.contoso.com/a?EndpointId=sip:a@b.c&key=%7E&operationId=a%20b');
    expect(seen[1]?.url).toBe('https://api.contoso.com/a?timeout=180');
  });
});

describe('answers', () => {
  it.each([200, 201, 202])('%i with a resource: links and Location absolute', async (status) => {
    const { send } = serve(json({ _links: { self: { href: '/s' } }, text: 'x' }, status, { Location: '/m/1' }));
    expect(await send(get)).toEqual({
      status,
      href: 'https://api.contoso.com/a',
      location: 'https://api.contoso.com/m/1',
      resource: { _links: { self: { href: 'https://api.contoso.com/s' } }, text: 'x' },
    });
  });

  it('without a body have no resource', async () => {
    const { send } = serve(new Response(null, { status: 204 }));
    expect(await send(get)).toEqual({ status: 204, href: 'https://api.contoso.com/a' });
  });

  it.each(['<html>portal</html>', '[]', '"x"'])('that are no resource are not taken for success: %s', async (text) => {
    const { send } = serve(new Response(text));
    expect(await failure(send(get))).toMatchObject({ code: 'MalformedAnswer', retryable: true });
  });

  it('follow() goes where the link points', async () => {
    const { seen, send } = serve(json({}));
    await follow(send, { _links: { 'service:messaging': { href: '/m' } } }, 'messaging');
    expect(seen[0]).toMatchObject({ url: 'https://api.contoso.com/m', init: { method: 'GET' } });
    expect(await failure(follow(send, {}, 'messaging'))).toMatchObject({ code: 'LinkNotAvailable' });
  });
});

describe('a 307', () => {
  const moved = (to: string) => new Response(null, { status: 307, headers: { Location: to } });

  it('is followed once, with method, body and token', async () => {
    const { seen, open } = serve(moved('https://other.example/b'), json({ _links: { self: { href: '/s' } } }));
    const answer = await open({ token: () => 'T' })({ method: 'POST', href: '/a', body: 1 });
    expect(seen[1]).toMatchObject({ url: 'https://other.example/b', init: { method: 'POST', body: '1' } });
    expect(seen[1]?.headers.get('Authorization')).toBe('Bearer T');
    expect(answer.resource?._links?.self).toEqual({ href: 'https://other.example/s' });
  });

  it('is not followed twice', async () => {
    const { seen, send } = serve(moved('/b'), moved('/c'));
    expect(await failure(send(get))).toMatchObject({ name: 'ConnectionError', status: 307 });
    expect(seen).toHaveLength(2);
  });

  it('does not take the token to plain http', async () => {
    const { seen, send } = serve(moved('http://api.contoso.com/b'), json({}));
    expect(await failure(send(get))).toBeInstanceOf(ConnectionError);
    expect(seen).toHaveLength(1);
  });

  it('that a browser hides is left to the browser', async () => {
    const opaque = new Response(null, { status: 200 });
    Object.defineProperty(opaque, 'type', { value: 'opaqueredirect' });
    const { seen, send } = serve(opaque, json({}));
    await send({ method: 'POST', href: '/a', body: 1 });
    expect(seen[1]?.init).toMatchObject({ method: 'POST', body: '1', redirect: 'follow' });
  });

  it.each([301, 302, 308])('is special: %i is an error', async (status) => {
    const { seen, send } = serve(new Response(null, { status, headers: { Location: '/b' } }));
    expect(await failure(send(get))).toMatchObject({ name: 'ConnectionError', status });
    expect(seen).toHaveLength(1);
  });
});

describe('errors', () => {
  it('the API refuses: code, subcode, parameters', async () => {
    const parameters = { to: 'invalid' };
    const { send } = serve(json({ code: 'BadRequest', subcode: 'ParameterValidationFailure', parameters }, 400));
    const error = await failure(send({ method: 'GET', href: '/a?anonymousContext=psat' }));
    expect(error).toBeInstanceOf(UcwaError);
    expect(error).toMatchObject({
      status: 400,
      code: 'BadRequest',
      subcode: 'ParameterValidationFailure',
      parameters,
      retryable: false,
    });
    expect(String(error)).not.toContain('psat');
  });

  it.each([
    [429, 'TooManyRequests', true, 'UcwaError'],
    [503, 'ServiceUnavailable', true, 'UcwaError'],
    [500, 'ServiceFailure', true, 'ConnectionError'],
    [504, 'Timeout', true, 'ConnectionError'],
    [409, 'Conflict', false, 'UcwaError'],
    [410, 'Gone', false, 'UcwaError'],
  ])('%i %s: retryable %s', async (status, code, retryable, name) => {
    const { send } = serve(json({ code }, status, { 'Retry-After': '7' }));
    expect(await failure(send(get))).toMatchObject({ name, status, retryable, retryAfterMs: 7000 });
  });

  it.each([403, 404, 413, 502, 503])('%i without a code comes from something else: retryable', async (status) => {
    const { send } = serve(new Response('<html>', { status }));
    expect(await failure(send(get))).toMatchObject({
      name: 'ConnectionError',
      code: 'ServerError',
      status,
      retryable: true,
    });
  });

  it('the `error` member of a web server is no code of the API', async () => {
    const { send } = serve(json({ statusCode: 404, error: 'Not Found' }, 404));
    expect(await failure(send(get))).toMatchObject({ name: 'ConnectionError', retryable: true });
  });

  it('a 401 has no body', async () => {
    const { send } = serve(new Response('<html>', { status: 401 }));
    expect(await failure(send(get))).toMatchObject({ name: 'UcwaError', code: 'Unauthorized', retryable: false });
  });

  it('no network: the cause is kept', async () => {
    const cause = new TypeError('fetch failed');
    const { send } = serve(cause);
    expect(await failure(send(get))).toMatchObject({ code: 'Network', retryable: true, cause });
  });
});

describe('a 401', () => {
  it('is repeated once when the source has a newer token', async () => {
    const { seen, open } = serve(new Response(null, { status: 401 }), json({ ok: true }));
    const answer = await open({ token: (refresh) => (refresh ? 'new' : 'old') })({
      method: 'POST',
      href: '/a',
      body: 1,
    });
    expect(seen.map(({ headers }) => headers.get('Authorization'))).toEqual(['Bearer old', 'Bearer new']);
    expect(seen[1]?.init.body).toBe('1');
    expect(answer.resource).toEqual({ ok: true });
  });

  it('is not repeated with the same token', async () => {
    const { seen, open } = serve(new Response(null, { status: 401 }));
    expect(await failure(open({ token: () => 'same' })(get))).toMatchObject({ status: 401 });
    expect(seen).toHaveLength(1);
  });
});

describe('time', () => {
  const silent: typeof globalThis.fetch = (_input, init) =>
    new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)));

  it.each([
    [undefined, 30_000],
    [5000, 5000],
  ])('limit %s', async (timeoutMs, limit) => {
    const clock = createManualClock();
    const send = createSend({ fetch: silent, clock, baseUrl: 'https://a.b' });
    const failed = failure(send({ ...get, ...(timeoutMs === undefined ? {} : { timeoutMs }) }));
    let done = false;
    void failed.finally(() => {
      done = true;
    });
    await clock.advance(limit - 1);
    expect(done).toBe(false);
    await clock.advance(1);
    expect(await failed).toMatchObject({ code: 'Timeout', retryable: true });
    expect(clock.pending()).toBe(0);
  });

  it('the caller gives up', async () => {
    const clock = createManualClock();
    const controller = new AbortController();
    const send = createSend({ fetch: silent, clock, baseUrl: 'https://a.b' });
    const failed = failure(send({ ...get, signal: controller.signal }));
    await clock.settle();
    controller.abort();
    expect(await failed).toMatchObject({ code: 'Aborted', retryable: false });
    expect(clock.pending()).toBe(0);
  });

  it('Retry-After in seconds, as a date, and nonsense', () => {
    const now = Date.UTC(2026, 0, 1, 0, 0, 0);
    expect(readRetryAfter('120', now)).toBe(120_000);
    expect(readRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
    expect(readRetryAfter('Wed, 31 Dec 2025 00:00:30 GMT', now)).toBe(0);
    expect(readRetryAfter('soon', now)).toBeUndefined();
    expect(readRetryAfter(null, now)).toBeUndefined();
  });
});
