/** A batch that was given up is delivered once more, with its key and its ack, because an operator says so. */
import type { DeliveryAttempt, GivenUpBatch } from '../model/deliveries.ts';
import { givenUpKey, givenUpTimer } from '../model/deliveries.ts';
import { endpointKey, serviceClientKey } from '../model/registration.ts';
import type { Store } from '../store/store.ts';
import { type CallbackSenderDeps, createCallbackSender, resultOf } from './callbackSender.ts';
import { callbackAddress, isAllowedCallbackUrl } from './callbackUrls.ts';

export type ReplayResult = Pick<DeliveryAttempt, 'outcome' | 'status' | 'problem'>;

/**
 * Sends the batch to where its conversation is called back now: the operation's own URL, else the endpoint's present default. One
 * that arrives is no longer kept. The SA knows it by its key and ack, and that its line has gone on since.
 * @returns undefined when its endpoint is no longer registered
 */
export type CallbackReplay = (batch: GivenUpBatch) => Promise<ReplayResult | undefined>;

export function createCallbackReplay(deps: CallbackSenderDeps & { readonly store: Store }): CallbackReplay {
  const { store } = deps;
  const sender = createCallbackSender(deps);
  return async (batch) => {
    const { target, conversationId, ack, events } = batch;
    const { endpoint, client } = await store.read((snapshot) => {
      const found = snapshot.get('endpoint', endpointKey(target.endpointUri));
      const key = found && serviceClientKey(found.tenantId, found.clientId);
      return { endpoint: found, client: key === undefined ? undefined : snapshot.get('serviceClient', key) };
    });
    if (endpoint === undefined || client === undefined) return undefined;
    const parcel = { batch: { ack }, events, endpoint, client, url: callbackAddress(target, endpoint.callbackUrl) };
    if (!isAllowedCallbackUrl(client, parcel.url)) return { outcome: 'failed', problem: 'hostNotAllowed' };
    const outcome = await sender.send(conversationId, parcel, { attempt: 1, replay: true });
    if (outcome.kind === 'delivered') {
      await store.commit((transaction) => {
        transaction.delete('givenUpBatch', givenUpKey(conversationId, ack));
        transaction.unschedule(givenUpTimer(batch).name);
      });
    }
    return resultOf(outcome);
  };
}
