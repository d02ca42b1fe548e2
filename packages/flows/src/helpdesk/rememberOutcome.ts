/** What became of the commands: each outcome counts once. */
import type { HelpdeskContext } from './context.ts';
import type { CommandFailedEvent, CommandSucceededEvent } from './events.ts';
import { note } from './issue.ts';
import { unbridge } from './rememberAgent.ts';

function isUnderWay(context: HelpdeskContext, event: CommandSucceededEvent | CommandFailedEvent): boolean {
  const issued = context.counters[event.name] ?? 0;
  return event.n >= 1 && event.n <= issued && context.outcomes[`${event.name}:${event.n}`] === undefined;
}

/** The platform carried a command out; some answers name what it made. */
export function succeeded(context: HelpdeskContext, event: CommandSucceededEvent): HelpdeskContext {
  if (!isUnderWay(context, event)) return context;
  const known = { ...context, outcomes: { ...context.outcomes, [`${event.name}:${event.n}`]: 'succeeded' as const } };
  const { agent } = known;
  if (event.name === 'sendMessage' && event.location !== undefined) {
    const sent = known.sent.map((text) => (text.n === event.n ? { ...text, href: event.location } : text));
    return { ...known, sent };
  }
  if (event.name !== 'addBridgedParticipant') return known;
  if (agent?.bridgeN === event.n) {
    return { ...known, agent: { ...agent, bridged: true, bridgedHref: agent.bridgedHref ?? event.location } };
  }
  return event.location === undefined ? known : unbridge(known, (late) => late.n === event.n, event.location);
}

/** The platform refused a command for good; when it was about the agent whose turn it is, that turn is over. */
export function failed(context: HelpdeskContext, event: CommandFailedEvent): HelpdeskContext {
  if (!isUnderWay(context, event)) return context;
  const outcomes = { ...context.outcomes, [`${event.name}:${event.n}`]: 'failed' as const };
  const known = note({ ...context, outcomes }, `The platform refused ${event.name}${statusOf(event)}`);
  const { agent } = known;
  const isAgents =
    (event.name === 'addBridgedParticipant' && agent?.bridgeN === event.n && !agent.bridged) ||
    (event.name === 'addParticipant' && agent?.inviteN === event.n && !agent.joined);
  const unbridging = known.unbridging.filter((late) => event.name !== 'addBridgedParticipant' || late.n !== event.n);
  return isAgents && agent !== undefined
    ? { ...known, unbridging, agent: { ...agent, refused: agent.refused ?? 'commandFailed' } }
    : { ...known, unbridging };
}

function statusOf(event: CommandFailedEvent): string {
  const code = event.subcode ?? event.code;
  const parts = [event.status, code].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : ` (${parts.join(' ')})`;
}
