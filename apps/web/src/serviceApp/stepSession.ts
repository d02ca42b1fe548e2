/**
 * One step of a session, inside one transaction whose caller holds the session. Phases:
 *   1. each event is given to the decision (`advance`); internal commands are carried out at once and what comes of
 *      them is decided next, before the following event
 *   2. commands for the platform go to the outbox
 *   3. snapshot and the columns shown in lists are stored
 *   4. all of it is appended to the timeline, in the order in which it happened, without texts of messages
 */
import type { Queries } from '@repo/db/client';
import { type LockedSession, type SessionChange, saveSession } from '@repo/db/helpdeskSessions';
import type { Helpdesk } from '@repo/db/helpdesks';
import { enqueueCommand } from '@repo/db/outbox';
import { appendSessionEvents, type SessionEventInput } from '@repo/db/sessionEvents';
import { type Advance, advance, type SessionSummary, summaryOf } from '@repo/flows/helpdesk/advance';
import { type Command, type ExternalCommand, isExternal, operationIdOf } from '@repo/flows/helpdesk/commands';
import type { HelpdeskEvent } from '@repo/flows/helpdesk/events';
import { defaultSettings, type HelpdeskSettings } from '@repo/flows/helpdesk/settings';
import { fromDataUri } from '@repo/ucwa-protocol/dataUri';
import { carryOut } from './commands/internalCommand.ts';
import { eventData, eventKind, isWorthALine } from './timelineOf.ts';

export interface Step {
  readonly session: LockedSession;
  readonly helpdesk: Helpdesk;
  readonly events: readonly HelpdeskEvent[];
  readonly now: Date;
}

/** A decision that keeps answering itself would never end; no real one needs more than a few rounds. */
const maxRounds = 500;

/**
 * Takes the session through the events.
 * @throws whatever the decision or the database throws; then nothing of the step is kept
 */
export async function stepSession(transaction: Queries, step: Step): Promise<void> {
  const { session, now } = step;
  const settings = settingsOf(step.helpdesk);
  const waiting = [...step.events];
  const lines: SessionEventInput[] = [];
  let page: unknown;
  let last: Advance | undefined;

  for (let event = waiting.shift(), round = 1; event; event = waiting.shift(), round += 1) {
    if (round > maxRounds) throw new RangeError('the decision does not come to an end');
    page ??= pageOf(event);
    const snapshot: unknown = last ? last.snapshot : session.snapshot;
    last = advance({ snapshot, sessionId: session.id, event, now: now.getTime(), settings });
    lines.push(...decisionLines(event, last, now));
    const answers: HelpdeskEvent[] = [];
    for (const command of last.commands) {
      const { events, data } = await execute(transaction, session.id, command, now);
      answers.push(...events);
      lines.push({ at: now, kind: 'command', name: command.name, data });
    }
    waiting.unshift(...answers);
  }

  if (last) await saveSession(transaction, session.id, changeOf(last, page));
  await appendSessionEvents(transaction, session.id, lines);
}

/** What the decision works with: the helpdesk's own values, and ours where it has none. */
function settingsOf(helpdesk: Helpdesk): HelpdeskSettings {
  const { displayName, welcomeText, noAgentText, startTimeoutMs, ringTimeoutMs } = helpdesk;
  return { ...defaultSettings, displayName, welcomeText, noAgentText, startTimeoutMs, ringTimeoutMs };
}

/** What a stored snapshot says about its session; nothing before the first step. */
export function summaryOfSession(session: LockedSession): Partial<SessionSummary> {
  return session.snapshot === undefined ? {} : summaryOf(session.snapshot);
}

async function execute(transaction: Queries, sessionId: string, command: Command, now: Date) {
  if (!isExternal(command)) return carryOut(transaction, sessionId, command, now);
  const operationId = operationIdOf(sessionId, command);
  await enqueueCommand(transaction, { sessionId, operationId, name: command.name, command, now });
  return { events: [], data: { operationId, ...outlineOf(command) } };
}

/** What the timeline may show of a command for the platform. */
function outlineOf(command: ExternalCommand): Record<string, unknown> {
  switch (command.name) {
    case 'sendMessage':
      return { purpose: command.purpose };
    case 'addParticipant':
      return { to: command.to };
    case 'addBridgedParticipant':
      return { participantUri: command.participantUri, messageFilterState: command.messageFilterState };
    case 'acceptAndBridge':
      return { onlineMeetingUri: command.onlineMeetingUri };
    case 'decline':
      return { reason: command.reason };
    case 'terminateConversation':
      return { leg: command.leg };
    default:
      return {};
  }
}

function decisionLines(event: HelpdeskEvent, result: Advance, now: Date): SessionEventInput[] {
  if (!isWorthALine(event, result.ignored)) return [];
  const kind = eventKind(event);
  const { decision, state, ignored } = result;
  const decided: SessionEventInput = { at: now, kind: 'decision', name: state, data: { decision, on: event.type } };
  // What became of a command is written by the outbox, with the time it took.
  if (kind === undefined) return ignored ? [] : [decided];
  const seen: SessionEventInput = {
    at: now,
    kind,
    name: event.type,
    data: { ...eventData(event), ...(ignored ? { ignored: decision } : {}) },
  };
  return ignored ? [seen] : [seen, decided];
}

function changeOf({ snapshot, machineVersion, state }: Advance, page: unknown): SessionChange {
  const { visitorName, subject, c1ConversationHref, onlineMeetingUri } = summaryOf(snapshot);
  return {
    state,
    machineVersion,
    snapshot,
    ...(page === undefined ? {} : { page }),
    ...(visitorName === undefined ? {} : { visitorName }),
    ...(subject === undefined ? {} : { subject }),
    ...(c1ConversationHref === undefined ? {} : { conversationHref: c1ConversationHref }),
    ...(onlineMeetingUri === undefined ? {} : { onlineMeetingUri }),
  };
}

/** What the visitor's page said about itself in the invitation; anything that is no JSON object is left out. */
function pageOf(event: HelpdeskEvent): unknown {
  if (event.type !== 'messagingInvitation.started' || event.direction !== 'Incoming') return undefined;
  const content = fromDataUri(event.links.customContent ?? '');
  if (!content?.contentType.startsWith('application/json')) return undefined;
  try {
    const page: unknown = JSON.parse(content.text);
    return typeof page === 'object' && page !== null && !Array.isArray(page) ? page : undefined;
  } catch {
    return undefined;
  }
}
