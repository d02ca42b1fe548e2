/**
 * The runs that are recorded in `histories/`: the good path and each branch of reference/call-flow.md 4 that the
 * helpdesk decides. Each is a script of callbacks (as batches of the wire), outcomes, assignments and timers.
 */
import type { ExternalCommandName, TimerName } from '../commands.ts';
import type { HelpdeskEvent } from '../events.ts';
import { fromCallback } from '../fromCallback.ts';
import * as wire from './wire.ts';

export const sessionId = 'hds_0123456789abcdef';
const op = (name: ExternalCommandName, n = 1) => `${sessionId}:${name}:${n}`;
const legs = { c1ConversationHref: wire.conversationHref('C1'), c2ConversationHref: wire.conversationHref('C2') };

const callback = (...sent: readonly wire.Sent[]): readonly HelpdeskEvent[] => fromCallback(wire.batch(...sent), legs);
const done = (name: ExternalCommandName, n = 1, path?: string): HelpdeskEvent => ({
  type: 'command.succeeded',
  name,
  n,
  status: path === undefined ? 204 : 201,
  ...(path === undefined ? {} : { location: wire.baseuri + path }),
});
const refused = (name: ExternalCommandName, n = 1, status = 409, code = 'Conflict'): HelpdeskEvent => ({
  type: 'command.failed',
  name,
  n,
  status,
  code,
});
const timer = (name: TimerName): HelpdeskEvent => ({ type: `timer.${name}` });
const assigned = (person: { uri: string; name: string }): HelpdeskEvent => ({
  type: 'agentAssigned',
  agentUri: person.uri,
  displayName: person.name,
});
const nobody: HelpdeskEvent = { type: 'noAgentAvailable' };
const deskEnds: HelpdeskEvent = { type: 'agent.ended', byUri: wire.ann.uri };

const invited = callback(wire.visitorInvitation('started'), wire.conversation('C1', 'added', 'Incoming'));
const meetingUp = [
  done('startAdhocMeeting', 1, '/invitations/meeting'),
  ...callback(
    wire.ourInvitation('onlineMeetingInvitation', 'started', op('startAdhocMeeting')),
    wire.conversation('C2', 'added', 'Connecting'),
    wire.conversation('C2', 'updated', 'Conferenced'),
    wire.onlineMeeting(),
    wire.messaging('C2', 'Disconnected'),
    wire.ourInvitation('onlineMeetingInvitation', 'completed', op('startAdhocMeeting')),
  ),
];
const messagingUp = [
  done('addMessaging', 1, '/invitations/messaging'),
  ...callback(
    wire.ourInvitation('messagingInvitation', 'started', op('addMessaging')),
    wire.messaging('C2', 'Connecting'),
    wire.messaging('C2', 'Connected'),
    wire.conversation('C2', 'updated', 'Conferenced'),
    wire.ourInvitation('messagingInvitation', 'completed', op('addMessaging')),
  ),
];
const bridged = [
  ...invited,
  ...meetingUp,
  ...messagingUp,
  done('acceptAndBridge'),
  ...callback(
    wire.participant('C1', 'added', wire.visitor),
    wire.messaging('C1', 'Connected'),
    wire.conversation('C1', 'updated', 'Connected'),
    wire.conversationBridge('added'),
    wire.visitorInvitation('completed'),
  ),
  ...callback(wire.participant('C2', 'added', wire.visitor)),
];
const admitted = (person: { uri: string; name: string }, n: number) => [
  assigned(person),
  done('addBridgedParticipant', n, wire.bridgedParticipantPath(person)),
  ...callback(wire.bridgedParticipant(person)),
];
const ringing = [
  ...bridged,
  ...admitted(wire.ann, 1),
  done('sendMessage', 1, wire.messagePath('C1', 2)),
  ...callback(wire.message({ leg: 'C1', n: 2, direction: 'Outgoing', at: 1_800_000_000_100 })),
  done('addParticipant', 1, '/invitations/ann'),
  ...callback(wire.ourInvitation('participantInvitation', 'started', op('addParticipant'))),
];
const joined = (person: { uri: string; name: string }, n: number) =>
  callback(
    wire.participant('C2', 'added', person),
    wire.ourInvitation('participantInvitation', 'completed', op('addParticipant', n)),
  );
const serving = [...ringing, ...joined(wire.ann, 1)];
const talk = [
  ...callback(
    wire.participant('C2', 'added', wire.visitor, true),
    wire.participant('C2', 'deleted', wire.visitor, true),
  ),
  ...callback(
    wire.message({
      leg: 'C1',
      n: 3,
      direction: 'Incoming',
      at: 1_800_000_000_200,
      text: 'Hello, is anybody there?',
      from: wire.visitor,
    }),
  ),
  ...callback(
    wire.message({
      leg: 'C2',
      n: 1,
      direction: 'Incoming',
      at: 1_800_000_000_200,
      text: 'Hello, is anybody there?',
      from: wire.visitor,
    }),
  ),
  ...callback(
    wire.message({
      leg: 'C2',
      n: 2,
      direction: 'Incoming',
      at: 1_800_000_000_300,
      text: 'Yes: how can I help?',
      from: wire.ann,
    }),
  ),
  ...callback(
    wire.message({
      leg: 'C1',
      n: 4,
      direction: 'Outgoing',
      at: 1_800_000_000_300,
      text: 'Yes: how can I help?',
      from: { uri: 'sip:helpdesk@contoso.com', name: 'Ann' },
    }),
  ),
];
const visitorGone = callback(
  wire.messaging('C1', 'Disconnected'),
  wire.participant('C1', 'deleted', wire.visitor),
  wire.conversationBridge('deleted'),
  wire.conversation('C1', 'updated', 'Disconnected'),
  wire.conversation('C1', 'deleted'),
);
const visitorOutOfMeeting = callback(wire.participant('C2', 'deleted', wire.visitor));
const meetingEnded = [
  done('terminateOnlineMeeting'),
  ...callback(wire.conversation('C2', 'updated', 'Disconnected'), wire.conversation('C2', 'deleted')),
];
/** @param leaveN number of the DELETE of C2 */
const meetingLeft = (leaveN: number) => [...meetingEnded, done('terminateConversation', leaveN)];
const c1Deleted = (n = 1) => [
  done('terminateConversation', n),
  ...callback(
    wire.messaging('C1', 'Disconnected'),
    wire.conversationBridge('deleted'),
    wire.conversation('C1', 'deleted'),
  ),
];
const invitationFails = (subcode: string) =>
  callback(wire.visitorInvitation('completed', subcode), wire.conversation('C1', 'deleted'));

export const scenarios: Readonly<Record<string, readonly HelpdeskEvent[]>> = {
  goodPath: [...serving, ...talk, ...visitorGone, ...visitorOutOfMeeting, ...meetingLeft(1)],
  goodPathRepeated: [...serving, ...talk, ...visitorGone, ...meetingLeft(1)].flatMap((event) => [event, event]),
  linkMissing: [
    ...callback(
      wire.visitorInvitation('started', undefined, ['startAdhocMeeting']),
      wire.conversation('C1', 'added', 'Incoming'),
    ),
    done('decline'),
    ...invitationFails('Declined'),
  ],
  startAdhocMeetingRefused: [...invited, refused('startAdhocMeeting'), done('decline'), ...invitationFails('Declined')],
  meetingInvitationFails: [
    ...invited,
    done('startAdhocMeeting', 1, '/invitations/meeting'),
    ...callback(wire.ourInvitation('onlineMeetingInvitation', 'completed', op('startAdhocMeeting'), 'Timeout')),
    done('decline'),
    ...invitationFails('Declined'),
    done('terminateConversation', 1),
    ...callback(wire.conversation('C2', 'deleted')),
  ],
  addMessagingRefused: [
    ...invited,
    ...meetingUp,
    refused('addMessaging'),
    done('decline'),
    ...invitationFails('Declined'),
    ...meetingLeft(1),
  ],
  acceptAndBridgeRefused: [
    ...invited,
    ...meetingUp,
    ...messagingUp,
    refused('acceptAndBridge', 1, 404, 'NotFound'),
    done('decline'),
    ...invitationFails('Declined'),
    ...meetingLeft(1),
  ],
  startTimeout: [
    ...invited,
    timer('startTimeout'),
    done('decline'),
    ...invitationFails('Declined'),
    ...meetingUp,
    ...meetingLeft(1),
  ],
  startTimeoutWhileBridging: [
    ...invited,
    ...meetingUp,
    ...messagingUp,
    done('acceptAndBridge'),
    timer('startTimeout'),
    ...c1Deleted(),
    ...meetingLeft(2),
  ],
  declineRefused: [
    ...invited,
    timer('startTimeout'),
    refused('decline', 1, 404, 'NotFound'),
    done('terminateConversation'),
    ...callback(wire.conversation('C1', 'deleted')),
    refused('startAdhocMeeting'),
  ],
  visitorCancels: [...invited, ...meetingUp, ...invitationFails('Canceled'), ...meetingLeft(1)],
  visitorCancelsBeforeMeeting: [...invited, ...invitationFails('Canceled'), ...meetingUp, ...meetingLeft(1)],
  invitationMissed: [...invited, ...meetingUp, ...messagingUp, ...invitationFails('Missed'), ...meetingLeft(1)],
  agentDeclines: [
    ...ringing,
    ...callback(wire.ourInvitation('participantInvitation', 'completed', op('addParticipant'), 'Declined')),
    done('removeBridgedParticipant'),
    ...admitted(wire.ben, 2),
    done('addParticipant', 2, '/invitations/ben'),
    ...joined(wire.ben, 2),
    ...visitorGone,
    ...meetingLeft(1),
  ],
  agentUnreachable: [
    ...ringing,
    ...callback(wire.ourInvitation('participantInvitation', 'completed', op('addParticipant'), 'Unreachable')),
    done('removeBridgedParticipant'),
    nobody,
    done('sendMessage', 2, wire.messagePath('C1', 3)),
    ...c1Deleted(),
    ...meetingLeft(2),
  ],
  ringTimeout: [
    ...ringing,
    timer('ringTimeout'),
    ...admitted(wire.ben, 2),
    ...callback(wire.ourInvitation('participantInvitation', 'completed', op('addParticipant'), 'Timeout')),
    done('addParticipant', 2, '/invitations/ben'),
    ...joined(wire.ben, 2),
    ...visitorGone,
    ...meetingLeft(1),
  ],
  ringTimeoutBeforeBridged: [
    ...bridged,
    assigned(wire.ann),
    timer('ringTimeout'),
    assigned(wire.ben),
    done('addBridgedParticipant', 1, wire.bridgedParticipantPath(wire.ann)),
    ...visitorGone,
    ...meetingLeft(1),
  ],
  addBridgedParticipantRefused: [
    ...bridged,
    assigned(wire.ann),
    refused('addBridgedParticipant'),
    ...admitted(wire.ben, 2),
    ...visitorGone,
    ...meetingLeft(1),
  ],
  addParticipantRefused: [
    ...bridged,
    ...admitted(wire.ann, 1),
    refused('addParticipant', 1, 403, 'Forbidden'),
    nobody,
    done('sendMessage', 2, wire.messagePath('C1', 3)),
    ...c1Deleted(),
    ...meetingLeft(2),
  ],
  welcomeRefused: [
    ...bridged,
    ...admitted(wire.ann, 1),
    refused('sendMessage'),
    ...joined(wire.ann, 1),
    ...visitorGone,
    ...meetingLeft(1),
  ],
  noAgentAvailable: [
    ...bridged,
    nobody,
    done('sendMessage', 1, wire.messagePath('C1', 2)),
    ...c1Deleted(),
    ...meetingLeft(2),
  ],
  agentLeaves: [
    ...serving,
    ...callback(wire.participant('C2', 'deleted', wire.ann)),
    ...admitted(wire.ben, 2),
    done('addParticipant', 2, '/invitations/ben'),
    ...joined(wire.ben, 2),
    ...visitorGone,
    ...meetingLeft(1),
  ],
  agentEnds: [...serving, ...talk, deskEnds, ...c1Deleted(), ...meetingLeft(2)],
  agentEndsWhileVisitorLeaves: [
    ...serving,
    ...callback(wire.messaging('C1', 'Disconnected')),
    deskEnds,
    ...callback(wire.conversation('C1', 'deleted')),
    ...meetingLeft(2),
  ],
  visitorLeavesWithoutDeletion: [
    ...serving,
    ...callback(wire.messaging('C1', 'Disconnected')),
    timer('endTimeout'),
    ...c1Deleted(),
    ...meetingLeft(2),
  ],
  meetingLost: [
    ...serving,
    ...callback(wire.conversation('C2', 'deleted')),
    done('sendMessage', 2, wire.messagePath('C1', 3)),
    ...c1Deleted(),
  ],
  bridgeLost: [
    ...serving,
    ...callback(wire.conversationBridge('deleted')),
    done('sendMessage', 2, wire.messagePath('C1', 3)),
    ...c1Deleted(),
    ...meetingLeft(2),
  ],
  endTimeout: [
    ...serving,
    ...visitorGone,
    refused('terminateOnlineMeeting', 1, 503, 'ServiceUnavailable'),
    timer('endTimeout'),
  ],
  endTimeoutWithoutAnyAnswer: [...serving, deskEnds, timer('endTimeout')],
  lateMessages: [
    ...serving,
    ...visitorGone,
    ...meetingLeft(1),
    ...callback(
      wire.message({
        leg: 'C1',
        n: 9,
        direction: 'Incoming',
        at: 1_800_000_000_900,
        text: 'Thanks!',
        from: wire.visitor,
      }),
    ),
    ...callback(wire.visitorInvitation('started')),
    deskEnds,
    timer('endTimeout'),
  ],
  messageBeforeItsAnswer: [
    ...bridged,
    ...admitted(wire.ann, 1),
    ...callback(wire.message({ leg: 'C1', n: 2, direction: 'Outgoing', at: 1_800_000_000_100 })),
    done('sendMessage', 1, wire.messagePath('C1', 2)),
    ...visitorGone,
    ...meetingLeft(1),
  ],
};
