/** Messages in a call between two persons that are not fetched (reference/ucwa-api.md 7 "not fetched by P-GET within 30 s"). */
import { expect, test } from 'vitest';
import { ann, bob, createModelWorld, type ModelWorld, signInPerson } from '../testing/modelWorld.ts';
import { ucwaChannelId } from './channel.ts';
import { sendMessage } from './message.ts';
import { acceptMessaging, startMessaging } from './messagingInvitation.ts';

async function talk(model: ModelWorld) {
  const [a, b] = [await signInPerson(model, ann), await signInPerson(model, bob)];
  const { id } = await model.act((world) => startMessaging(world, a.caller, { operationId: 'call', to: bob }));
  const outgoing = model.get('invitation', id);
  await model.act((world) => acceptMessaging(world, b.caller.owner, outgoing?.counterpartIds[0] ?? ''));
  await model.act((world) =>
    sendMessage(world, a.caller.owner, outgoing?.conversationId ?? '', { contentType: 'text/plain', text: 'hello' }),
  );
  model.told(a.channelId);
  return { a, b };
}

const failed = (lines: readonly string[]) => lines.filter((line) => line.startsWith('message'));

test('the sender is told after thirty seconds', async () => {
  const model = await createModelWorld();
  const { a } = await talk(model);
  await model.advance(29_999);
  expect(failed(model.heard(a.channelId))).toEqual([]);
  await model.advance(1);
  expect(failed(model.heard(a.channelId))).toEqual(['message completed Failure Timeout']);
});

test('nothing is said when it was fetched, or when one of several tabs may have', async () => {
  for (const fetches of ['fetched', 'tabs'] as const) {
    const model = await createModelWorld();
    const { a, b } = await talk(model);
    const last = model.told(b.channelId).length;
    await model.act((world) => {
      const application = world.get('ucwaApplication', b.id);
      const channel = world.get('channel', ucwaChannelId(b.id));
      if (application === undefined || channel === undefined) throw new Error('not signed in');
      if (fetches === 'fetched') world.put('channel', ucwaChannelId(b.id), { ...channel, acknowledgedSeq: last });
      else world.put('ucwaApplication', b.id, { ...application, instances: [{ instanceId: 'b', key: 'k' }] });
    });
    await model.advance(60_000);
    expect(failed(model.heard(a.channelId)), fetches).toEqual([]);
  }
});
