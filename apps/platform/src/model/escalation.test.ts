/** A call between two persons into which a third one is called (reference/ucwa-api.md 6). */
import { expect, test } from 'vitest';
import {
  ann,
  bob,
  createModelWorld,
  helpdesk,
  type ModelWorld,
  signInPerson,
  tenantId,
} from '../testing/modelWorld.ts';
import { messageKey } from './documents.ts';
import { sendMessage } from './message.ts';
import { addMessaging } from './messaging.ts';
import { acceptMessaging, startMessaging } from './messagingInvitation.ts';
import { acceptMeeting } from './onlineMeetingInvitation.ts';
import { addParticipant } from './participantInvitation.ts';
import { endConversation } from './teardown.ts';

const cid = 'sip:cid@contoso.com';

async function call(model: ModelWorld) {
  await model.act((world) => world.put('person', cid, { uri: cid, tenantId, displayName: 'Cid' }));
  const [a, b, c] = [await signInPerson(model, ann), await signInPerson(model, bob), await signInPerson(model, cid)];
  const { id } = await model.act((world) => startMessaging(world, a.caller, { operationId: 'call', to: bob }));
  const outgoing = model.get('invitation', id);
  const incomingId = outgoing?.counterpartIds[0] ?? '';
  await model.act((world) => acceptMessaging(world, b.caller.owner, incomingId));
  const views = [outgoing?.conversationId ?? '', model.get('invitation', incomingId)?.conversationId ?? ''] as const;
  return { a, b, c, views };
}

test('both views become the meeting’s, keep their messaging, and the third one hears what follows', async () => {
  const model = await createModelWorld();
  const { a, b, c, views } = await call(model);
  const [va, vb] = views;
  model.now -= 1_000;
  await model.act((world) => sendMessage(world, a.caller.owner, va, { contentType: 'text/plain', text: 'before' }));
  model.told(a.channelId);
  model.told(b.channelId);
  const { id } = await model.act((world) => addParticipant(world, a.caller, va, { operationId: 'add', to: cid }));
  expect(model.heard(a.channelId)).toEqual([
    'conversation updated Conferencing',
    'conversation updated Conferenced',
    'onlineMeeting added',
    'participantInvitation started Connecting',
  ]);
  expect(model.heard(b.channelId)).toEqual([
    'conversation updated Conferencing',
    'conversation updated Conferenced',
    'onlineMeeting added',
  ]);
  const rung = model.get('invitation', model.get('invitation', id)?.counterpartIds[0] ?? '');
  await model.act((world) => acceptMeeting(world, c.caller.owner, rung?.id ?? ''));
  await model.act((world) => addMessaging(world, c.caller.owner, rung?.conversationId ?? '', {}));
  expect(model.heard(a.channelId)).toEqual([
    'participant added',
    'participantInvitation completed Success',
    'participantMessaging added in participant',
  ]);
  await model.act((world) => sendMessage(world, b.caller.owner, vb, { contentType: 'text/plain', text: 'after' }));
  for (const { channelId } of [a, c]) expect(model.heard(channelId).at(-1)).toBe('message completed Success');
  const stamps = [2, 3].map((number) => model.get('message', messageKey(va, number))?.timeStamp ?? 0);
  expect(stamps[1]).toBeGreaterThan(stamps[0] ?? 0);
  await model.act((world) => endConversation(world, vb));
  expect(model.heard(a.channelId)).toEqual(['participantMessaging deleted in participant', 'participant deleted']);
});

test('a call with a service application does not become a meeting', async () => {
  const model = await createModelWorld();
  const a = await signInPerson(model, ann);
  const { id } = await model.act((world) => startMessaging(world, a.caller, { operationId: 'call', to: helpdesk }));
  const view = model.get('invitation', id)?.conversationId ?? '';
  await expect(
    model.act((world) => addParticipant(world, a.caller, view, { operationId: 'add', to: bob })),
  ).rejects.toMatchObject({ status: 409 });
});
