/** An agent who was passed over stays out: whatever ended the ringing, accepting afterwards is refused. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ann,
  bob,
  createModelWorld,
  type Instance,
  type ModelWorld,
  sa,
  signInPerson,
  startMeeting,
} from '../testing/modelWorld.ts';
import { terminateOnlineMeeting } from './onlineMeeting.ts';
import { acceptMeeting, declineMeeting } from './onlineMeetingInvitation.ts';
import { addParticipant, cancelParticipant } from './participantInvitation.ts';
import { endConversation, endMeeting } from './teardown.ts';
import { endApplication } from './ucwaApplication.ts';

let model: ModelWorld;
let meeting: Awaited<ReturnType<typeof startMeeting>>;
let agent: Instance;
let ringing: string;
beforeEach(async () => {
  model = await createModelWorld();
  meeting = await startMeeting(model);
  agent = await signInPerson(model, ann);
  ringing = await call(ann);
});
async function call(to: string): Promise<string> {
  const { id } = await model.act((world) => addParticipant(world, sa, meeting.c2, { operationId: `call ${to}`, to }));
  return model.get('invitation', id)?.counterpartIds[0] ?? '';
}
const accept = (who = agent, id = ringing) => model.act((world) => acceptMeeting(world, who.caller.owner, id));
const members = () => model.get('meeting', meeting.meetingUri)?.members.filter(({ role }) => role === 'agent') ?? [];

describe('accepting is refused', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['nobody answered in time', () => model.advance(30_000)],
    [
      'cancelled',
      () =>
        model.act((world) => {
          const started = world.get('invitation', ringing)?.counterpartIds[0] ?? '';
          cancelParticipant(world, sa.owner, 'participantInvitation', started);
        }),
    ],
    ['declined', () => model.act((world) => declineMeeting(world, agent.caller.owner, ringing))],
    ['the SA left', () => model.act((world) => endConversation(world, meeting.c2))],
    ['the SA ended the meeting', () => model.act((world) => terminateOnlineMeeting(world, sa.owner, meeting.c2))],
    ['the meeting expired', () => model.act((world) => endMeeting(world, meeting.meetingUri))],
    ['the agent signed out', () => model.act((world) => endApplication(world, agent.id, 'SignedOut'))],
  ])('after: %s', async (_why, end) => {
    await end();
    const events = model.told(meeting.c2Channel).length;
    await expect(accept()).rejects.toEqual(expect.objectContaining({ status: 404, code: 'NotFound' }));
    expect(members()).toEqual([]);
    expect(model.told(meeting.c2Channel)).toEqual([]);
    expect(events).toBeGreaterThan(0);
  });

  test('after the next agent was called and came', async () => {
    await model.advance(30_000);
    const next = await signInPerson(model, bob);
    await accept(next, await call(bob));
    await expect(accept()).rejects.toEqual(expect.objectContaining({ status: 404 }));
    expect(members().map(({ uri }) => uri)).toEqual([bob]);
  });

  test('when another place of the same person answered', async () => {
    const other = await signInPerson(model, bob, 'tab-1');
    const second = await signInPerson(model, bob, 'tab-2');
    const first = await call(bob);
    const incoming = model.get('invitation', model.get('invitation', first)?.counterpartIds[0] ?? '');
    await accept(other, first);
    await expect(accept(second, incoming?.counterpartIds[1])).rejects.toEqual(expect.objectContaining({ status: 404 }));
  });
});
