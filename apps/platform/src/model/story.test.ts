/** The flow of reference/call-flow.md 2 in the model alone: what each channel is told, in order. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ann,
  bridgeVisitor,
  type Chat,
  callInAgent,
  createModelWorld,
  helpdesk,
  type Instance,
  type ModelWorld,
  ringHelpdesk,
  sa,
  signInPerson,
  startMeeting,
} from '../testing/modelWorld.ts';
import { addBridgedParticipant } from './bridgedParticipants.ts';
import { sendMessage } from './message.ts';
import { acceptAndBridge } from './messagingInvitation.ts';
import { addParticipant } from './participantInvitation.ts';
import { endConversation } from './teardown.ts';
import { setTyping } from './typing.ts';

let model: ModelWorld;
beforeEach(async () => {
  model = await createModelWorld();
});

describe('steps 6 to 10', () => {
  test('6, 7: the visitor rings, the SA hears the invitation first', async () => {
    const { visitor, c1Channel } = await ringHelpdesk(model);
    expect(model.heard(visitor.channelId)).toEqual([
      'messagingInvitation started Connecting',
      'conversation added Connecting',
      'localParticipant added',
      'messaging updated Connecting',
    ]);
    expect(model.heard(c1Channel)).toEqual(['messagingInvitation started Connecting', 'conversation added Incoming']);
  });

  test('8: the meeting comes up and the SA joins its chat', async () => {
    const { c2Channel } = await startMeeting(model);
    expect(model.heard(c2Channel)).toEqual([
      'onlineMeetingInvitation started Connecting',
      'conversation added Connecting',
      'conversation updated Conferencing',
      'conversation updated Conferenced',
      'onlineMeeting added in conversation',
      'messaging updated Disconnected',
      'onlineMeetingInvitation completed Success',
      'messagingInvitation started Connecting',
      'messaging updated Connecting',
      'messaging updated Connected',
      'conversation updated Conferenced',
      'messagingInvitation completed Success',
    ]);
  });

  test('9, 10: accepted and bridged, completed last on both sides', async () => {
    const ringing = await ringHelpdesk(model);
    const meeting = await startMeeting(model);
    for (const id of [ringing.visitor.channelId, ringing.c1Channel, meeting.c2Channel]) model.told(id);
    await model.act((world) =>
      acceptAndBridge(world, sa, ringing.incomingId, { onlineMeetingUri: meeting.meetingUri }),
    );
    expect(model.heard(ringing.c1Channel)).toEqual([
      'participant added',
      'participantMessaging added in participant',
      'messaging updated Connected',
      'conversation updated Connected',
      'conversationBridge added in conversation',
      'messagingInvitation completed Success',
    ]);
    expect(model.heard(ringing.visitor.channelId)).toEqual([
      'messaging updated Connected',
      'conversation updated Connected',
      'participant added',
      'participantMessaging added in participant',
      'participantMessaging added in localParticipant',
      'messagingInvitation completed Success',
    ]);
    expect(model.heard(meeting.c2Channel)).toEqual(['participant added', 'participantMessaging added in participant']);
  });
});

describe('steps 11 to 20', () => {
  let chat: Chat;
  let agent: Instance;
  let ca: string;
  const forget = () => {
    for (const id of [chat.visitor.channelId, chat.c1Channel, chat.c2Channel, agent.channelId]) model.told(id);
  };
  const bridgeAnn = () =>
    model.act((world) =>
      addBridgedParticipant(world, sa.owner, chat.c1, {
        displayName: 'Ann from Contoso',
        participantUri: ann,
        messageFilterState: 'Disabled',
      }),
    );
  beforeEach(async () => {
    chat = await bridgeVisitor(model);
    agent = await signInPerson(model, ann);
  });

  test('11 to 13: bridged participant, welcome text to the visitor only', async () => {
    forget();
    await bridgeAnn();
    await model.act((world) =>
      sendMessage(world, sa.owner, chat.c1, { contentType: 'text/plain', text: 'Hi' }, 'welcome'),
    );
    expect(model.heard(chat.c1Channel)).toEqual([
      'bridgedParticipant added in bridgedParticipants',
      'message completed Success',
    ]);
    const [welcome] = model.told(chat.visitor.channelId);
    expect(welcome?._embedded?.message).toMatchObject({
      direction: 'Incoming',
      _links: { plainMessage: { href: 'data:text/plain;charset=utf-8,Hi' }, participant: { title: 'Contoso help' } },
    });
    expect(model.heard(chat.c2Channel)).toEqual([]);
  });

  test('14, 15: the agent rings and joins; the SA hears the participant before completed', async () => {
    forget();
    ca = await callInAgent(model, chat, agent);
    expect(model.heard(agent.channelId)).toEqual([
      'onlineMeetingInvitation started Connecting',
      'conversation added Incoming',
      'conversation updated Conferenced',
      'localParticipant added',
      'onlineMeeting added',
      'participant added',
      'participantMessaging added in participant',
      'messaging updated Disconnected',
      'onlineMeetingInvitation completed Success',
      'messagingInvitation started Connecting',
      'messaging updated Connecting',
      'messaging updated Connected',
      'conversation updated Conferenced',
      'participantMessaging added in localParticipant',
      'messagingInvitation completed Success',
    ]);
    expect(model.heard(chat.c2Channel)).toEqual([
      'participantInvitation started Connecting',
      'participant added',
      'participantInvitation completed Success',
      'participantMessaging added in participant',
    ]);
    expect(model.heard(chat.visitor.channelId)).toEqual([]);
  });

  test('16, 17: typing and text pass the filter under the bridged name; the time stamp is one', async () => {
    ca = await callInAgent(model, chat, agent);
    await bridgeAnn();
    forget();
    await model.act((world) => setTyping(world, agent.caller.owner, ca));
    await model.act((world) =>
      sendMessage(world, agent.caller.owner, ca, { contentType: 'text/plain', text: 'Hello' }),
    );
    const toVisitor = model.told(chat.visitor.channelId);
    expect(toVisitor.map(({ link, type }) => `${link.rel} ${type}`)).toEqual([
      'participant added',
      'participant added',
      'participant deleted',
      'message completed',
    ]);
    expect(toVisitor[0]?._embedded?.participant).toMatchObject({ uri: helpdesk, name: 'Ann from Contoso' });
    expect(JSON.stringify(toVisitor)).not.toContain('ann@contoso.com');
    const onLeg = model.told(chat.c1Channel).at(-1)?._embedded?.['ms:rtc:saas:message'];
    expect(onLeg).toMatchObject({
      direction: 'Outgoing',
      _links: {
        'ms:rtc:saas:participant': { title: 'Ann from Contoso' },
        plainMessage: { href: 'data:text/plain;charset=utf-8,Hello' },
      },
    });
    const inMeeting = model.told(chat.c2Channel).at(-1)?._embedded?.['ms:rtc:saas:message'];
    expect(inMeeting).toMatchObject({ direction: 'Incoming', timeStamp: onLeg?.timeStamp });
    expect(toVisitor.at(-1)?._embedded?.message).toMatchObject({ timeStamp: onLeg?.timeStamp });
    expect(model.told(agent.channelId).at(-1)?._embedded?.message).toMatchObject({
      direction: 'Outgoing',
      timeStamp: onLeg?.timeStamp,
    });
  });

  test('17r: the visitor is heard on C1, on C2 and by the agent; typing ends after ten seconds', async () => {
    ca = await callInAgent(model, chat, agent);
    forget();
    await model.act((world) =>
      sendMessage(world, chat.visitor.caller.owner, chat.cc, { contentType: 'text/plain', text: 'a' }),
    );
    await model.act((world) =>
      sendMessage(world, chat.visitor.caller.owner, chat.cc, { contentType: 'text/plain', text: 'b' }),
    );
    const stamps = [chat.c1Channel, chat.c2Channel, agent.channelId, chat.visitor.channelId].map((id) =>
      model.told(id).map((event) => event._embedded?.[event.link.rel]?.timeStamp),
    );
    for (const seen of stamps) expect(seen).toEqual(['/Date(1800000000000)/', '/Date(1800000000001)/']);
    await model.act((world) => setTyping(world, chat.visitor.caller.owner, chat.cc));
    await model.advance(9_000);
    await model.act((world) => setTyping(world, chat.visitor.caller.owner, chat.cc));
    expect(model.heard(agent.channelId)).toEqual(['participant added in typingParticipants']);
    await model.advance(10_000);
    expect(model.heard(agent.channelId)).toEqual(['participant deleted in typingParticipants']);
    expect(model.heard(chat.c1Channel)).toEqual([
      'participant added in typingParticipants',
      'participant deleted in typingParticipants',
    ]);
  });

  test('18 to 20: the visitor closes, then the SA leaves', async () => {
    ca = await callInAgent(model, chat, agent);
    forget();
    await model.act((world) => endConversation(world, chat.cc));
    expect(model.heard(chat.visitor.channelId)).toEqual([
      'messaging updated Disconnected',
      'participantMessaging deleted in localParticipant',
      'participantMessaging deleted in participant',
      'participant deleted',
      'conversation updated Disconnected',
      'conversation deleted',
    ]);
    expect(model.heard(chat.c1Channel)).toEqual([
      'messaging updated Disconnected',
      'participantMessaging deleted in participant',
      'participant deleted',
      'conversationBridge deleted in conversation',
      'conversation updated Disconnected',
      'conversation deleted CallTerminated',
    ]);
    const left = ['participantMessaging deleted in participant', 'participant deleted'];
    expect(model.heard(chat.c2Channel)).toEqual(left);
    expect(model.heard(agent.channelId)).toEqual(left);
    await model.act((world) => endConversation(world, chat.c2));
    expect(model.heard(chat.c2Channel).slice(-2)).toEqual([
      'conversation updated Disconnected',
      'conversation deleted',
    ]);
    expect(model.heard(agent.channelId)).toEqual([]);
    expect(model.get('conversation', ca)?.state).toBe('Conferenced');
  });

  test('somebody who is in the meeting already: completed at once', async () => {
    await callInAgent(model, chat, agent);
    forget();
    await model.act((world) => addParticipant(world, sa, chat.c2, { operationId: 'again', to: ann }));
    expect(model.heard(chat.c2Channel)).toEqual([
      'participantInvitation started Connecting',
      'participantInvitation completed Success',
    ]);
  });
});
