/**
 * From an event to facts: each event is written into the context first, whatever the state, and the machine's
 * transitions then follow from the facts. So the order in which the callbacks of the two legs and the answers to our
 * requests arrive does not matter, and a repeated event changes nothing.
 */
import { normalizeSipUri } from '@repo/ucwa-protocol/sipUri';
import type { HelpdeskContext, LegFacts } from './context.ts';
import type {
  ConversationEvent,
  HelpdeskEvent,
  MessagingInvitationEvent,
  OnlineMeetingInvitationEvent,
  ParticipantEvent,
} from './events.ts';
import { sameHref } from './hrefs.ts';
import { type Moment, recordMessage, recordPostponed } from './recordMessage.ts';
import { agentInvitation, bridgedParticipant, roster } from './rememberAgent.ts';
import { failed, succeeded } from './rememberOutcome.ts';

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

function visitorSeen(context: HelpdeskContext, event: ParticipantEvent): HelpdeskContext {
  if (event.type === 'participant.deleted') return context;
  const uri = context.visitor.uri ?? (event.uri === undefined ? undefined : normalizeSipUri(event.uri));
  return { ...context, visitor: { ...context.visitor, uri, name: context.visitor.name ?? event.name } };
}
