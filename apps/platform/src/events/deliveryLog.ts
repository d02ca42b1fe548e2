/**
 * How callbacks went: the last attempts of every SA conversation. An attempt that succeeded is written within half a minute together
 * with all others, a failed one at once, so the log costs the hot path no commit of its own. A process that is killed forgets
 * at most half a minute of successes.
 */
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../clock.ts';
import { attemptsKept, type DeliveryAttempt, type DeliveryRecord } from '../model/deliveries.ts';
import type { Store, Transaction } from '../store/store.ts';

const writeWithinMs = 30_000;
/** Conversations in one commit: a long one would make everybody wait. */
const commitSize = 20;

export interface DeliveryLog {
  /** Notes an attempt. Does not throw and does not wait. */
  note(line: DeliveryLine, attempt: DeliveryAttempt): void;
  /** Resolves when everything that was noted is in the store. */
  write(): Promise<void>;
}

/** Whose attempt it was. */
export interface DeliveryLine {
  readonly conversationId: string;
  readonly tenantId: string;
  readonly endpointUri: string;
}

export interface DeliveryLogDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
}

interface Unwritten extends DeliveryLine {
  readonly attempts: DeliveryAttempt[];
}

export function createDeliveryLog({ store, clock, log }: DeliveryLogDeps): DeliveryLog {
  let unwritten = new Map<string, Unwritten>();
  let timer: unknown;
  let writing: Promise<void> = Promise.resolve();

  const write = (): Promise<void> => {
    clock.clearTimeout(timer);
    timer = undefined;
    writing = writing
      .then(writeAll)
      .catch((error: unknown) => log.error({ err: error }, 'the delivery log could not be written'));
    return writing;
  };
  const writeAll = async (): Promise<void> => {
    const lines = [...unwritten.values()];
    unwritten = new Map();
    for (let from = 0; from < lines.length; from += commitSize) {
      const some = lines.slice(from, from + commitSize);
      await store.commit((transaction) => {
        for (const line of some) append(transaction, line);
      });
    }
  };

  return {
    note: (line, attempt) => {
      const known = unwritten.get(line.conversationId);
      if (known === undefined) unwritten.set(line.conversationId, { ...line, attempts: [attempt] });
      else {
        known.attempts.push(attempt);
        if (known.attempts.length > attemptsKept) known.attempts.shift();
      }
      if (attempt.outcome !== 'delivered') void write();
      else timer ??= clock.setTimeout(() => void write(), writeWithinMs);
    },
    write,
  };
}

function append(transaction: Transaction, { conversationId, tenantId, endpointUri, attempts }: Unwritten): void {
  // A conversation that is forgotten has no log either.
  if (transaction.get('conversation', conversationId) === undefined) return;
  const known = transaction.get('deliveryRecord', conversationId)?.attempts ?? [];
  const record: DeliveryRecord = { tenantId, endpointUri, attempts: [...known, ...attempts].slice(-attemptsKept) };
  transaction.put('deliveryRecord', conversationId, record);
}
