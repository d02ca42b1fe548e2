/** One POST to an SA: patience, and what the answer means (reference/events.md 4.1, 4.2). */
import type { Clock } from '../clock.ts';
import type { DeliveryProblem } from '../model/deliveries.ts';
import { AddressNotAllowedError } from './callbackAddresses.ts';
import { type CallbackOutcome, outcomeOf } from './callbackAnswer.ts';
import type { LateSignal, Post } from './keepAlivePost.ts';

/** For a batch with events (reference/events.md 4.2). */
const defaultPatienceMs = 15_000;
const maxKeptHeaders = 1000;

export interface CallbackRequest {
  readonly url: string;
  readonly token: string;
  readonly body: string;
  readonly correlationId: string;
  readonly requestId: string;
  /** Blocks of addresses that the application may be called at, besides public ones. */
  readonly cidrs: readonly string[];
  /** Milliseconds until an answer counts as missing. */
  readonly patienceMs?: number;
}

/** @returns how it went; never throws */
export type CallbackPost = (request: CallbackRequest) => Promise<CallbackOutcome>;

export interface CallbackPostDeps {
  readonly post: Post;
  readonly clock: Clock;
  readonly publicUrl: string;
}

export function createCallbackPost({ post, clock, publicUrl }: CallbackPostDeps): CallbackPost {
  const headersFor = createStaticHeaders(new URL(publicUrl).hostname);
  return async (request) => {
    const patience = new Patience();
    const timer = clock.setTimeout(() => patience.end(), request.patienceMs ?? defaultPatienceMs);
    try {
      const answer = await post(request.url, {
        signal: patience,
        body: request.body,
        cidrs: request.cidrs,
        headers: {
          ...headersFor(request.token),
          'X-MS-Correlation-Id': request.correlationId,
          'client-request-id': request.requestId,
        },
      });
      return outcomeOf(answer.status, await answer.text());
    } catch (error) {
      return { kind: 'failed', problem: problemOf(error, patience) };
    } finally {
      clock.clearTimeout(timer);
    }
  };
}

/** What is the same in every POST with a token. A token serves an hour's POSTs to an endpoint. */
function createStaticHeaders(serverFqdn: string): (token: string) => Readonly<Record<string, string>> {
  const kept = new Map<string, Readonly<Record<string, string>>>();
  return (token) => {
    const known = kept.get(token);
    if (known !== undefined) return known;
    const made = {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json; type="application/vnd.microsoft.com.ucwa+json"; charset=utf-8',
      'X-MS-Server-Fqdn': serverFqdn,
    };
    const [oldest] = kept.keys();
    if (kept.size >= maxKeptHeaders && oldest !== undefined) kept.delete(oldest);
    kept.set(token, made);
    return made;
  };
}

/** Runs out once. */
class Patience implements LateSignal {
  aborted = false;
  private readonly listeners: (() => void)[] = [];

  addEventListener(_type: 'abort', run: () => void): void {
    this.listeners.push(run);
  }

  end(): void {
    this.aborted = true;
    for (const run of this.listeners) run();
  }
}

function problemOf(error: unknown, patience: LateSignal): DeliveryProblem {
  if (error instanceof AddressNotAllowedError) return 'addressNotAllowed';
  return patience.aborted ? 'timedOut' : 'unreachable';
}
