/**
 * The door to the helpdesk decision, and the only file that runs xstate (its pure functions; nothing is started).
 *
 * 1. Bring the stored snapshot back, or begin.
 * 2. Let the machine take the event; what it wants done and said gathers in the context.
 * 3. Take that out, name the state, and find out whether anything changed at all.
 */
import { initialTransition, transition } from 'xstate';
import type { CloseReason, Command } from './commands.ts';
import type { HelpdeskContext } from './context.ts';
import type { HelpdeskEvent } from './events.ts';
import { machine } from './machine.ts';
import type { HelpdeskSettings } from './settings.ts';
import { whyIgnored } from './whyIgnored.ts';
import { objectOf, present } from './wireReader.ts';

/** Grows whenever a state or a remembered fact changes its name or meaning. */
export const machineVersion = '1';

export interface AdvanceInput {
  /** The snapshot of the last call, as it came back from storage; none for a new session. */
  readonly snapshot?: unknown;
  /** `hds_` and 16 hex digits: with more characters an operationId would exceed the wire's limit. */
  readonly sessionId: string;
  readonly event: HelpdeskEvent;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly settings: HelpdeskSettings;
}

export interface Advance {
  /** Plain JSON. */
  readonly snapshot: unknown;
  readonly machineVersion: string;
  /** The name of the state, e.g. `serving`. */
  readonly state: string;
  readonly commands: readonly Command[];
  /** True when the event changed nothing; `decision` then says why. */
  readonly ignored: boolean;
  /** One plain sentence for the timeline; never the text of a message. */
  readonly decision: string;
}

/** What a session's row shows, read from its snapshot. */
export interface SessionSummary {
  readonly state: string;
  readonly c1ConversationHref?: string;
  readonly c2ConversationHref?: string;
  readonly onlineMeetingUri?: string;
  readonly visitorName?: string;
  readonly visitorUri?: string;
  readonly subject?: string;
  readonly agentUri?: string;
  readonly agentDisplayName?: string;
  readonly closeReason?: CloseReason;
}

/** Raised when a stored snapshot was made by another version of the machine, or is none: fold the session's log anew. */
export class SnapshotVersionError extends Error {
  override readonly name = 'SnapshotVersionError';
  readonly code = 'SnapshotVersion';
  readonly retryable = false;
}

type MachineState = ReturnType<typeof machine.resolveState>;

/**
 * Takes one event. Deterministic: the same snapshot, event, time and settings give the same answer.
 * @throws SnapshotVersionError when the snapshot cannot be used by this version of the machine
 */
export function advance({ snapshot, sessionId, event, now, settings }: AdvanceInput): Advance {
  const before =
    snapshot === undefined || snapshot === null ? initialTransition(machine, { sessionId })[0] : restore(snapshot);
  const [after] = transition(machine, before, { type: event.type, event, now, settings });
  const { commands, notes } = after.context;
  const stored = toSnapshot(after);
  const ignored = commands.length === 0 && JSON.stringify(stored) === JSON.stringify(toSnapshot(before));
  const state = stateName(after.value);
  return {
    snapshot: stored,
    machineVersion,
    state,
    commands: toJson(commands),
    ignored,
    decision: sentence(ignored ? [whyIgnored(event, state, before.context)] : notes, event),
  };
}

/**
 * What a snapshot says about its session; its two conversations are what `fromCallback` wants to know.
 * @throws SnapshotVersionError when the snapshot cannot be used by this version of the machine
 */
export function summaryOf(snapshot: unknown): SessionSummary {
  const { context, value } = restore(snapshot);
  const { c1, c2, meeting, visitor, agent, end } = context;
  return {
    state: stateName(value),
    ...present({
      c1ConversationHref: c1.conversationHref,
      c2ConversationHref: c2.conversationHref,
      onlineMeetingUri: meeting.onlineMeetingUri,
      visitorName: visitor.name,
      visitorUri: visitor.uri,
      subject: visitor.subject,
      agentUri: agent?.uri,
      agentDisplayName: agent?.displayName,
      closeReason: end?.reason,
    }),
  };
}

/**
 * Folds a session's log of events; the same log gives the same snapshot.
 * @returns what the last event gave, or undefined for an empty log
 */
export function rebuild(
  sessionId: string,
  log: readonly { readonly event: HelpdeskEvent; readonly now: number; readonly settings: HelpdeskSettings }[],
): Advance | undefined {
  let last: Advance | undefined;
  for (const entry of log) {
    last = advance({ ...entry, sessionId, ...(last === undefined ? {} : { snapshot: last.snapshot }) });
  }
  return last;
}

function restore(snapshot: unknown): MachineState {
  const stored = objectOf(snapshot);
  if (stored?.machineVersion !== machineVersion || objectOf(stored.context) === undefined) {
    throw new SnapshotVersionError(`snapshot of machine version ${String(stored?.machineVersion)}`);
  }
  try {
    const value = stored.value as MachineState['value'];
    const context = { ...(stored.context as HelpdeskContext), commands: [], notes: [] };
    return machine.resolveState({ value, context });
  } catch (cause) {
    throw new SnapshotVersionError('the snapshot names a state that this machine does not have', { cause });
  }
}

function toSnapshot({ value, context }: { readonly value: unknown; readonly context: HelpdeskContext }): unknown {
  const { commands: _done, notes: _said, ...facts } = context;
  return toJson({ machineVersion, value, context: facts });
}

function toJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** The innermost state of the flow; the steps of the end go by one name. */
function stateName(value: unknown): string {
  let state: unknown = objectOf(value)?.flow;
  if (objectOf(state)?.ending !== undefined) return 'ending';
  for (let inner = objectOf(state); inner !== undefined; inner = objectOf(state)) state = Object.values(inner)[0];
  return String(state);
}

function sentence(parts: readonly string[], event: HelpdeskEvent): string {
  return `${parts.length === 0 ? noted(event) : parts.join('; ')}.`;
}

function noted(event: HelpdeskEvent): string {
  if (event.type === 'command.succeeded') return `The platform carried out ${event.name}`;
  return `Took note of ${event.type}${'leg' in event ? ` on ${event.leg}` : ''}`;
}
