/** Why an event changed nothing: an ignored event must be visible in the timeline, not silent. */
import type { HelpdeskContext } from './context.ts';
import type { HelpdeskEvent } from './events.ts';

/** @param state name of the state in which the event came */
export function whyIgnored(event: HelpdeskEvent, state: string, context: HelpdeskContext): string {
  switch (event.type) {
    case 'unrecognized':
      return `Ignored ${event.word === '' ? 'an event' : `${event.word} ${event.eventType}`}: ${event.why}`;
    case 'typingParticipant.added':
    case 'typingParticipant.deleted':
      return 'Ignored typing: it has no part in the decision';
    case 'message.started':
      return 'Ignored message.started: a message is recorded when it is completed';
    case 'message.completed':
      return event.text === undefined
        ? 'Ignored a message without a text that can be read'
        : "Ignored the visitor's message in the meeting: it is recorded from his own leg";
    case 'command.succeeded':
    case 'command.failed':
      return `Ignored the outcome of ${event.name} ${event.n}: ${
        event.n > (context.counters[event.name] ?? 0) ? 'it was never asked for' : 'its outcome is known'
      }`;
    case 'timer.startTimeout':
    case 'timer.ringTimeout':
    case 'timer.endTimeout':
      return `Ignored ${event.type}: that wait is over`;
    case 'agentAssigned':
    case 'noAgentAvailable':
    case 'agent.ended':
      return `Ignored ${event.type} in ${state}: it does not apply there`;
    default:
      return `Ignored ${event.type} on ${event.leg}: nothing new`;
  }
}
