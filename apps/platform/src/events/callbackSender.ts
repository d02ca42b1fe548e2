/** One attempt to deliver a batch: signed, sent, tried once more with a fresh token when the SA rejects it, and noted in the log. */
import type { CallbackTokens } from '../auth/callbackToken.ts';
import type { Clock } from '../clock.ts';
import { serviceFaceOf } from '../hal/application.ts';
import type { SequencedEvent } from '../model/channel.ts';
import type { DeliveryAttempt } from '../model/deliveries.ts';
import type { Endpoint, ServiceClient } from '../model/registration.ts';
import type { CallbackOutcome } from './callbackAnswer.ts';
import { envelope } from './callbackBatches.ts';
import { createCallbackPost } from './callbackPost.ts';
import type { DeliveryLog } from './deliveryLog.ts';
import type { Post } from './keepAlivePost.ts';

const noCidrs: readonly string[] = [];

export interface CallbackSenderDeps {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly tokens: CallbackTokens;
  readonly publicUrl: string;
  readonly post: Post;
  readonly deliveryLog: DeliveryLog;
}

/** What is sent, and to whom. */
export interface Parcel {
  readonly batch: { readonly ack: number };
  readonly events: readonly SequencedEvent[];
  readonly endpoint: Endpoint;
  readonly client: ServiceClient;
  readonly url: string;
}

/** Which attempt it is: the first one of a batch is 1. */
export type AttemptName = Pick<DeliveryAttempt, 'attempt' | 'replay'>;

export interface CallbackSender {
  send(conversationId: string, parcel: Parcel, name: AttemptName): Promise<CallbackOutcome>;
  /** Nothing was sent: the host is not listed. */
  noteRefused(conversationId: string, parcel: Parcel): void;
}

export function createCallbackSender(deps: CallbackSenderDeps): CallbackSender {
  const { clock, deliveryLog } = deps;
  const postCallback = createCallbackPost(deps);

  const post = async (conversationId: string, parcel: Parcel, name: AttemptName, fresh: boolean) => {
    const { endpoint, client, batch } = parcel;
    const audience = endpoint.audience ?? client.audience;
    const requestId = deps.newId();
    const token = await deps.tokens.tokenFor({ tenantId: endpoint.tenantId, audience }, fresh);
    const body = envelope(serviceFaceOf(client, endpoint), conversationId, parcel, deps.publicUrl);
    const startedAt = clock.now();
    const outcome = await postCallback({
      url: parcel.url,
      token,
      body,
      correlationId: requestId,
      requestId,
      cidrs: client.callbackCidrs ?? noCidrs,
    });
    deliveryLog.note(lineOf(conversationId, parcel), {
      ...name,
      ack: batch.ack,
      startedAt,
      ms: clock.now() - startedAt,
      bytes: Buffer.byteLength(body),
      ...resultOf(outcome),
    });
    return outcome;
  };

  return {
    send: async (conversationId, parcel, name) => {
      const first = await post(conversationId, parcel, name, false);
      return first.kind === 'unauthorized' ? post(conversationId, parcel, name, true) : first;
    },
    noteRefused: (conversationId, parcel) =>
      deliveryLog.note(lineOf(conversationId, parcel), {
        attempt: 1,
        ack: parcel.batch.ack,
        startedAt: clock.now(),
        ms: 0,
        bytes: 0,
        outcome: 'failed',
        problem: 'hostNotAllowed',
      }),
  };
}

/** The part of an outcome that the log has. */
export function resultOf(outcome: CallbackOutcome): Pick<DeliveryAttempt, 'outcome' | 'status' | 'problem'> {
  return {
    outcome: outcome.kind,
    ...(outcome.status === undefined ? {} : { status: outcome.status }),
    ...('problem' in outcome && outcome.problem !== undefined ? { problem: outcome.problem } : {}),
  };
}

function lineOf(conversationId: string, { endpoint }: Parcel) {
  return { conversationId, tenantId: endpoint.tenantId, endpointUri: endpoint.uri };
}
