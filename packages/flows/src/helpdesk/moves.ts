/** What the transitions of the machine do: pure steps from context to context, commands and notes included. */
import { limits } from '@repo/ucwa-protocol/limits';
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import type { ReleaseReason, TimerName } from './commands.ts';
import type { HelpdeskContext } from './context.ts';
import type { HelpdeskEvent } from './events.ts';
import { arm, disarm, issue, nextN, note, order, say } from './issue.ts';
import type { HelpdeskSettings } from './settings.ts';

/** What the machine receives: the event with everything that a decision may use beside the context. */
export interface FlowInput {
  readonly type: HelpdeskEvent['type'];
  readonly event: HelpdeskEvent;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly settings: HelpdeskSettings;
}

export type Move = (context: HelpdeskContext, input: FlowInput) => HelpdeskContext;

/** One move after the other. */
export function inOrder(...moves: readonly Move[]): Move {
  return (context, input) => moves.reduce((sofar, move) => move(sofar, input), context);
}

const timeouts = { startTimeout: 'startTimeoutMs', ringTimeout: 'ringTimeoutMs', endTimeout: 'endTimeoutMs' } as const;

/** Sets a timer by the settings, or moves it. */
export function armTimer(timer: TimerName): Move {
  return (context, { now, settings }) => arm(context, timer, now + settings[timeouts[timer]]);
}

/** Takes a timer back; the one that has just gone off is only forgotten. */
export function disarmTimer(timer: TimerName): Move {
  return (context, { type }) => disarm(context, timer, type === `timer.${timer}`);
}

export const startAdhocMeeting: Move = (context) => {
  const href = context.invitation?.startAdhocMeetingHref;
  if (href === undefined) return context;
  const issued = issue(context, {
    name: 'startAdhocMeeting',
    href,
    subject: meetingSubject(context.visitor),
    callbackContext: context.sessionId,
  });
  return note(issued, 'A visitor asks for help: starting an on-demand meeting');
};

/** `<visitor>: <first words>`, so that a ringing agent sees who asks and why. */
function meetingSubject({ name, subject }: HelpdeskContext['visitor']): string {
  const text = subject === undefined ? (name ?? 'Visitor') : `${name ?? 'Visitor'}: ${subject}`;
  // A cut in the middle of a surrogate pair would not be well-formed text.
  return text.slice(0, limits.subject).replace(/[\uD800-\uDBFF]$/, '');
}

export const addMessaging: Move = (context) => {
  const href = context.c2.addMessagingHref;
  if (href === undefined) return context;
  return note(issue(context, { name: 'addMessaging', href }), 'The meeting stands: joining its messaging');
};

export const acceptAndBridge: Move = (context, { settings }) => {
  const href = context.invitation?.acceptAndBridgeHref;
  const { onlineMeetingUri } = context.meeting;
  if (href === undefined || onlineMeetingUri === undefined) return context;
  const impersonatedDisplayName = settings.displayName;
  const issued = issue(context, { name: 'acceptAndBridge', href, impersonatedDisplayName, onlineMeetingUri });
  return note(issued, 'Accepting the visitor and bridging him into the meeting');
};

export const assignAgent: Move = (context) =>
  note(order(context, { name: 'assignAgent', excluded: context.passedOver }), 'Looking for an agent');

export const takeAgent: Move = (context, { event }) => {
  if (event.type !== 'agentAssigned') return context;
  const uri = normalizeSipUri(event.agentUri);
  const joined = context.meeting.present.some((person) => person.uri === uri);
  return { ...context, agent: { uri, displayName: event.displayName, bridged: false, joined } };
};

/** Someone who had his turn was assigned again: the assignment is undone. */
export const returnAgent: Move = (context, { event }) => {
  if (event.type !== 'agentAssigned') return context;
  const agentUri = normalizeSipUri(event.agentUri);
  const released = order(context, { name: 'releaseAgent', agentUri, reason: 'unreachable' });
  return note(released, 'The assigned agent had his turn already');
};

export const addBridgedParticipant: Move = (context) => {
  const { agent } = context;
  const href = context.bridge.bridgedParticipantsHref;
  if (agent === undefined || href === undefined) return context;
  const bridgeN = nextN(context, 'addBridgedParticipant');
  const issued = issue(context, {
    name: 'addBridgedParticipant',
    href,
    displayName: agent.displayName,
    participantUri: agent.uri,
    messageFilterState: 'Disabled',
  });
  return note(
    { ...issued, agent: { ...agent, bridgeN } },
    `${agent.displayName} is to help: letting his messages pass`,
  );
};

/** Once a session, when the first agent is about to be rung. */
export const welcome: Move = (context, { settings }) => {
  const said = context.welcomed ? undefined : say(context, 'welcome', settings.welcomeText);
  return said ? note({ ...said, welcomed: true }, 'Welcoming the visitor') : context;
};

export const tellAgentLeft: Move = (context, { settings }) => {
  const said = say(context, 'agentLeft', settings.agentLeftText);
  return said ? note(said, 'Telling the visitor that the agent has left') : context;
};

export const addParticipant: Move = (context) => {
  const { agent } = context;
  const href = context.c2.addParticipantHref;
  if (agent === undefined || href === undefined) return context;
  const inviteN = nextN(context, 'addParticipant');
  const issued = issue(context, { name: 'addParticipant', href, to: agent.uri });
  return note({ ...issued, agent: { ...agent, inviteN } }, `Ringing ${agent.displayName}`);
};

const releaseNotes: Readonly<Record<ReleaseReason, string>> = {
  declined: 'declined',
  ringTimeout: 'did not answer',
  unreachable: 'cannot be reached',
  commandFailed: 'could not be invited',
  left: 'has left the meeting',
  sessionEnded: 'is free again',
  endedUnanswered: 'need not answer any more',
};

/** The agent's turn is over: his messages pass no longer, he is released and not chosen again in this session. */
export const passOver: Move = (context, { type }) => {
  const { agent } = context;
  if (agent === undefined) return context;
  const reason = agent.refused ?? (type === 'timer.ringTimeout' ? 'ringTimeout' : 'unreachable');
  const noted = note(context, `${agent.displayName} ${releaseNotes[reason]}`);
  return order(
    { ...withoutBridgeEntry(noted), agent: undefined, passedOver: [...context.passedOver, agent.uri] },
    { name: 'releaseAgent', agentUri: agent.uri, reason },
  );
};

function withoutBridgeEntry(context: HelpdeskContext): HelpdeskContext {
  const { agent } = context;
  if (agent?.bridgedHref !== undefined) {
    return issue(context, { name: 'removeBridgedParticipant', href: agent.bridgedHref });
  }
  if (agent?.bridgeN === undefined || context.outcomes[`addBridgedParticipant:${agent.bridgeN}`] === 'failed')
    return context;
  return { ...context, unbridging: [...context.unbridging, { uri: agent.uri, n: agent.bridgeN }] };
}

export const agentServes: Move = (context) => note(context, `${context.agent?.displayName ?? 'The agent'} has joined`);

export const awaitDeletion: Move = (context) => note(context, 'The visitor is leaving');
