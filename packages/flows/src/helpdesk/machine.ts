/**
 * The helpdesk decision: one run for one visitor's request for help (reference/call-flow.md 2).
 *
 * Steps 1 to 6 happen before a run starts. The 20 steps and where they live here:
 *
 *  1 SA discovers                    -                    11 addBridgedParticipant      bridgingAgent
 *  2 SA reads capabilities           -                    12 sendMessage (welcome)      awaitingAgent
 *  3 SA gets the visitor's token     -                    13 the visitor reads it       -
 *  4 widget discovers                -                    14 addParticipant             awaitingAgent
 *  5 widget creates its application  -                    15 the agent joins            awaitingAgent -> serving
 *  6 widget sends its invitation     -                    16 typing                     no decision
 *  7 invitation called back          awaitingInvitation   17 messages                   recorded in any state
 *  8 startAdhocMeeting               startingAdhocMeeting 18 the visitor closes         -
 *    (addMessaging on the meeting    addingMessaging)     19 conversation deleted       serving -> ending
 *  9 acceptAndBridge                 bridging             20 leaving the meeting        ending.leavingMeeting
 * 10 conversationBridge added        bridging -> assigning
 *
 * Two regions run side by side:
 *  - record: writes every event into the context (remember.ts) before anything is decided, in any state, and records
 *    messages even after the end.
 *  - flow: moves on from the facts (eventless transitions), so the order and repetition of callbacks do not matter.
 *    Only what is no fact is a transition on an event: timers, the assignment, the end by the desk.
 *
 *  open ---------------------------------------------------------------.
 *    awaitingInvitation -> starting -> helping <-> (next agent)         |-> ending -> terminated
 *                                        '-> visitorLeaving            '
 *
 * Every wait has a timer: startTimeout in `starting`, ringTimeout from `assigning` to `awaitingAgent`, endTimeout in
 * `visitorLeaving` and `ending`. `serving` and `awaitingInvitation` wait for people, not for an answer.
 */
import { setup } from 'xstate';
import { emptyContext, type HelpdeskContext } from './context.ts';
import {
  canTerminateMeeting,
  isDeclineRefused,
  isFarewellOver,
  isMeetingLeft,
  isMeetingTerminated,
  isSettled,
  isVisitorGone,
  isVisitorReleased,
  isWithoutMeeting,
} from './endGuards.ts';
import {
  abandonRest,
  beginEnd,
  closeSession,
  type EndParams,
  leaveC1,
  leaveC2,
  releaseVisitor,
  sayFarewell,
  terminateMeeting,
} from './ending.ts';
import {
  canInvite,
  hasAgentJoined,
  hasAgentRefused,
  isAgentBridged,
  isBridged,
  isBridgeLost,
  isFresh,
  isInvited,
  isLinkMissing,
  isMeetingLost,
  isMeetingReady,
  isMessagingJoined,
  isStartFailed,
  isVisitorLeaving,
  wasPassedOver,
} from './guards.ts';
import {
  acceptAndBridge,
  addBridgedParticipant,
  addMessaging,
  addParticipant,
  agentServes,
  armTimer,
  assignAgent,
  awaitDeletion,
  disarmTimer,
  type FlowInput,
  inOrder,
  type Move,
  passOver,
  returnAgent,
  startAdhocMeeting,
  takeAgent,
  tellAgentLeft,
  welcome,
} from './moves.ts';
import { remember } from './remember.ts';

const helpdesk = setup({
  types: {
    context: {} as HelpdeskContext,
    events: {} as FlowInput,
    input: {} as { readonly sessionId: string },
  },
});

const run = (...moves: readonly Move[]) => helpdesk.assign(({ context, event }) => inOrder(...moves)(context, event));
const end = (params: EndParams) => helpdesk.assign(({ context, event }) => beginEnd(context, event, params));
const when =
  (fact: (context: HelpdeskContext) => boolean) =>
  ({ context }: { readonly context: HelpdeskContext }) =>
    fact(context);
const fresh = ({ context, event }: { readonly context: HelpdeskContext; readonly event: FlowInput }) =>
  isFresh(context, event);

/** Steps 7 to 10: a meeting, its messaging, the bridge. */
const starting = helpdesk.createStateConfig({
  initial: 'startingAdhocMeeting',
  entry: run(armTimer('startTimeout')),
  exit: run(disarmTimer('startTimeout')),
  always: { guard: when(isStartFailed), target: '#ending', actions: end({ reason: 'startFailed' }) },
  on: { 'timer.startTimeout': { guard: fresh, target: '#ending', actions: end({ reason: 'startTimeout' }) } },
  states: {
    startingAdhocMeeting: {
      entry: run(startAdhocMeeting),
      always: { guard: when(isMeetingReady), target: 'addingMessaging' },
    },
    addingMessaging: {
      entry: run(addMessaging),
      always: { guard: when(isMessagingJoined), target: 'bridging' },
    },
    bridging: {
      entry: run(acceptAndBridge),
      always: { guard: when(isBridged), target: '#helping' },
    },
  },
});

/** Steps 11 to 17, once for each agent who is tried. */
const helping = helpdesk.createStateConfig({
  id: 'helping',
  initial: 'assigning',
  exit: run(disarmTimer('ringTimeout')),
  always: [
    { guard: when(isMeetingLost), target: '#ending', actions: end({ reason: 'meetingLost', farewell: 'goodbye' }) },
    { guard: when(isVisitorLeaving), target: '#visitorLeaving' },
    { guard: when(isBridgeLost), target: '#ending', actions: end({ reason: 'bridgeLost', farewell: 'goodbye' }) },
  ],
  states: {
    assigning: {
      entry: run(assignAgent, armTimer('ringTimeout')),
      on: {
        agentAssigned: [
          { guard: ({ context, event }) => wasPassedOver(context, event), actions: run(returnAgent) },
          { target: 'bridgingAgent', actions: run(takeAgent) },
        ],
        noAgentAvailable: { target: '#ending', actions: end({ reason: 'noAgent', farewell: 'noAgent' }) },
        'timer.ringTimeout': {
          guard: fresh,
          target: '#ending',
          actions: end({ reason: 'noAgent', farewell: 'noAgent' }),
        },
      },
    },
    bridgingAgent: {
      entry: run(addBridgedParticipant),
      always: [
        { guard: when(hasAgentRefused), target: 'assigning', actions: run(passOver) },
        { guard: when(isAgentBridged), target: 'awaitingAgent' },
      ],
      on: { 'timer.ringTimeout': { guard: fresh, target: 'assigning', actions: run(passOver) } },
    },
    awaitingAgent: {
      entry: run(welcome, armTimer('ringTimeout')),
      always: [
        { guard: when(hasAgentRefused), target: 'assigning', actions: run(passOver) },
        { guard: when(hasAgentJoined), target: 'serving' },
        { guard: when(canInvite), actions: run(addParticipant) },
      ],
      on: { 'timer.ringTimeout': { guard: fresh, target: 'assigning', actions: run(passOver) } },
    },
    serving: {
      entry: run(agentServes, disarmTimer('ringTimeout')),
      always: { guard: when(hasAgentRefused), target: 'assigning', actions: run(tellAgentLeft, passOver) },
    },
  },
});

/** Everything before the end: the visitor's leaving and the desk's ending are possible at any point of it. */
const open = helpdesk.createStateConfig({
  initial: 'awaitingInvitation',
  always: { guard: when(isVisitorGone), target: '#ending', actions: end({ reason: 'visitorGone' }) },
  on: { 'agent.ended': { target: '#ending', actions: end({ reason: 'agentEnded' }) } },
  states: {
    awaitingInvitation: {
      always: [
        { guard: when(isVisitorGone), target: '#ending', actions: end({ reason: 'visitorGone' }) },
        { guard: when(isLinkMissing), target: '#ending', actions: end({ reason: 'linkMissing' }) },
        { guard: when(isInvited), target: 'starting' },
      ],
    },
    starting,
    helping,
    visitorLeaving: {
      id: 'visitorLeaving',
      entry: run(awaitDeletion, armTimer('endTimeout')),
      on: { 'timer.endTimeout': { guard: fresh, target: '#ending', actions: end({ reason: 'visitorLeft' }) } },
    },
  },
});

/** Steps 19 and 20: the visitor's leg first, then the meeting; each step waits for the answer to the one before. */
const ending = helpdesk.createStateConfig({
  id: 'ending',
  initial: 'sayingFarewell',
  entry: run(armTimer('endTimeout')),
  exit: run(disarmTimer('endTimeout')),
  on: { 'timer.endTimeout': { guard: fresh, target: '#terminated', actions: run(abandonRest) } },
  states: {
    sayingFarewell: {
      entry: run(sayFarewell),
      always: { guard: when(isFarewellOver), target: 'releasingVisitor' },
    },
    releasingVisitor: {
      entry: run(releaseVisitor),
      always: [
        { guard: when(isVisitorReleased), target: 'endingMeeting' },
        { guard: when(isDeclineRefused), actions: run(leaveC1), target: 'leavingVisitor' },
      ],
    },
    leavingVisitor: {
      always: { guard: when(isVisitorReleased), target: 'endingMeeting' },
    },
    endingMeeting: {
      always: [
        { guard: when(isWithoutMeeting), target: 'settling' },
        { guard: when(isMeetingTerminated), target: 'leavingMeeting' },
        { guard: when(canTerminateMeeting), actions: run(terminateMeeting) },
      ],
    },
    leavingMeeting: {
      entry: run(leaveC2),
      always: { guard: when(isMeetingLeft), target: 'settling' },
    },
    settling: {
      always: { guard: when(isSettled), target: '#terminated' },
    },
  },
});

export const machine = helpdesk.createMachine({
  id: 'helpdesk',
  type: 'parallel',
  context: ({ input }) => emptyContext(input.sessionId),
  states: {
    record: {
      on: { '*': { actions: helpdesk.assign(({ context, event }) => remember(context, event.event, event)) } },
    },
    flow: {
      initial: 'open',
      states: { open, ending, terminated: { id: 'terminated', entry: run(closeSession) } },
    },
  },
});
