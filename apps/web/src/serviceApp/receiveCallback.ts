/**
 * A batch of events from the platform (step 7 and all later ones; reference/events.md 4). Phases:
 *   1. verify the bearer token on the raw request: the body of a stranger's is not even taken in
 *   2. read as much as is needed to store it: (key, ack) and which session it belongs to
 *   3. store the batch as it came under (key, ack); a new incoming invitation makes its session in the same transaction
 *   4. answer 200, with the session id as CallbackContext when the request had none; a repeated batch gets the same answer
 * Working on the batch is processInbox.ts, later.
 */
import { lockCallbackKey, sessionOfKey, storeCallback } from '@repo/db/callbackInbox';
import type { Queries } from '@repo/db/client';
import { createSession, findSession } from '@repo/db/helpdeskSessions';
import { findHelpdeskByUri } from '@repo/db/helpdesks';
import { storableText } from '@repo/flows/helpdesk/storableText';
import type { Deps } from './deps.ts';
import { RefusalError } from './errors.ts';
import { type ReadBatch, readBatch } from './readBatch.ts';
import type { VerifyCallback } from './verifyCallback.ts';

export interface CallbackRequest {
  readonly authorization: string | undefined;
  /** The query parameter `callbackContext`. */
  readonly callbackContext: string | undefined;
  /** Reads the body; not called for a stranger, whose body is not worth the memory. */
  readonly body: () => Promise<string>;
}

/** The body of the 200. */
export interface CallbackAnswer {
  readonly CallbackContext?: string;
}

type ReceiveDeps = Pick<Deps, 'db' | 'clock' | 'log' | 'wake'> & { readonly verifyCallback: VerifyCallback };

/**
 * Takes a batch in. When it returns, the batch is durable.
 * @throws {RefusalError} 401 wrong token; 400 not a batch, or of no session (the platform does not repeat those);
 *   503 when the token could not be checked
 */
export async function receiveCallback(deps: ReceiveDeps, request: CallbackRequest): Promise<CallbackAnswer> {
  await deps.verifyCallback(request.authorization);
  const body = await request.body();
  const batch = readBatch(body);
  if (batch.empty) return {};
  const { key, ack } = batch;
  const now = new Date(deps.clock.now());
  const stored = await deps.db.inTransaction(async (transaction) => {
    await lockCallbackKey(transaction, key);
    const sessionId = await sessionOf(transaction, request.callbackContext, batch, now);
    return storeCallback(transaction, { key, ack, sessionId, body, now });
  });
  deps.log.debug({ sessionId: stored.sessionId, ack, repeated: stored.repeated }, 'callback received');
  deps.wake();
  return request.callbackContext === undefined ? { CallbackContext: stored.sessionId } : {};
}

async function sessionOf(
  transaction: Queries,
  callbackContext: string | undefined,
  batch: ReadBatch,
  now: Date,
): Promise<string> {
  if (callbackContext !== undefined) {
    if (await findSession(transaction, storableText(callbackContext))) return callbackContext;
    throw new RefusalError(400, 'No or invalid callback context specified');
  }
  // Without a context it is a new call, or the platform did not get our first answer.
  const known = await sessionOfKey(transaction, batch.key);
  if (known) return known;
  if (!batch.calledUri) throw new RefusalError(400, 'No or invalid callback context specified');
  const helpdesk = await findHelpdeskByUri(transaction, batch.calledUri);
  if (!helpdesk) throw new RefusalError(400, 'no helpdesk has this uri', { parameters: { to: 'unknown' } });
  return createSession(transaction, { helpdeskId: helpdesk.id, now });
}
