/** Carries out what a decision asks of our own record, inside the transaction that stores the decision. */

import type { Queries } from '@repo/db/client';
import { cancelTimer, scheduleTimer } from '@repo/db/timers';
import { recordInternalMessage, recordVisitorMessage } from '@repo/db/transcripts';
import type { InternalCommand } from '@repo/flows/helpdesk/commands';
import type { HelpdeskEvent } from '@repo/flows/helpdesk/events';
import { assignAgent, releaseAgent } from './assignment.ts';
import { closeSession } from './closeSession.ts';

export interface Done {
  /** What the decision learns from it, in the same transaction. */
  readonly events: readonly HelpdeskEvent[];
  /** For the timeline. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** The caller holds the session. */
export async function carryOut(
  transaction: Queries,
  sessionId: string,
  command: InternalCommand,
  now: Date,
): Promise<Done> {
  switch (command.name) {
    case 'assignAgent':
      return assignAgent(transaction, sessionId, command, now);
    case 'releaseAgent':
      return releaseAgent(transaction, sessionId, command, now);
    case 'recordVisitorMessage':
      await recordVisitorMessage(transaction, { ...messageOf(sessionId, command, now), author: command.author });
      return { events: [], data: messageData(command) };
    case 'recordInternalMessage':
      await recordInternalMessage(transaction, { ...messageOf(sessionId, command, now), author: 'agent' });
      return { events: [], data: messageData(command) };
    case 'scheduleTimer':
      await scheduleTimer(transaction, { sessionId, name: command.timer, dueAt: new Date(command.dueAt) });
      return { events: [], data: { timer: command.timer, dueAt: command.dueAt } };
    case 'cancelTimer':
      await cancelTimer(transaction, sessionId, command.timer);
      return { events: [], data: { timer: command.timer } };
    case 'closeSession':
      return closeSession(transaction, sessionId, command, now);
  }
}

type RecordCommand = Extract<InternalCommand, { readonly name: 'recordVisitorMessage' | 'recordInternalMessage' }>;

function messageOf(sessionId: string, command: RecordCommand, now: Date) {
  return {
    sessionId,
    timeStampMs: command.timeStampMs,
    direction: command.direction,
    senderUri: command.authorUri,
    senderName: command.authorName,
    format: command.contentType === 'text/html' ? ('html' as const) : ('plain' as const),
    text: command.text,
    delivered: command.delivered,
    now,
  };
}

/** Everything but the text. */
function messageData(command: RecordCommand) {
  const { timeStampMs, direction, authorName, delivered } = command;
  return { timeStampMs, direction, authorName, delivered, length: command.text.length };
}
