/**
 * The test of a callbackUrl before an operation is answered: a batch without events, once (reference/call-flow.md F20,
 * reference/events.md 4.1). It runs before the commit and outside of it.
 */
import type { EventBatch } from '@repo/ucwa-protocol/events';
import type { CallbackTokens } from '../auth/callbackToken.ts';
import type { Clock } from '../clock.ts';
import { serviceFaceOf } from '../hal/application.ts';
import { href } from '../hal/href.ts';
import type { ServicePrincipal } from '../model/principal.ts';
import { createCallbackPost } from './callbackPost.ts';
import { callbackUnreachable, requireCallbackUrl } from './callbackUrls.ts';
import type { Post } from './keepAlivePost.ts';

/** Shorter than the patience with a real callback: somebody waits for the answer to the operation. */
const patienceMs = 5_000;

/** @throws RequestRefusedError 400 CallbackUriUnreachable when the URL is not allowed, or answers no 2xx in time */
export type CallbackProbe = (principal: ServicePrincipal, callbackUrl: string) => Promise<void>;

export interface CallbackProbeDeps {
  readonly post: Post;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly tokens: CallbackTokens;
  readonly publicUrl: string;
}

export function createCallbackProbe(deps: CallbackProbeDeps): CallbackProbe {
  const { newId, tokens, publicUrl } = deps;
  const postCallback = createCallbackPost(deps);
  return async ({ client, endpoint }, callbackUrl) => {
    requireCallbackUrl(client, callbackUrl);
    const recipient = { tenantId: endpoint.tenantId, audience: endpoint.audience ?? client.audience };
    const requestId = newId();
    // The conversation is not there yet, so the batch has a key of its own and no ack that could ever follow.
    const self = { href: href.callbackEvents(serviceFaceOf(client, endpoint), requestId, 0) };
    const batch: EventBatch = { _links: { self }, sender: [], baseuri: publicUrl };
    const attempt = async (fresh: boolean) =>
      postCallback({
        url: callbackUrl,
        token: await tokens.tokenFor(recipient, fresh),
        body: JSON.stringify(batch),
        correlationId: requestId,
        requestId,
        cidrs: client.callbackCidrs ?? [],
        patienceMs,
      });
    const first = await attempt(false);
    const outcome = first.kind === 'unauthorized' ? await attempt(true) : first;
    if (outcome.kind !== 'delivered') throw callbackUnreachable('The callbackUrl did not answer', 'unreachable');
  };
}
