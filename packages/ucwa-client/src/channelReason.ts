/** Why an event channel is in the state it is in, in one word. */
import { ConnectionError, isGone, UcwaError } from './errors.ts';

export type ChannelReason =
  | 'started'
  | 'reconnecting'
  | 'answered'
  | 'network'
  | 'timeout'
  | 'serverError'
  | 'refused'
  | 'malformedBatch'
  | 'applyFailed'
  | 'stopped'
  | 'replaced'
  | 'unauthorized'
  | 'notFound'
  | 'gone';

/** `onBatch` or `onReset` has failed: the batch stays unacknowledged and is offered again. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
}

/** What ends a channel for good, if the error does; any other is waited out (reference/events.md 3). */
export function endOf(error: unknown): ChannelReason | undefined {
  if (!(error instanceof UcwaError)) return undefined;
  if (error.status === 401) return 'unauthorized';
  if (error.status === 409 && error.subcode === 'PGetReplaced') return 'replaced';
  if (isGone(error)) return error.status === 404 ? 'notFound' : 'gone';
  return undefined;
}

/** The one word for a failure that is waited out. */
export function reasonOf(error: unknown): ChannelReason {
  if (error instanceof ApplyError) return 'applyFailed';
  if (error instanceof UcwaError) return 'refused';
  if (!(error instanceof ConnectionError)) return 'network';
  if (error.code === 'Timeout') return 'timeout';
  if (error.code === 'MalformedAnswer') return 'malformedBatch';
  return error.code === 'ServerError' ? 'serverError' : 'network';
}
