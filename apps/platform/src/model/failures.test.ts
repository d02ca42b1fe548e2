/** The branches of reference/call-flow.md 4: each ends, each side is told why, and completed says exactly Connected or Failed. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ann,
  bob,
  bridgeVisitor,
  type Chat,
  callInAgent,
  createModelWorld,
  type Instance,
  type ModelWorld,
  ringHelpdesk,
  sa,
  signInPerson,
  signInVisitor,
  startMeeting,
} from '../testing/modelWorld.ts';
import { addBridgedParticipant } from './bridgedParticipants.ts';
import { serviceChannelId } from './channel.ts';
import { messageKey } from './documents.ts';
import { sendMessage } from './message.ts';
import { stopMessaging } from './messaging.ts';
import { acceptAndBridge, acceptMessaging, declineMessaging, startMessaging } from './messagingInvitation.ts';
import { onCallbackGivenUp } from './onCallbackGivenUp.ts';
import { eject, terminateOnlineMeeting } from './onlineMeeting.ts';
import { acceptMeeting, declineMeeting, joinOnlineMeeting } from './onlineMeetingInvitation.ts';
import { addParticipant, inviteUserToMeeting } from './participantInvitation.ts';
import { endConversation } from './teardown.ts';
import { createApplication, endApplication, ownedApplication } from './ucwaApplication.ts';

let model: ModelWorld;
beforeEach(async () => {
  model = await createModelWorld();
});
const refusal = (status: number, subcode?: string) => expect.objectContaining({ status, subcode });

describe('a call that never comes up', () => {
  let ringing: Awaited<ReturnType<typeof ringHelpdesk>>;
  beforeEach(async () => {
    ringing = await ringHelpdesk(model);
    model.told(ringing.visitor.channelId);
    model.told(ringing.c1Channel);
  });
  const afterwards = async (toVisitor: string, toSa: string) => {
    expect(model.heard(ringing.visitor.channelId)).toEqual([
      `messagingInvitation completed Failure ${toVisitor}`,
      'messaging updated Disconnected',
      'conversation updated Disconnected',
      'conversation deleted',
    ]);
    expect(model.heard(ringing.c1Channel)).toEqual([
      `messagingInvitation completed Failure ${toSa}`,
      'messaging updated Disconnected',
      'conversation updated Disconnected',
      'conversation deleted',
    ]);
    const { meetingUri } = await startMeeting(model);
    await expect(
      model.act((world) => acceptAndBridge(world, sa, ringing.incomingId, { onlineMeetingUri: meetingUri })),
    ).rejects.toEqual(refusal(404));
    await model.advance(60_000);
    expect(model.heard(ringing.visitor.channelId)).toEqual([]);
  };

  test('F1 declined by the SA', async () => {
    await model.act((world) => declineMessaging(world, sa.owner, ringing.incomingId));
    await afterwards('Declined', 'Declined');
  });
  test('F2 cancelled by the visitor', async () => {
    await model.act((world) => stopMessaging(world, ringing.visitor.caller.owner, ringing.cc));
    await afterwards('Canceled', 'Canceled');
  });
  test('F3 nobody answers for thirty seconds', async () => {
    await model.advance(29_999);
    expect(model.heard(ringing.c1Channel)).toEqual([]);
    await model.advance(1);
    await afterwards('Timeout', 'Missed');
  });
  test('the SA cannot be told', async () => {
    await model.act((world) => onCallbackGivenUp(world, ringing.c1));
    await afterwards('Unreachable', 'CallbackUriUnreachable');
  });
  test('F8 the token ends while it rings: the SA hears of it, the visitor not', async () => {
    await model.act((world) => endApplication(world, ringing.visitor.id, 'InactiveApplicationExpired'));
    expect(model.heard(ringing.visitor.channelId)).toEqual([]);
    expect(model.heard(ringing.c1Channel)[0]).toBe('messagingInvitation completed Failure Canceled');
  });
});

describe('what a visitor may start', () => {
  test('F10 only its own helpdesk', async () => {
    const visitor = await signInVisitor(model);
    await expect(
      model.act((world) => startMessaging(world, visitor.caller, { operationId: 'o', to: ann })),
    ).rejects.toEqual(refusal(403));
  });
  test('an SA that may not take messages cannot be reached', async () => {
    await model.act((world) => {
      const client = world.get('serviceClient', `${sa.tenantId}:desk`);
      if (client !== undefined) world.put('serviceClient', `${sa.tenantId}:desk`, { ...client, permissions: [] });
    });
    const { visitor, c1 } = await ringHelpdesk(model);
    expect(c1).toBe('');
    expect(model.heard(visitor.channelId)).toContain('messagingInvitation completed Failure Unreachable');
  });
  test('F26 a second conversation, not the same thread', async () => {
    const visitor = await signInVisitor(model);
    const start = (operationId: string) =>
      model.act((world) => startMessaging(world, visitor.caller, { operationId, to: sa.local.uri, threadId: 'T' }));
    await start('a');
    await expect(start('b')).rejects.toEqual(refusal(409, 'ThreadIdAlreadyExists'));
  });
  test('F26 a visitor has three living conversations at most', async () => {
    const visitor = await signInVisitor(model);
    const start = (id: string) =>
      model.act((world) => startMessaging(world, visitor.caller, { operationId: id, to: sa.local.uri, threadId: id }));
    for (const id of ['a', 'b', 'c']) await start(id);
    await expect(start('d')).rejects.toEqual(refusal(409, 'TooManyConversations'));
    await model.advance(31_000);
    await start('e');
  });
});

describe('calling an agent in', () => {
  let meeting: Awaited<ReturnType<typeof startMeeting>>;
  beforeEach(async () => {
    meeting = await startMeeting(model);
    model.told(meeting.c2Channel);
  });
  const call = (to: string) =>
    model.act((world) => addParticipant(world, sa, meeting.c2, { operationId: `call ${to}`, to }));
  const incomingOf = (id: string, index = 0) => model.get('invitation', id)?.counterpartIds[index] ?? '';

  test('F4 known but not signed in, and not known at all', async () => {
    await call(ann);
    await call('sip:nobody@contoso.com');
    expect(model.heard(meeting.c2Channel)).toEqual([
      'participantInvitation started Connecting',
      'participantInvitation completed Failure Unreachable',
      'participantInvitation started Connecting',
      'participantInvitation completed Failure DestinationNotFound',
    ]);
  });

  test('F4 declined', async () => {
    const agent = await signInPerson(model, ann);
    const { id } = await call(ann);
    model.told(agent.channelId);
    await model.act((world) => declineMeeting(world, agent.caller.owner, incomingOf(id)));
    expect(model.heard(meeting.c2Channel).at(-1)).toBe('participantInvitation completed Failure Declined');
    expect(model.heard(agent.channelId)).toEqual([
      'onlineMeetingInvitation completed Failure Declined',
      'conversation updated Disconnected',
      'conversation deleted',
    ]);
    await call(ann);
  });

  test('F4 no answer; a second call meanwhile is refused', async () => {
    const agent = await signInPerson(model, ann);
    const { id } = await call(ann);
    await expect(call(ann)).rejects.toEqual(refusal(409, 'AnotherOperationPending'));
    await model.advance(30_000);
    expect(model.heard(meeting.c2Channel).at(-1)).toBe('participantInvitation completed Failure Timeout');
    expect(model.heard(agent.channelId)).toContain('onlineMeetingInvitation completed Failure Missed');
    await expect(model.act((world) => acceptMeeting(world, agent.caller.owner, incomingOf(id)))).rejects.toEqual(
      refusal(404),
    );
  });

  test('every tab rings, the first that accepts wins', async () => {
    const tabs = [await signInPerson(model, ann, 'tab-1'), await signInPerson(model, ann, 'tab-2')] as const;
    const { id } = await call(ann);
    await model.act((world) => acceptMeeting(world, tabs[1].caller.owner, incomingOf(id, 1)));
    expect(model.heard(tabs[0].channelId).slice(-3)).toEqual([
      'onlineMeetingInvitation completed Failure ConnectedElsewhere',
      'conversation updated Disconnected',
      'conversation deleted',
    ]);
    expect(model.heard(meeting.c2Channel).at(-1)).toBe('participantInvitation completed Success');
  });

  test('one tab that goes away leaves the other ringing; the last one fails the call', async () => {
    const tabs = [await signInPerson(model, ann, 'tab-1'), await signInPerson(model, ann, 'tab-2')] as const;
    await call(ann);
    await model.act((world) => endApplication(world, tabs[0].id, 'SignedOut'));
    expect(model.heard(meeting.c2Channel)).toEqual(['participantInvitation started Connecting']);
    await model.act((world) => endApplication(world, tabs[1].id, 'SignedOut'));
    expect(model.heard(meeting.c2Channel)).toEqual(['participantInvitation completed Failure Unreachable']);
  });

  test('inviteUserToMeeting shows the given identity, also from outside the meeting', async () => {
    const agent = await signInPerson(model, ann);
    await model.act((world) => endConversation(world, meeting.c2));
    model.told(agent.channelId);
    const { id } = await model.act((world) =>
      inviteUserToMeeting(world, sa, {
        operationId: 'i',
        to: ann,
        onlineMeetingUri: meeting.meetingUri,
        localUserDisplayName: 'Vera (shop)',
      }),
    );
    const [started] = model.told(agent.channelId);
    expect(started?._embedded?.onlineMeetingInvitation).toMatchObject({ _embedded: { from: { name: 'Vera (shop)' } } });
    await model.act((world) => acceptMeeting(world, agent.caller.owner, incomingOf(id)));
    const channel = serviceChannelId(model.get('invitation', id)?.conversationId ?? '');
    expect(model.heard(channel)).toEqual([
      'userMeetingInvitation started Connecting',
      'userMeetingInvitation completed Success',
    ]);
  });

  test('F24 an unknown meeting', async () => {
    await expect(
      model.act((world) => joinOnlineMeeting(world, sa, { operationId: 'j', onlineMeetingUri: 'sip:x@contoso.com' })),
    ).rejects.toEqual(refusal(404, 'DestinationNotFound'));
  });
});

describe('between people', () => {
  test('an agent calls another one: accept, two-party chat, hang up', async () => {
    const agent = await signInPerson(model, ann);
    const other = await signInPerson(model, bob);
    const { id } = await model.act((world) => startMessaging(world, agent.caller, { operationId: 'o', to: bob }));
    const incomingId = model.get('invitation', id)?.counterpartIds[0] ?? '';
    await model.act((world) => acceptMessaging(world, other.caller.owner, incomingId));
    const own = model.get('invitation', id)?.conversationId ?? '';
    const theirs = model.get('invitation', incomingId)?.conversationId ?? '';
    for (const channel of [agent.channelId, other.channelId]) {
      expect(model.heard(channel).at(-1)).toBe('messagingInvitation completed Success');
    }
    await model.act((world) =>
      sendMessage(world, other.caller.owner, theirs, { contentType: 'text/html', text: '<i>x</i>' }),
    );
    expect(model.heard(agent.channelId)).toEqual(['message completed Success']);
    model.told(other.channelId);
    await model.act((world) => endConversation(world, own));
    expect(model.heard(other.channelId).at(-1)).toBe('conversation deleted CallTerminated');
  });
});

describe('a bridged chat', () => {
  let chat: Chat;
  let agent: Instance;
  let ca: string;
  beforeEach(async () => {
    chat = await bridgeVisitor(model);
    agent = await signInPerson(model, ann);
    ca = await callInAgent(model, chat, agent);
    await model.act((world) =>
      addBridgedParticipant(world, sa.owner, chat.c1, {
        displayName: 'Ann C.',
        participantUri: ann,
        messageFilterState: 'Disabled',
      }),
    );
    await model.act((world) => sendMessage(world, agent.caller.owner, ca, { contentType: 'text/plain', text: 'x' }));
    for (const id of [chat.visitor.channelId, chat.c1Channel, chat.c2Channel, agent.channelId]) model.told(id);
  });

  test('F5 a message that is not fetched for thirty seconds is reported to its sender, once', async () => {
    await model.advance(29_999);
    expect(model.heard(agent.channelId)).toEqual([]);
    await model.advance(1);
    expect(model.heard(agent.channelId)).toEqual(['message completed Failure Timeout']);
    // The record of the leg hears it too, and the meeting does not.
    expect(model.heard(chat.c1Channel)).toEqual(['message completed Failure Timeout']);
    expect(model.heard(chat.c2Channel)).toEqual([]);
    await model.advance(60_000);
    expect(model.heard(agent.channelId)).toEqual([]);
  });

  test('F5 one that two visitors miss fails once, and names both', async () => {
    const second = await ringHelpdesk(model, 'session-2');
    await model.act((world) => acceptAndBridge(world, sa, second.incomingId, { onlineMeetingUri: chat.meetingUri }));
    const named = { displayName: 'Ann C.', participantUri: ann, messageFilterState: 'Disabled' } as const;
    await model.act((world) => addBridgedParticipant(world, sa.owner, second.c1, named));
    await model.advance(60_000);
    model.told(agent.channelId);
    const { number } = await model.act((world) =>
      sendMessage(world, agent.caller.owner, ca, { contentType: 'text/plain', text: 'both' }),
    );
    await model.advance(60_000);
    const failures = model.heard(agent.channelId).filter((event) => event.includes('Failure'));
    expect(failures).toEqual(['message completed Failure Timeout']);
    expect(model.get('message', messageKey(ca, number))?.missedBy).toHaveLength(2);
  });

  test('F5 a fetched one is not reported; the next one is', async () => {
    const fetched = (acknowledgedSeq: number) =>
      model.act((world) => world.put('channel', chat.visitor.channelId, { acknowledged: 1, acknowledgedSeq }));
    await fetched(1_000);
    await model.advance(60_000);
    expect(model.heard(agent.channelId)).toEqual([]);
    await fetched(0);
    await model.act((world) => sendMessage(world, sa.owner, chat.c1, { contentType: 'text/plain', text: 'y' }));
    model.told(chat.c1Channel);
    await model.advance(30_000);
    expect(model.heard(chat.c1Channel)).toEqual(['message completed Failure Timeout']);
  });

  test('F5 a visitor that is silent for fifteen minutes is gone: step 19', async () => {
    await model.advance(15 * 60_000);
    expect(model.heard(chat.c1Channel).slice(-3)).toEqual([
      'conversationBridge deleted in conversation',
      'conversation updated Disconnected',
      'conversation deleted CallTerminated',
    ]);
    expect(model.heard(chat.visitor.channelId)).toEqual([]);
    const principal = {
      kind: 'anonymous' as const,
      tenantId: sa.tenantId,
      endpointUri: sa.local.uri,
      applicationSessionId: 'session-1',
      allowedOrigins: [],
      expiresAt: model.now + 1,
    };
    expect(() => ownedApplication(model, principal, chat.visitor.id)).toThrow(
      refusal(410, 'InactiveApplicationExpired') as Error,
    );
    await model.advance(25 * 3_600_000);
    expect(() => ownedApplication(model, principal, chat.visitor.id)).toThrow(
      refusal(404, 'ApplicationNotFound') as Error,
    );
    expect(model.get('conversation', chat.cc)).toBeUndefined();
  });

  test('F7, F11, F12 the meeting ends: agents and C2 go, the leg stays without its bridge', async () => {
    await model.act((world) => terminateOnlineMeeting(world, sa.owner, chat.c2));
    expect(model.heard(agent.channelId).slice(-2)).toEqual([
      'conversation updated Disconnected',
      'conversation deleted Ended',
    ]);
    expect(model.heard(chat.c2Channel).at(-1)).toBe('conversation deleted Ended');
    expect(model.heard(chat.c1Channel)).toEqual([
      'participant deleted',
      'conversationBridge deleted in conversation',
      'conversation updated Connected',
    ]);
    expect(model.heard(chat.visitor.channelId)).toEqual(['participant deleted']);
    await model.act((world) => sendMessage(world, sa.owner, chat.c1, { contentType: 'text/plain', text: 'Bye' }));
    expect(model.heard(chat.visitor.channelId)).toEqual(['message completed Success']);
    await expect(
      model.act((world) => joinOnlineMeeting(world, sa, { operationId: 'j', onlineMeetingUri: chat.meetingUri })),
    ).rejects.toEqual(refusal(410, 'Ended'));
  });

  test('F7 the meeting expires after eight hours', async () => {
    const second = await startMeeting(model);
    model.told(second.c2Channel);
    await model.advance(8 * 3_600_000);
    expect(model.heard(second.c2Channel).at(-1)).toBe('conversation deleted Ended');
  });

  test('F13 the agent leaves: the SA hears it, the visitor does not', async () => {
    await model.act((world) => endConversation(world, ca));
    expect(model.heard(chat.c2Channel)).toEqual(['participantMessaging deleted in participant', 'participant deleted']);
    expect(model.heard(chat.visitor.channelId)).toEqual([]);
    expect(model.get('conversation', chat.c1)?.bridge?.participants).toHaveLength(1);
  });

  test('F16 the SA deletes C1: the visitor is told that the call was ended', async () => {
    await model.act((world) => endConversation(world, chat.c1));
    expect(model.heard(chat.visitor.channelId).slice(-2)).toEqual([
      'conversation updated Disconnected',
      'conversation deleted CallTerminated',
    ]);
    expect(model.heard(agent.channelId)).toEqual([
      'participantMessaging deleted in participant',
      'participant deleted',
    ]);
  });

  test('F17 the SA leaves the meeting: relaying goes on', async () => {
    await model.act((world) => endConversation(world, chat.c2));
    await model.act((world) => sendMessage(world, agent.caller.owner, ca, { contentType: 'text/plain', text: 'y' }));
    expect(model.heard(chat.visitor.channelId)).toEqual(['message completed Success']);
  });

  test('F18 ejected', async () => {
    await model.act((world) => eject(world, sa.owner, chat.c2, 'ann@contoso.com'));
    expect(model.heard(agent.channelId).at(-1)).toBe('conversation deleted Ejected');
    expect(model.heard(chat.c2Channel)).toEqual(['participantMessaging deleted in participant', 'participant deleted']);
  });

  test('F23 a second acceptAndBridge: 409 while bridged, 404 afterwards', async () => {
    const again = () =>
      model.act((world) => acceptAndBridge(world, sa, chat.incomingId, { onlineMeetingUri: chat.meetingUri }));
    await expect(again()).rejects.toEqual(refusal(409, 'AlreadyExists'));
    await model.act((world) => endConversation(world, chat.cc));
    await expect(again()).rejects.toEqual(refusal(404));
  });

  test('the same session finds its application again', async () => {
    const again = await signInVisitor(model);
    expect(again.id).toBe(chat.visitor.id);
  });

  test('too many instances of a person: the oldest is ended', async () => {
    for (let tab = 2; tab <= 11; tab++) await signInPerson(model, ann, `tab-${tab}`);
    expect(model.get('ucwaApplication', agent.id)?.ended).toBe('TooManyApplications');
    expect(model.get('conversation', ca)?.state).toBe('Disconnected');
  });

  test('an agent without culture is refused', async () => {
    const principal = {
      kind: 'person' as const,
      tenantId: sa.tenantId,
      uri: ann,
      person: { uri: ann, tenantId: sa.tenantId, displayName: 'Ann' },
      expiresAt: 0,
    };
    await expect(
      model.act((world) => createApplication(world, principal, { userAgent: 'x', endpointId: 'y' })),
    ).rejects.toEqual(refusal(400, 'ParameterValidationFailure'));
  });
});

test('an SA that leaves the meeting takes its calls back', async () => {
  const meeting = await startMeeting(model);
  const agent = await signInPerson(model, ann);
  await model.act((world) => addParticipant(world, sa, meeting.c2, { operationId: 'call', to: ann }));
  model.told(meeting.c2Channel);
  await model.act((world) => endConversation(world, meeting.c2));
  expect(model.heard(meeting.c2Channel)).toEqual([
    'participantInvitation completed Failure Canceled',
    'messaging updated Disconnected',
    'conversation updated Disconnected',
    'conversation deleted',
  ]);
  expect(model.heard(agent.channelId)).toContain('onlineMeetingInvitation completed Failure Canceled');
});
