import { beforeEach, describe, expect, test } from 'vitest';
import {
  ann,
  bob,
  bridgeVisitor,
  type Chat,
  callInAgent,
  createModelWorld,
  helpdesk,
  type Instance,
  type ModelWorld,
  sa,
  signInPerson,
} from '../testing/modelWorld.ts';
import { acceptAndBridge, startMessaging } from './messagingInvitation.ts';
import { eject } from './onlineMeeting.ts';
import { rosterOf } from './participants.ts';
import { endConversation } from './teardown.ts';

let model: ModelWorld;
let chat: Chat;
let agent: Instance;
let agentView: string;

/** Calls the helpdesk once more and is bridged into the same meeting. @returns the caller's view and the SA's */
async function callAgain(caller: Instance, operationId: string): Promise<{ own: string; leg: string }> {
  const { id } = await model.act((world) => startMessaging(world, caller.caller, { operationId, to: helpdesk }));
  const outgoing = model.get('invitation', id);
  const incoming = outgoing?.counterpartIds[0] ?? '';
  await model.act((world) => acceptAndBridge(world, sa, incoming, { onlineMeetingUri: chat.meetingUri }));
  return { own: outgoing?.conversationId ?? '', leg: model.get('invitation', incoming)?.conversationId ?? '' };
}

const roster = (view: string): Promise<string[]> =>
  model.act((world) => {
    const conversation = world.get('conversation', view);
    return conversation === undefined ? [] : rosterOf(world, conversation).map(({ name }) => name);
  });

beforeEach(async () => {
  model = await createModelWorld();
  chat = await bridgeVisitor(model);
  agent = await signInPerson(model, ann);
  agentView = await callInAgent(model, chat, agent);
  model.told(agent.channelId);
});

describe('a visitor with two calls in one meeting', () => {
  test('is one entry: added once, and gone with the last of them', async () => {
    const second = await callAgain(chat.visitor, 'again');
    expect(model.heard(agent.channelId)).toEqual([]);
    expect(await roster(agentView)).toEqual(['Vera']);
    await model.act((world) => endConversation(world, second.own));
    expect(model.heard(agent.channelId)).toEqual([]);
    await model.act((world) => endConversation(world, chat.cc));
    expect(model.heard(agent.channelId)).toEqual([
      'participantMessaging deleted in participant',
      'participant deleted',
    ]);
    expect(await roster(agentView)).toEqual([]);
  });

  test('who ejects the visitor ends every bridge of it', async () => {
    const second = await callAgain(chat.visitor, 'again');
    const path = chat.visitor.caller.local.uri.replace('sip:', '');
    await model.act((world) => eject(world, sa.owner, chat.c2, path));
    expect(model.get('conversation', chat.c1)?.bridge).toBeUndefined();
    expect(model.get('conversation', second.leg)?.bridge).toBeUndefined();
    expect(model.heard(agent.channelId)).toEqual([
      'participantMessaging deleted in participant',
      'participant deleted',
    ]);
  });
});

describe('a person who is in the meeting and calls the helpdesk', () => {
  test('stays one entry, which uses messaging as long as one of the two does', async () => {
    const other = await signInPerson(model, bob);
    const otherView = await callInAgent(model, chat, other);
    model.told(agent.channelId);
    const call = await callAgain(other, 'help');
    expect(model.heard(agent.channelId).filter((event) => event.startsWith('participant'))).toEqual([]);
    await model.act((world) => endConversation(world, otherView));
    expect(model.heard(agent.channelId).filter((event) => event.startsWith('participant'))).toEqual([]);
    expect((await roster(agentView)).toSorted()).toEqual(['Bob', 'Vera']);
    await model.act((world) => endConversation(world, call.own));
    expect(model.heard(agent.channelId)).toEqual([
      'participantMessaging deleted in participant',
      'participant deleted',
    ]);
  });
});
