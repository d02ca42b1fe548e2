/**
 * The HTTP client of callbacks: connections are kept and go to allowed addresses only, redirects are not followed, and answers are
 * read up to a limit.
 */
import type { Dispatcher } from 'undici';
import { type Resolve, resolveByDns } from './callbackAddresses.ts';
import type { ConnectionPool, Line } from './connectionPool.ts';
import { createPinnedPools } from './pinnedPools.ts';

const answerLimitBytes = 64 * 1024;

/** The part of an AbortSignal that a POST needs. A whole one costs more than everything else that is done for a POST. */
export interface LateSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', run: () => void): void;
}

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Fires when the answer would come too late. */
  readonly signal: LateSignal;
  /** Blocks of addresses that may be called besides public ones. */
  readonly cidrs: readonly string[];
}

export interface PostAnswer {
  readonly status: number;
  /** Empty when it is longer than anybody would need. */
  text(): Promise<string>;
}

/** @throws AddressNotAllowedError before anything is sent; Error when nobody answers, or the signal fires first */
export type Post = (url: string, options: PostOptions) => Promise<PostAnswer>;

export interface KeepAlivePost {
  readonly post: Post;
  /** Drops the connections that nobody uses. */
  close(): void;
}

/** @param resolve how names become addresses; default: by DNS */
export function createKeepAlivePost(resolve: Resolve = resolveByDns): KeepAlivePost {
  const pools = createPinnedPools(resolve);
  return {
    post: (text, { headers, body, signal, cidrs }) =>
      new Promise((resolve, reject) => {
        const url = new URL(text);
        const pool = pools.poolFor(url, cidrs);
        const request = { method: 'POST', path: url.pathname + url.search, headers, body } as const;
        const exchange = new Exchange(pool, request, resolve, reject);
        if (signal.aborted) exchange.late();
        else {
          signal.addEventListener('abort', () => exchange.late());
          exchange.begin();
        }
      }),
    close: () => pools.close(),
  };
}

class PostTooLateError extends Error {
  override readonly name = 'PostTooLateError';
  readonly code = 'PostTooLate';
  readonly retryable = true;

  constructor() {
    super('There was no answer in time');
  }
}

/** One POST, and its repetition on a new connection if the kept one that it was sent on had just been closed. */
class Exchange implements Dispatcher.DispatchHandler, PostAnswer {
  status = 0;
  private line: Line | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private body = '';
  private readonly chunks: Buffer[] = [];
  private size = 0;
  private isLate = false;
  private readonly pool: ConnectionPool;
  private readonly request: Dispatcher.DispatchOptions;
  private readonly resolve: (answer: PostAnswer) => void;
  private readonly reject: (error: Error) => void;

  constructor(
    pool: ConnectionPool,
    request: Dispatcher.DispatchOptions,
    resolve: (answer: PostAnswer) => void,
    reject: (error: Error) => void,
  ) {
    this.pool = pool;
    this.request = request;
    this.resolve = resolve;
    this.reject = reject;
  }

  text(): Promise<string> {
    return Promise.resolve(this.body);
  }

  begin(): void {
    this.pool.take((line) => {
      if (this.isLate) return this.pool.give(line);
      this.line = line;
      line.client.dispatch(this.request, this);
    });
  }

  late(): void {
    const error = new PostTooLateError();
    this.isLate = true;
    this.reject(error);
    this.controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // It has waited for a connection until now.
    if (this.isLate) controller.abort(new PostTooLateError());
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.status = status;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size <= answerLimitBytes) this.chunks.push(chunk);
    else {
      this.resolve(this);
      controller.abort(new Error('The answer is too long'));
    }
  }

  onResponseEnd(): void {
    if (this.size > 0) this.body = Buffer.concat(this.chunks).toString('utf8');
    if (this.line !== undefined) this.line.hasAnswered = true;
    this.end();
    this.resolve(this);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const { line } = this;
    // A kept connection that the other side was just closing says nothing about the other side.
    if (line?.hasAnswered && this.status === 0 && !this.isLate && isClosedByPeer(error)) {
      line.hasAnswered = false;
      line.client.dispatch(this.request, this);
    } else {
      this.end();
      this.reject(error);
    }
  }

  private end(): void {
    const { line } = this;
    this.line = undefined;
    this.controller = undefined;
    if (line !== undefined) this.pool.give(line);
  }
}

function isClosedByPeer({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET';
}
