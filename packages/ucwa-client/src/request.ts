/**
 * One HTTP exchange with the API, in browser and Node. Phases:
 * 1. address: the href made absolute, query names added that it does not have yet
 * 2. exchange within the time limit; a 307 is followed once with method and body (client-expectations.md S5);
 *    a 401 asks the token source for a fresh token and repeats once when it has another one
 * 3. classification: any 2xx is an answer with absolute links, everything else one of the errors of errors.ts
 */
import type { Resource } from '@repo/ucwa-protocol/hal';
import type { Clock } from './clock.ts';
import { ConnectionError, UcwaError } from './errors.ts';
import { absoluteLinks, resolveHref } from './resource.ts';

export interface SendRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly href: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, `text/plain` unless `contentType` says otherwise. */
  readonly text?: string;
  readonly contentType?: string;
  /** Added to the href; a name that it already has keeps the server's value. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** Absolute. */
  readonly location?: string;
  /** Every href in it is absolute. */
  readonly resource?: Resource;
  /** Where the answer came from, absolute. */
  readonly href: string;
}

/** @throws ConnectionError, UcwaError, and whatever the token source throws */
export type Send = (request: SendRequest) => Promise<Answer>;

/** Gives the bearer token; `refresh` is true after a 401: give a newer one if there is any. */
export type TokenSource = (refresh?: boolean) => string | Promise<string>;

export interface SendOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** What relative hrefs resolve against. */
  readonly baseUrl: string;
  readonly token?: TokenSource;
  /** For every request that does not say otherwise; 30 s by default. */
  readonly timeoutMs?: number;
}

interface Exchange {
  readonly response: Response;
  readonly text: string;
  readonly href: string;
}

/** Makes the function through which every request of one actor goes: its token, its base, its time limit. */
export function createSend({ fetch, clock, baseUrl, token, timeoutMs = 30_000 }: SendOptions): Send {
  async function exchange(request: SendRequest, href: string, bearer: string | undefined): Promise<Exchange> {
    const text = request.text ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
    const contentType = request.contentType ?? (request.text === undefined ? 'application/json' : plainText);
    const init: RequestInit = {
      method: request.method,
      headers: {
        Accept: 'application/json',
        ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }),
        ...(text === undefined ? {} : { 'Content-Type': contentType }),
        ...request.headers,
      },
      ...(text === undefined ? {} : { body: text }),
      redirect: 'manual',
      cache: 'no-store',
    };
    return withinTime(clock, request, timeoutMs, async (signal) => {
      let at = href;
      let response = await fetch(at, { ...init, signal });
      const location = response.headers.get('Location');
      if (response.type === 'opaqueredirect') {
        // A browser hides the target: let it follow, it keeps method and body of a 307 itself.
        response = await fetch(at, { ...init, redirect: 'follow', signal });
      } else if (response.status === 307 && location && mayFollow(at, resolveHref(at, location))) {
        at = resolveHref(at, location);
        response = await fetch(at, { ...init, signal });
      }
      return { response, text: await response.text(), href: response.url || at };
    });
  }

  return async (request) => {
    const href = withQuery(resolveHref(baseUrl, request.href), request.query);
    const bearer = await token?.();
    let done = await exchange(request, href, bearer);
    if (done.response.status === 401 && token) {
      const fresh = await token(true);
      if (fresh !== bearer) done = await exchange(request, href, fresh);
    }
    return toAnswer(clock, request, done);
  };
}

const plainText = 'text/plain; charset=utf-8';

/** The bearer token goes along, so never from https to anything weaker. */
function mayFollow(from: string, to: string): boolean {
  return !from.startsWith('https:') || to.startsWith('https:');
}

/** Appends as text: rewriting the server's own query would make another href of it. */
function withQuery(href: string, query: SendRequest['query'] = {}): string {
  const names = new Set([...new URL(href).searchParams.keys()].map((name) => name.toLowerCase()));
  let result = href;
  for (const [name, value] of Object.entries(query)) {
    if (names.has(name.toLowerCase())) continue;
    result += `${result.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`;
  }
  return result;
}

async function withinTime<T>(
  clock: Clock,
  { method, href, timeoutMs, signal }: SendRequest,
  defaultMs: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let timedOut = false;
  const timer = clock.setTimeout(() => {
    timedOut = true;
    abort();
  }, timeoutMs ?? defaultMs);
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  try {
    return await run(controller.signal);
  } catch (cause) {
    const code = timedOut ? 'Timeout' : signal?.aborted ? 'Aborted' : 'Network';
    throw new ConnectionError(code, `${method} ${withoutQuery(href)}: ${code}`, { cause });
  } finally {
    clock.clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function toAnswer(clock: Clock, request: SendRequest, { response, text, href }: Exchange): Answer {
  const { status, headers } = response;
  const body = parseObject(text);
  const what = `${request.method} ${withoutQuery(href)}: ${status}`;
  if (response.ok) {
    // A page of a captive portal must not count as "accepted".
    if (text !== '' && !body) throw new ConnectionError('MalformedAnswer', `${what}, not JSON`, { status });
    const location = headers.get('Location');
    return {
      status,
      href,
      ...(location ? { location: resolveHref(href, location) } : {}),
      ...(body ? { resource: absoluteLinks(body, href) } : {}),
    };
  }
  const retryAfterMs = readRetryAfter(headers.get('Retry-After'), clock.now());
  // The OAuth token route says 400 or 401 and names its code `error` (reference/auth.md 7); proxies use that member too.
  // Any other 401 has no body of the API at all.
  const code = body?.code ?? (status <= 401 ? body?.error : undefined) ?? (status === 401 ? 'Unauthorized' : undefined);
  if (typeof code === 'string' && (status < 500 || status === 503)) {
    const { subcode, parameters } = body ?? {};
    throw new UcwaError(`${what} ${code}${typeof subcode === 'string' ? `/${subcode}` : ''}`, {
      status,
      code,
      subcode: typeof subcode === 'string' ? subcode : undefined,
      parameters: typeof parameters === 'object' ? (parameters as Record<string, string>) : undefined,
      retryAfterMs,
    });
  }
  throw new ConnectionError('ServerError', what, { status, retryAfterMs });
}

function withoutQuery(href: string): string {
  return href.split('?')[0] ?? '';
}

function parseObject(text: string): Resource | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Resource) : undefined;
  } catch {
    return undefined;
  }
}

/** `Retry-After` in seconds or as a date, to milliseconds from now. */
export function readRetryAfter(value: string | null, now: number): number | undefined {
  if (!value) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
