/**
 * Sends one command to the platform. Phases:
 *   1. claim: a lease on the first unfinished command of a session (packages/db outbox.ts)
 *   2. HTTP, outside of any transaction, always with the same operationId
 *   3. outcome: success, or an end that was reached already; a refusal for good; or a failure that may pass
 *   4. commit: the row, the timeline and the step that follows from it, together. Passing failures are sent again
 *      after a back-off, until the command is too old to matter.
 * A crash anywhere before 4 leaves the lease to run out; the command is then sent again, and the platform gives the
 * first answer again.
 */
import type { Queries } from '@repo/db/client';
import { lockSession } from '@repo/db/helpdeskSessions';
import { findHelpdesk } from '@repo/db/helpdesks';
import { type ClaimedCommand, claimCommands, finishCommand, postponeCommand } from '@repo/db/outbox';
import { appendSessionEvents } from '@repo/db/sessionEvents';
import type { ExternalCommand } from '@repo/flows/helpdesk/commands';
import type { CommandFailedEvent, CommandSucceededEvent } from '@repo/flows/helpdesk/events';
import { ConnectionError, isRetryable, UcwaError } from '@repo/ucwa-client/errors';
import { backOffMs } from './backOff.ts';
import { serviceCommandOf } from './commands/externalCommand.ts';
import type { Deps } from './deps.ts';
import { PlatformTokenError } from './errors.ts';
import { stepSession } from './stepSession.ts';

/**
 * Longer than a request may take. Where a token has to be had first it may be too short; then the command is sent
 * twice with one operationId, which is harmless. A dead worker's command should not keep the visitor waiting.
 */
const leaseMs = 15_000;
/** A command that could not be sent for so long is given up. */
const maxAgeMs = 10 * 60_000;

type DrainDeps = Pick<Deps, 'db' | 'clock' | 'log' | 'service' | 'wake'>;

interface Outcome {
  readonly result: 'succeeded' | 'failed' | 'again';
  readonly status?: number;
  readonly location?: string;
  readonly code?: string;
  readonly subcode?: string;
  readonly retryAfterMs?: number;
  /** True when the platform said that there was nothing left to do. */
  readonly reached?: true;
}

/** Sends one due command. @returns false when none was due */
export async function drainOutbox(deps: DrainDeps): Promise<boolean> {
  const now = new Date(deps.clock.now());
  const [claimed] = await claimCommands(deps.db, { now, leaseMs, limit: 1 });
  if (!claimed) return false;
  // Written by stepSession.ts only.
  const command = claimed.command as ExternalCommand;
  const outcome = await sendCommand(deps, claimed.sessionId, command);
  const ms = deps.clock.now() - now.getTime();
  await settle(deps, claimed, command, outcome, ms);
  deps.wake();
  return true;
}

async function sendCommand(deps: DrainDeps, sessionId: string, command: ExternalCommand): Promise<Outcome> {
  try {
    const { status, location, refusal } = await deps.service.command(serviceCommandOf(sessionId, command));
    if (refusal) return { ...described(refusal), result: 'succeeded', reached: true };
    return { result: 'succeeded', status, ...(location === undefined ? {} : { location }) };
  } catch (error) {
    return { ...described(error), result: mayPass(error) ? 'again' : 'failed' };
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof PlatformTokenError) return error.retryable;
  // A 401 says that our own token is at fault, not the command: somebody has to put the registration right.
  return isRetryable(error) || (error instanceof UcwaError && error.status === 401);
}

function described(error: unknown): Omit<Outcome, 'result'> {
  if (error instanceof UcwaError || error instanceof ConnectionError) {
    const { status, code, retryAfterMs } = error;
    const subcode = error instanceof UcwaError ? error.subcode : undefined;
    return {
      code,
      ...(status === undefined ? {} : { status }),
      ...(subcode === undefined ? {} : { subcode }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }
  return { code: error instanceof PlatformTokenError ? error.code : 'Unexpected' };
}

async function settle(
  deps: DrainDeps,
  claimed: ClaimedCommand,
  command: ExternalCommand,
  sent: Outcome,
  ms: number,
): Promise<void> {
  const { id, sessionId, operationId, attempts } = claimed;
  const now = new Date(deps.clock.now());
  const tooOld = now.getTime() - claimed.createdAt.getTime() >= maxAgeMs;
  const outcome: Outcome = sent.result === 'again' && tooOld ? { ...sent, result: 'failed' } : sent;
  const data = { operationId, attempts, ms, ...outcome };
  if (outcome.result !== 'succeeded') deps.log.warn({ sessionId, command: command.name, ...data }, 'command not done');

  await deps.db.inTransaction(async (transaction) => {
    const session = await lockSession(transaction, sessionId);
    if (!session) return;
    if (outcome.result === 'again') {
      const wait = Math.max(outcome.retryAfterMs ?? 0, backOffMs(attempts));
      await postponeCommand(transaction, id, new Date(now.getTime() + wait), outcome);
      await appendOutcome(transaction, sessionId, command, data, now);
      return;
    }
    const end = { state: outcome.result, outcome: data, now };
    // Another worker may have finished it after our lease ran out; what follows from it was done then.
    if (!(await finishCommand(transaction, id, end))) return;
    await appendOutcome(transaction, sessionId, command, data, now);
    const helpdesk = await findHelpdesk(transaction, session.helpdeskId);
    if (helpdesk) await stepSession(transaction, { session, helpdesk, events: [eventOf(command, outcome)], now });
  });
}

function appendOutcome(transaction: Queries, sessionId: string, command: ExternalCommand, data: object, at: Date) {
  return appendSessionEvents(transaction, sessionId, [
    { at, kind: 'outcome', name: command.name, data: { ...data, location: undefined } },
  ]);
}

function eventOf(command: ExternalCommand, outcome: Outcome): CommandSucceededEvent | CommandFailedEvent {
  const { name, n } = command;
  const { status, location, code, subcode } = outcome;
  const base = { name, n, ...(status === undefined ? {} : { status }) };
  if (outcome.result === 'succeeded') {
    return { type: 'command.succeeded', ...base, ...(location === undefined ? {} : { location }) };
  }
  return {
    type: 'command.failed',
    ...base,
    ...(code === undefined ? {} : { code }),
    ...(subcode === undefined ? {} : { subcode }),
  };
}
