/** What a decision adds to the context: commands, timers, and the sentence of the timeline. */
import type { ExternalCommand, ExternalCommandName, InternalCommand, MessagePurpose, TimerName } from './commands.ts';
import type { HelpdeskContext } from './context.ts';

type WithoutNumber<C> = C extends ExternalCommand ? Omit<C, 'n'> : never;
type Wanted = WithoutNumber<ExternalCommand>;

/** The number that the next command of this name gets. */
export function nextN(context: HelpdeskContext, name: ExternalCommandName): number {
  return (context.counters[name] ?? 0) + 1;
}

/** Adds an HTTP request to what is to be done. The number is never used twice, so neither is the operationId. */
export function issue(context: HelpdeskContext, wanted: Wanted): HelpdeskContext {
  const n = nextN(context, wanted.name);
  return {
    ...context,
    counters: { ...context.counters, [wanted.name]: n },
    commands: [...context.commands, { ...wanted, n }],
  };
}

/** Adds an internal command. */
export function order(context: HelpdeskContext, command: InternalCommand): HelpdeskContext {
  return { ...context, commands: [...context.commands, command] };
}

/**
 * Writes to the visitor. The text is kept, because the message's own `completed` event may come without it.
 * @returns undefined while the visitor cannot be written to, or when there is nothing to say
 */
export function say(context: HelpdeskContext, purpose: MessagePurpose, text: string): HelpdeskContext | undefined {
  const href = context.c1.sendMessageHref;
  if (href === undefined || text === '') return undefined;
  const n = nextN(context, 'sendMessage');
  const issued = issue(context, { name: 'sendMessage', href, text, purpose });
  return { ...issued, sent: [...issued.sent, { n, text }] };
}

/** Adds to the sentence of the timeline. */
export function note(context: HelpdeskContext, sentence: string): HelpdeskContext {
  return { ...context, notes: [...context.notes, sentence] };
}

/** @param dueAt milliseconds since 1970 */
export function arm(context: HelpdeskContext, timer: TimerName, dueAt: number): HelpdeskContext {
  return order({ ...context, timers: { ...context.timers, [timer]: dueAt } }, { name: 'scheduleTimer', timer, dueAt });
}

/** @param fired the timer has just gone off, so that there is nothing to cancel */
export function disarm(context: HelpdeskContext, timer: TimerName, fired: boolean): HelpdeskContext {
  if (context.timers[timer] === undefined) return context;
  const { [timer]: _over, ...timers } = context.timers;
  return fired ? { ...context, timers } : order({ ...context, timers }, { name: 'cancelTimer', timer });
}

/** What became of a command; undefined while it is under way or was never issued. */
export function outcomeOf(context: HelpdeskContext, name: ExternalCommandName, n: number | undefined) {
  return n === undefined ? undefined : context.outcomes[`${name}:${n}`];
}
