/** Requests, answers and faults of the fake platform. */
import type { Clock } from '../clock.ts';

export interface FakeRequest {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FakeFault {
  /**
   * `network`: the request never arrives. `lostAnswer`: it is handled, its answer never arrives. `status`: refused by
   * the API. `html`: an intermediary answers 200 with a page. `slow`: answered after `ms`. `doubled`: the last answer
   * of the event channel once more instead of a new one.
   */
  readonly kind: 'network' | 'lostAnswer' | 'status' | 'html' | 'slow' | 'doubled';
  /** Which requests: matched with `GET /path`. All, when missing. */
  readonly on?: RegExp;
  /** How many requests; 1 by default. */
  readonly times?: number;
  /** For `status`. Without `code` the body is a page, as from a proxy. */
  readonly status?: number;
  readonly code?: string;
  readonly subcode?: string;
  readonly retryAfterS?: number;
  /** For `slow`. */
  readonly ms?: number;
}

/** A refusal of the API (reference/errors.md 1). */
export function refusal(status: number, code: string, subcode?: string): FakeAnswer {
  return { status, body: { code, ...(subcode === undefined ? {} : { subcode }) } };
}

export function toResponse({ status, body, headers }: FakeAnswer): Response {
  const isPage = typeof body === 'string';
  const text = body === undefined ? null : isPage ? body : JSON.stringify(body);
  return new Response(text, {
    status,
    headers: {
      'X-MS-Correlation-Id': '1',
      'X-MS-Server-Fqdn': 'platform.test',
      ...(text === null ? {} : { 'Content-Type': isPage ? 'text/html' : 'application/json; charset=utf-8' }),
      ...headers,
    },
  });
}

const networkFailure = () => new TypeError('fetch failed');

export interface FakeHttpOptions {
  readonly clock: Clock;
  handle(request: FakeRequest): FakeAnswer | Promise<FakeAnswer>;
  /** The last answer of the event channel that the request asks for. */
  lastBatch(request: FakeRequest): FakeAnswer | undefined;
}

export function createFakeHttp({ clock, handle, lastBatch }: FakeHttpOptions) {
  const faults: { fault: FakeFault; left: number }[] = [];
  const requests: FakeRequest[] = [];
  const cut = new Set<(error: Error) => void>();
  const hungUp = new WeakSet<FakeRequest>();
  let offline = false;

  function takeFault(what: string): FakeFault | undefined {
    const index = faults.findIndex(({ fault, left }) => left > 0 && (fault.on?.test(what) ?? true));
    const entry = faults[index];
    if (!entry) return undefined;
    entry.left -= 1;
    if (entry.left === 0) faults.splice(index, 1);
    return entry.fault;
  }

  async function answer(request: FakeRequest): Promise<FakeAnswer> {
    const fault = takeFault(`${request.method} ${request.path}`);
    switch (fault?.kind) {
      case undefined:
        return handle(request);
      case 'network':
        throw networkFailure();
      case 'lostAnswer':
        await handle(request);
        throw networkFailure();
      case 'html':
        return { status: 200, body: '<html>Sign in to the network</html>' };
      case 'doubled':
        return lastBatch(request) ?? handle(request);
      case 'slow':
        await new Promise<void>((resolve) => clock.setTimeout(resolve, fault.ms ?? 1000));
        // Who has hung up meanwhile is not served: a late P-GET would take the place of a newer one.
        if (hungUp.has(request)) throw networkFailure();
        return handle(request);
      case 'status': {
        const { status = 500, code, subcode, retryAfterS } = fault;
        return {
          ...(code === undefined ? { status, body: '<html>Bad gateway</html>' } : refusal(status, code, subcode)),
          ...(retryAfterS === undefined ? {} : { headers: { 'Retry-After': String(retryAfterS) } }),
        };
      }
    }
  }

  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const signal = init.signal ?? undefined;
    const request: FakeRequest = {
      method: init.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: new Headers(init.headers),
      body: typeof init.body === 'string' ? init.body : undefined,
      signal,
    };
    signal?.throwIfAborted();
    requests.push(request);
    if (offline) throw networkFailure();
    return new Promise<Response>((resolve, reject) => {
      const hangUp = (error: unknown) => {
        hungUp.add(request);
        reject(error);
      };
      const abort = () => hangUp(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      cut.add(hangUp);
      const done = () => {
        cut.delete(hangUp);
        signal?.removeEventListener('abort', abort);
      };
      answer(request)
        .finally(done)
        .then((given) => resolve(toResponse(given)))
        .catch(reject);
    });
  };

  return {
    fetch,
    /** Every request that a client made, in order, those that never arrived included. */
    requests: requests as readonly FakeRequest[],
    addFault: (fault: FakeFault) => void faults.push({ fault, left: fault.times ?? 1 }),
    clearFaults: () => void faults.splice(0),
    setOffline(value: boolean) {
      offline = value;
      if (value) for (const hangUp of [...cut]) hangUp(networkFailure());
    },
  };
}
