/**
 * From an event to facts: each event is written into the context first, whatever the state, and the machine's
 * transitions then follow from the facts. So the order in which the callbacks of the two legs and the answers to our
 * requests arrive does not matter, and a repeated event changes nothing.
 */
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import { operationIdOf, type ReleaseReason } from './commands.ts';
import { type HelpdeskContext, issue, type LegFacts, note } from './context.ts';
import type {
  BridgedParticipantEvent,
  CommandFailedEvent,
  CommandSucceededEvent,
  ConversationEvent,
  HelpdeskEvent,
  MessagingInvitationEvent,
  OnlineMeetingInvitationEvent,
  ParticipantEvent,
  ParticipantInvitationEvent,
} from './events.ts';
import { sameHref } from './hrefs.ts';
import { type Moment, recordMessage, recordPostponed } from './recordMessage.ts';

/** @param moment the time, and how the helpdesk is set up at that time */
export function remember(before: HelpdeskContext, event: HelpdeskEvent, moment: Moment): HelpdeskContext {
  const context = 'leg' in event ? rememberConversation(before, event) : before;
  switch (event.type) {
    case 'messagingInvitation.started':
    case 'messagingInvitation.updated':
    case 'messagingInvitation.completed':
      return event.leg === 'C1' ? visitorInvitation(context, event) : ourMessagingInvitation(context, event);
    case 'onlineMeetingInvitation.started':
    case 'onlineMeetingInvitation.updated':
    case 'onlineMeetingInvitation.completed':
      return meetingInvitation(context, event);
    case 'participantInvitation.completed':
    case 'userMeetingInvitation.completed':
      return agentInvitation(context, event);
    case 'conversation.added':
    case 'conversation.updated':
    case 'conversation.deleted':
      return conversation(context, event);
    case 'messaging.updated':
      return leg(context, event.leg, {
        messagingState: event.state,
        sendMessageHref: event.links.sendMessage,
        addMessagingHref: event.links.addMessaging,
      });
    case 'onlineMeeting.added':
    case 'onlineMeeting.updated':
      return meeting(context, {
        onlineMeetingUri: context.meeting.onlineMeetingUri ?? event.onlineMeetingUri,
        terminateOnlineMeetingHref: event.links.terminateOnlineMeeting,
      });
    case 'conversationBridge.added':
    case 'conversationBridge.updated':
      return { ...context, bridge: { ...context.bridge, bridgedParticipantsHref: event.links.bridgedParticipants } };
    case 'conversationBridge.deleted':
      return { ...context, bridge: { ...context.bridge, gone: true } };
    case 'bridgedParticipant.added':
      return bridgedParticipant(context, event);
    case 'participant.added':
    case 'participant.updated':
    case 'participant.deleted':
      return event.leg === 'C1' ? visitorSeen(context, event) : roster(context, event);
    case 'message.completed':
      return recordMessage(context, event, moment);
    case 'command.succeeded':
      return recordPostponed(succeeded(context, event), moment);
    case 'command.failed':
      return failed(context, event);
    default:
      return context;
  }
}

function leg(context: HelpdeskContext, name: 'C1' | 'C2', facts: Partial<LegFacts>): HelpdeskContext {
  return name === 'C1'
    ? { ...context, c1: { ...context.c1, ...facts } }
    : { ...context, c2: { ...context.c2, ...facts } };
}

function meeting(context: HelpdeskContext, facts: Partial<HelpdeskContext['meeting']>): HelpdeskContext {
  return { ...context, meeting: { ...context.meeting, ...facts } };
}

function rememberConversation(context: HelpdeskContext, event: Extract<HelpdeskEvent, { leg: 'C1' | 'C2' }>) {
  const known = event.leg === 'C1' ? context.c1.conversationHref : context.c2.conversationHref;
  if (known !== undefined || event.conversationHref === undefined) return context;
  return leg(context, event.leg, { conversationHref: event.conversationHref });
}

function visitorInvitation(context: HelpdeskContext, event: MessagingInvitationEvent): HelpdeskContext {
  const known = context.invitation;
  if (known !== undefined && !sameHref(known.href, event.href)) return context;
  const visitor = {
    name: event.from?.name ?? context.visitor.name,
    uri: event.from?.uri === undefined ? context.visitor.uri : normalizeSipUri(event.from.uri),
    subject: event.subject ?? context.visitor.subject,
  };
  if (event.type === 'messagingInvitation.completed') {
    if (known?.outcome !== undefined) return context;
    const invitation = { ...(known ?? { href: event.href }), outcome: event.outcome, subcode: event.reason?.subcode };
    return { ...context, visitor, invitation };
  }
  if (known?.outcome !== undefined) return context;
  const { decline, startAdhocMeeting, acceptAndBridge } = event.links;
  return {
    ...context,
    visitor,
    invitation: {
      href: event.href,
      declineHref: decline,
      startAdhocMeetingHref: startAdhocMeeting,
      acceptAndBridgeHref: acceptAndBridge,
    },
  };
}

function ourMessagingInvitation(context: HelpdeskContext, event: MessagingInvitationEvent): HelpdeskContext {
  if (event.type !== 'messagingInvitation.completed' || context.meeting.messagingJoined !== undefined) return context;
  return meeting(context, { messagingJoined: event.outcome });
}

function meetingInvitation(context: HelpdeskContext, event: OnlineMeetingInvitationEvent): HelpdeskContext {
  return meeting(context, {
    onlineMeetingUri: context.meeting.onlineMeetingUri ?? event.onlineMeetingUri,
    joined: context.meeting.joined ?? event.outcome,
  });
}

function conversation(context: HelpdeskContext, event: ConversationEvent): HelpdeskContext {
  if (event.type === 'conversation.deleted') return leg(context, event.leg, { gone: true });
  return leg(context, event.leg, { state: event.state, addParticipantHref: event.links.addParticipant });
}

/** Only the invitation of the agent whose turn it is counts; one of an earlier agent may end late. */
function agentInvitation(context: HelpdeskContext, event: ParticipantInvitationEvent): HelpdeskContext {
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

function bridgedParticipant(context: HelpdeskContext, event: BridgedParticipantEvent): HelpdeskContext {
  const uri = event.participantUri === undefined ? undefined : normalizeSipUri(event.participantUri);
  const { agent } = context;
  if (agent !== undefined && agent.uri === uri) {
    return { ...context, agent: { ...agent, bridged: true, bridgedHref: agent.bridgedHref ?? event.href } };
  }
  return unbridge(context, (late) => late.uri === uri, event.href);
}

/** An agent was passed over while his entry was being made: it is removed now that its href is known. */
function unbridge(
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

function visitorSeen(context: HelpdeskContext, event: ParticipantEvent): HelpdeskContext {
  if (event.type === 'participant.deleted') return context;
  const uri = context.visitor.uri ?? (event.uri === undefined ? undefined : normalizeSipUri(event.uri));
  return { ...context, visitor: { ...context.visitor, uri, name: context.visitor.name ?? event.name } };
}

function roster(context: HelpdeskContext, event: ParticipantEvent): HelpdeskContext {
  const uri = event.uri === undefined ? undefined : normalizeSipUri(event.uri);
  const { agent } = context;
  const entry = context.meeting.present.find((person) => sameHref(person.href, event.href) || person.uri === uri);
  if (event.type === 'participant.deleted') {
    const left = meeting(context, { present: context.meeting.present.filter((person) => person !== entry) });
    const isAgent = agent !== undefined && (agent.uri === uri || agent.uri === entry?.uri);
    if (!isAgent || !agent.joined) return left;
    return { ...left, agent: { ...agent, joined: false, refused: 'left' } };
  }
  if (uri === undefined || entry !== undefined) return context;
  const entered = meeting(context, { present: [...context.meeting.present, { uri, href: event.href }] });
  return agent?.uri === uri && agent.refused === undefined
    ? { ...entered, agent: { ...agent, joined: true } }
    : entered;
}

function isUnderWay(context: HelpdeskContext, event: CommandSucceededEvent | CommandFailedEvent): boolean {
  const issued = context.counters[event.name] ?? 0;
  return event.n >= 1 && event.n <= issued && context.outcomes[`${event.name}:${event.n}`] === undefined;
}

function succeeded(context: HelpdeskContext, event: CommandSucceededEvent): HelpdeskContext {
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

function failed(context: HelpdeskContext, event: CommandFailedEvent): HelpdeskContext {
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
