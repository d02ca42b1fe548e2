/** What is known of the agents: who is bridged, who was rung and with what success, who is in the meeting. */
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import { operationIdOf, type ReleaseReason } from './commands.ts';
import type { HelpdeskContext, MeetingFacts } from './context.ts';
import type { BridgedParticipantEvent, ParticipantEvent, ParticipantInvitationEvent } from './events.ts';
import { sameHref } from './hrefs.ts';
import { issue, note } from './issue.ts';

/** Only the invitation of the agent whose turn it is counts; one of an earlier agent may end late. */
export function agentInvitation(context: HelpdeskContext, event: ParticipantInvitationEvent): HelpdeskContext {
  const { agent } = context;
  if (agent?.inviteN === undefined) return context;
  const operationId = operationIdOf(context.sessionId, { name: 'addParticipant', n: agent.inviteN });
  const isHis = event.operationId === undefined ? agent.inviteN === 1 : event.operationId === operationId;
  if (!isHis || agent.refused !== undefined) return context;
  if (event.outcome === 'Success') return { ...context, agent: { ...agent, joined: true } };
  return { ...context, agent: { ...agent, refused: agent.joined ? undefined : refusalOf(event.reason?.subcode) } };
}

function refusalOf(subcode: string | undefined): ReleaseReason {
  if (subcode === 'Declined') return 'declined';
  return subcode === 'Timeout' ? 'ringTimeout' : 'unreachable';
}

/** The agent may be heard from now on, unless it is somebody whose turn is over. */
export function bridgedParticipant(context: HelpdeskContext, event: BridgedParticipantEvent): HelpdeskContext {
  const uri = event.participantUri === undefined ? undefined : normalizeSipUri(event.participantUri);
  const { agent } = context;
  if (agent !== undefined && agent.uri === uri) {
    return { ...context, agent: { ...agent, bridged: true, bridgedHref: agent.bridgedHref ?? event.href } };
  }
  return unbridge(context, (late) => late.uri === uri, event.href);
}

/** An agent was passed over while his entry was being made: it is removed now that its href is known. */
export function unbridge(
  context: HelpdeskContext,
  isHis: (late: { uri: string; n: number }) => boolean,
  href: string,
): HelpdeskContext {
  if (!context.unbridging.some(isHis)) return context;
  const rest = { ...context, unbridging: context.unbridging.filter((late) => !isHis(late)) };
  if (context.end !== undefined || context.bridge.gone) return rest;
  return note(
    issue(rest, { name: 'removeBridgedParticipant', href }),
    'Removed the bridge entry of a passed-over agent',
  );
}

/** Who is in the meeting; of the agent whose turn it is also that he has come, or gone. */
export function roster(context: HelpdeskContext, event: ParticipantEvent): HelpdeskContext {
  const uri = event.uri === undefined ? undefined : normalizeSipUri(event.uri);
  const { agent } = context;
  const entry = context.meeting.present.find((person) => sameHref(person.href, event.href) || person.uri === uri);
  if (event.type === 'participant.deleted') {
    const left = withPresent(
      context,
      context.meeting.present.filter((person) => person !== entry),
    );
    const isAgent = agent !== undefined && (agent.uri === uri || agent.uri === entry?.uri);
    if (!isAgent || !agent.joined) return left;
    return { ...left, agent: { ...agent, joined: false, refused: 'left' } };
  }
  if (uri === undefined || entry !== undefined) return context;
  const entered = withPresent(context, [...context.meeting.present, { uri, href: event.href }]);
  return agent?.uri === uri && agent.refused === undefined
    ? { ...entered, agent: { ...agent, joined: true } }
    : entered;
}

function withPresent(context: HelpdeskContext, present: MeetingFacts['present']): HelpdeskContext {
  return { ...context, meeting: { ...context.meeting, present } };
}
