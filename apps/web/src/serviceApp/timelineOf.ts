/** How an event of the flow looks in a session's timeline. */
import type { SessionEventKind } from '@repo/db/sessionEvents';
import type { HelpdeskEvent } from '@repo/flows/helpdesk/events';

/** Where a timeline row of this event belongs; undefined when somebody else has written it. */
export function eventKind(event: HelpdeskEvent): SessionEventKind | undefined {
  if (event.type === 'command.succeeded' || event.type === 'command.failed') return undefined;
  if (event.type.startsWith('timer.')) return 'timer';
  if (event.type === 'agentAssigned' || event.type === 'noAgentAvailable' || event.type === 'agent.ended') {
    return 'decision';
  }
  return 'callback';
}

/** People type all the time; that changes nothing and is no part of the record. */
export function isWorthALine(event: HelpdeskEvent, ignored: boolean): boolean {
  return !(ignored && event.type.startsWith('typingParticipant.'));
}

/** Members that a timeline may show: never the text of a message, nor a subject, which holds its first words. */
const shown = [
  'leg',
  'href',
  'state',
  'outcome',
  'direction',
  'operationId',
  'onlineMeetingUri',
  'participantUri',
  'uri',
  'name',
  'reason',
  'timeStampMs',
  'agentUri',
  'displayName',
  'byUri',
  'dueAt',
  'word',
  'eventType',
  'why',
  'reconciled',
] as const;

/** What a timeline row shows of an event. */
export function eventData(event: HelpdeskEvent): Record<string, unknown> {
  const members: Partial<Record<string, unknown>> = { ...event };
  return Object.fromEntries(shown.flatMap((name) => (members[name] === undefined ? [] : [[name, members[name]]])));
}
