/** One POST to an SA: patience, and what the answer means (reference/events.md 4.1, 4.2). */
import type { Clock } from '../clock.ts';
import type { DeliveryProblem } from '../model/deliveries.ts';
import { AddressNotAllowedError } from './callbackAddresses.ts';
import { type CallbackOutcome, outcomeOf } from './callbackAnswer.ts';
import type { Post } from './keepAlivePost.ts';

/** For a batch with events (reference/events.md 4.2). */
const defaultPatienceMs = 15_000;

export interface CallbackRequest {
  readonly url: string;
  readonly token: string;
  readonly body: string;
  readonly correlationId: string;
  readonly requestId: string;
  readonly serverFqdn: string;
  /** Blocks of addresses that the application may be called at, besides public ones. */
  readonly cidrs: readonly string[];
  /** Milliseconds until an answer counts as missing. */
  readonly patienceMs?: number;
}

/** @returns how it went; never throws */
export async function postCallback(post: Post, clock: Clock, request: CallbackRequest): Promise<CallbackOutcome> {
  const abort = new AbortController();
  const timer = clock.setTimeout(() => abort.abort(), request.patienceMs ?? defaultPatienceMs);
  try {
    const answer = await post(request.url, {
      signal: abort.signal,
      body: request.body,
      cidrs: request.cidrs,
      headers: {
        Authorization: `Bearer ${request.token}`,
        'Content-Type': 'application/json; type="application/vnd.microsoft.com.ucwa+json"; charset=utf-8',
        'X-MS-Correlation-Id': request.correlationId,
        'X-MS-Server-Fqdn': request.serverFqdn,
        'client-request-id': request.requestId,
      },
    });
    return outcomeOf(answer.status, await answer.text());
  } catch (error) {
    return { kind: 'failed', problem: problemOf(error, abort.signal) };
  } finally {
    clock.clearTimeout(timer);
  }
}

function problemOf(error: unknown, signal: AbortSignal): DeliveryProblem {
  if (error instanceof AddressNotAllowedError) return 'addressNotAllowed';
  return signal.aborted ? 'timedOut' : 'unreachable';
}
