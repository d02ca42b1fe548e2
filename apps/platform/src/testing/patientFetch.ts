/** How a careful program asks a platform whose nodes come and go: what got no answer is asked again, and says that it is the same. */
import { randomUUID } from 'node:crypto';

const patienceMs = 30_000;
const pauseMs = 40;
/** What a load balancer and a node without its store answer. */
const passing = new Set([502, 503, 504]);

/** @returns `fetch` that repeats; a POST to the API carries an operationId, which makes that safe (docs/adr/0005-repeated-operation-id.md) */
export function createPatientFetch(fetchOnce: typeof fetch): typeof fetch & { readonly repeats: () => number } {
  let repeats = 0;
  const patient = async (input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> => {
    const url = new URL(String(input instanceof Request ? input.url : input));
    const isApi = /^\/(ucwa|platformservice)\//i.test(url.pathname);
    if (
      init?.method === 'POST' &&
      isApi &&
      !url.searchParams.has('operationId') &&
      !`${init.body}`.includes('operationId')
    ) {
      url.searchParams.set('operationId', randomUUID());
    }
    const endsAt = Date.now() + patienceMs;
    for (;;) {
      const answer = await fetchOnce(url, init).catch((error: unknown) => {
        if (Date.now() > endsAt) throw error;
      });
      if (answer !== undefined && (!passing.has(answer.status) || Date.now() > endsAt)) return answer;
      await answer?.arrayBuffer().catch(() => undefined);
      repeats += 1;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  return Object.assign(patient, { repeats: () => repeats });
}
