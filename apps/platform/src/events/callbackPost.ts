/** One POST to an SA: patience, no redirects, a bounded look at the answer (reference/events.md 4.1, 4.2). */
import type { Clock } from '../clock.ts';
import { type CallbackOutcome, outcomeOf } from './callbackAnswer.ts';

/** For a batch with events (reference/events.md 4.2). */
const defaultPatienceMs = 15_000;
const answerLimitBytes = 64 * 1024;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface CallbackRequest {
  readonly url: string;
  readonly token: string;
  readonly body: string;
  readonly correlationId: string;
  readonly requestId: string;
  readonly serverFqdn: string;
  /** Milliseconds until an answer counts as missing. */
  readonly patienceMs?: number;
}

/** @returns how it went; never throws */
export async function postCallback(fetch: Fetch, clock: Clock, request: CallbackRequest): Promise<CallbackOutcome> {
  const abort = new AbortController();
  const timer = clock.setTimeout(() => abort.abort(), request.patienceMs ?? defaultPatienceMs);
  try {
    const response = await fetch(request.url, {
      method: 'POST',
      redirect: 'manual',
      signal: abort.signal,
      body: request.body,
      headers: {
        Authorization: `Bearer ${request.token}`,
        'Content-Type': 'application/json; type="application/vnd.microsoft.com.ucwa+json"; charset=utf-8',
        'X-MS-Correlation-Id': request.correlationId,
        'X-MS-Server-Fqdn': request.serverFqdn,
        'client-request-id': request.requestId,
      },
    });
    return outcomeOf(response.status, await textOf(response));
  } catch {
    return { kind: 'failed' };
  } finally {
    clock.clearTimeout(timer);
  }
}

async function textOf(response: Response): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > answerLimitBytes) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
