/** What is remembered of callbacks besides the line itself: how attempts went, and batches that were given up. No message text in the first. */
import type { CallbackTarget, SequencedEvent, Timer } from './channel.ts';

/** One POST. */
export interface DeliveryAttempt {
  readonly ack: number;
  /** 1 = the first of its batch. */
  readonly attempt: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Duration in milliseconds. */
  readonly ms: number;
  readonly outcome: DeliveryOutcome;
  /** Of the answer, when there was one. */
  readonly status?: number;
  /** Why there was none. */
  readonly problem?: DeliveryProblem;
  /** Size of the body. */
  readonly bytes: number;
  /** An operator asked for it. */
  readonly replay?: true;
}

export const deliveryOutcomes = ['delivered', 'unauthorized', 'permanent', 'failed'] as const;
export type DeliveryOutcome = (typeof deliveryOutcomes)[number];
export type DeliveryProblem = 'hostNotAllowed' | 'addressNotAllowed' | 'timedOut' | 'unreachable';

/** The last attempts of one SA conversation, oldest first. Key: the conversation's id; goes with its channel. */
export interface DeliveryRecord {
  readonly tenantId: string;
  readonly endpointUri: string;
  readonly attempts: readonly DeliveryAttempt[];
}

/** A batch that was not delivered, kept so that an operator can have it delivered again. Key: `givenUpKey`. */
export interface GivenUpBatch {
  readonly tenantId: string;
  readonly conversationId: string;
  readonly ack: number;
  readonly target: CallbackTarget;
  readonly events: readonly SequencedEvent[];
  /** Milliseconds since 1970. */
  readonly failedAt: number;
  readonly keptUntil: number;
}

export const attemptsKept = 20;
export const givenUpTimerKind = 'givenUpBatch.forget';
const givenUpKeptMs = 24 * 3_600_000;

export const givenUpKey = (conversationId: string, ack: number): string => `${conversationId}~${ack}`;

export const keptUntilFrom = (failedAt: number): number => failedAt + givenUpKeptMs;

/** Forgets a batch when its time is over. */
export function givenUpTimer({ conversationId, ack, keptUntil }: GivenUpBatch): Timer {
  const id = givenUpKey(conversationId, ack);
  return { name: `${givenUpTimerKind}:${id}`, dueAt: keptUntil, kind: givenUpTimerKind, id };
}
