/** What the answer of an SA to a callback means (reference/events.md 4.2). */
import type { DeliveryProblem } from '../model/deliveries.ts';

export type CallbackOutcome =
  | { readonly kind: 'delivered'; readonly status: number; readonly context?: string }
  /** The SA rejects the token: once more with a fresh one. */
  | { readonly kind: 'unauthorized'; readonly status: number }
  /** Never again. */
  | { readonly kind: 'permanent'; readonly status: number }
  | { readonly kind: 'failed'; readonly status?: number; readonly problem?: DeliveryProblem };

export function outcomeOf(status: number, body: string): CallbackOutcome {
  if (status >= 200 && status < 300) {
    const context = contextOf(body);
    return { kind: 'delivered', status, ...(context === undefined ? {} : { context }) };
  }
  if (status === 401 || status === 403) return { kind: 'unauthorized', status };
  if (status === 400) return { kind: 'permanent', status };
  return { kind: 'failed', status };
}

/** `{"CallbackContext": "..."}`, its name in any case. */
function contextOf(body: string): string | undefined {
  if (body.trim() === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const entry = Object.entries(parsed).find(([name]) => name.toLowerCase() === 'callbackcontext');
    return typeof entry?.[1] === 'string' && entry[1] !== '' ? entry[1] : undefined;
  } catch {
    return undefined;
  }
}
