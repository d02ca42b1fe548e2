import { beforeEach, describe, expect, test } from 'vitest';
import { addBridgedParticipant, removeBridgedParticipant } from '../model/bridgedParticipants.ts';
import { serviceChannelId } from '../model/channel.ts';
import { changeConversation } from '../model/conversation.ts';
import type { Conversation, ConversationOwner } from '../model/documents.ts';
import { sendMessage } from '../model/message.ts';
import {
  ann,
  bridgeVisitor,
  type Chat,
  callInAgent,
  createModelWorld,
  type Instance,
  type ModelWorld,
  sa,
  signInPerson,
} from '../testing/modelWorld.ts';
import { renderWhole } from './renderEvent.ts';

let model: ModelWorld;
let chat: Chat;
let agent: Instance;
let ca: string;
beforeEach(async () => {
  model = await createModelWorld();
  chat = await bridgeVisitor(model);
  agent = await signInPerson(model, ann);
  ca = await callInAgent(model, chat, agent);
  await bridge('Ann of Contoso');
});

const bridge = (displayName: string) =>
  model.act((world) =>
    addBridgedParticipant(world, sa.owner, chat.c1, {
      participantUri: ann,
      displayName,
      messageFilterState: 'Disabled',
    }),
  );

/** Sends a message, and compares what every channel was told of it with the ordinary rendering. @returns how many were told */
async function say(owner: ConversationOwner, conversationId: string, text: string, html = false): Promise<number> {
  const channelIds = [serviceChannelId(chat.c1), serviceChannelId(chat.c2), chat.visitor.channelId, agent.channelId];
  for (const channelId of channelIds) model.told(channelId);
  await model.act((world) =>
    sendMessage(world, owner, conversationId, { contentType: html ? 'text/html' : 'text/plain', text }),
  );
  const views = [chat.c1, chat.c2, chat.cc, ca].map((id) => model.get('conversation', id) as Conversation);
  const told = channelIds
    .flatMap((channelId) => model.told(channelId))
    .filter(({ link }) => link.rel.endsWith('message'));
  const expected = views
    .map((view) => wholeOf(view))
    .filter((event) => told.some(({ link }) => link.href === event.link.href));
  expect(told.map((event) => JSON.stringify(event)).sort()).toEqual(
    expected.map((event) => JSON.stringify(event)).sort(),
  );
  return told.length;
}

function wholeOf(view: Conversation): ReturnType<ModelWorld['told']>[number] {
  const emission = {
    to: { conversationId: view.id },
    target: { kind: 'message', number: Math.max(view.lastMessage, 2) },
    type: 'completed',
    status: 'Success',
  } as const;
  if (model.get('message', `${view.id}/${emission.target.number}`) === undefined)
    return { link: { rel: '', href: '' }, type: 'completed' };
  return JSON.parse(renderWhole(model, view, emission).event.text);
}

describe('a message that is filled into what is kept of an earlier one', () => {
  test('reads like one that is rendered as a whole, whatever it says', async () => {
    for (const text of ['Hello', 'Hello', 'ünï "quoted" \\ 🥊 <b>', '%41+', '700314159265358']) {
      expect(await say(chat.visitor.caller.owner, chat.cc, text)).toBe(4);
      expect(await say(agent.caller.owner, ca, text)).toBe(4);
    }
    expect(await say(agent.caller.owner, ca, '<b>bold</b>', true)).toBe(4);
    expect(await say(sa.owner, chat.c1, 'Of the SA')).toBeGreaterThan(1);
  });

  test('and follows every change of the people and their roles', async () => {
    await say(agent.caller.owner, ca, 'before');
    await model.act((world) => removeBridgedParticipant(world, sa.owner, chat.c1, ann));
    await bridge('Somebody else');
    expect(await say(agent.caller.owner, ca, 'after')).toBe(4);
    await model.act((world) => {
      const leg = world.get('conversation', chat.c1);
      changeConversation(world, chat.c1, {
        roster: (leg?.roster ?? []).map((entry) => ({ ...entry, usesMessaging: !entry.usesMessaging })),
      });
      const meeting = world.get('meeting', chat.meetingUri);
      if (meeting !== undefined)
        world.put('meeting', meeting.uri, {
          ...meeting,
          members: meeting.members.map((member) => ({ ...member, name: `${member.name} 2` })),
        });
      const client = world.get('serviceClient', `${sa.tenantId}:desk`);
      if (client !== undefined) world.put('serviceClient', `${sa.tenantId}:desk`, { ...client, permissions: [] });
    });
    expect(await say(agent.caller.owner, ca, 'and later')).toBe(4);
    expect(await say(chat.visitor.caller.owner, chat.cc, 'and later')).toBe(4);
  });

  test('a name that looks like a gap is no gap', async () => {
    await model.act((world) => removeBridgedParticipant(world, sa.owner, chat.c1, ann));
    await bridge('700314159265358 TheTextOfTheMessageStandsHere');
    expect(await say(agent.caller.owner, ca, 'Hello')).toBe(4);
    expect(await say(agent.caller.owner, ca, 'Hello again')).toBe(4);
  });
});
