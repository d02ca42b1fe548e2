import { describe, expect, test } from 'vitest';
import {
  ann,
  bob,
  bridgeVisitor,
  createModelWorld,
  helpdesk,
  type ModelWorld,
  ringHelpdesk,
  sa,
  signInPerson,
  startMeeting,
} from '../testing/modelWorld.ts';
import { createAdhocMeeting, deleteAdhocMeeting, isLeader } from './adhocMeeting.ts';
import { acceptAndBridge } from './messagingInvitation.ts';
import { canonicalMeetingUri } from './onlineMeeting.ts';
import { joinOnlineMeeting } from './onlineMeetingInvitation.ts';
import { addParticipant } from './participantInvitation.ts';
import type { World } from './world.ts';

/** The same world with other limits. */
const limited = (limits: Partial<World['settings']>, decide: (world: World) => unknown) => (world: World) =>
  decide({ ...world, settings: { ...world.settings, ...limits } });

const makeMeeting = (model: ModelWorld, maxOnlineMeetings: number): Promise<unknown> =>
  model.act(limited({ maxOnlineMeetings }, (world) => createAdhocMeeting(world, sa, { rules: {} }).uri));

describe('meetings of adhocMeetings', () => {
  test('are bounded by those that live; one that is over makes room', async () => {
    const model = await createModelWorld();
    const first = String(await makeMeeting(model, 2));
    await makeMeeting(model, 2);
    await expect(makeMeeting(model, 2)).rejects.toMatchObject({ status: 409, subcode: 'TooManyOnlineMeetings' });
    await model.act((world) => deleteAdhocMeeting(world, sa.tenantId, first));
    // Ending it twice gives no second place.
    await model.act((world) => deleteAdhocMeeting(world, sa.tenantId, first));
    await makeMeeting(model, 2);
    await expect(makeMeeting(model, 2)).rejects.toMatchObject({ subcode: 'TooManyOnlineMeetings' });
    await model.advance(9 * 3_600_000);
    await makeMeeting(model, 1);
  });

  test('a call’s own meeting is not counted', async () => {
    const model = await createModelWorld();
    await startMeeting(model);
    await startMeeting(model);
    await makeMeeting(model, 1);
  });
});

describe('participants of a meeting', () => {
  const tooMany = { status: 409, subcode: 'TooManyParticipants' };
  const one = { maxMeetingParticipants: 1 };

  test('visitors, persons, and who is being called in take a place each; a service application takes none', async () => {
    const model = await createModelWorld();
    const chat = await bridgeVisitor(model);
    const agent = await signInPerson(model, ann);
    const call = { operationId: 'call', to: ann };
    await expect(model.act(limited(one, (world) => addParticipant(world, sa, chat.c2, call)))).rejects.toMatchObject(
      tooMany,
    );
    const own = { operationId: 'join', onlineMeetingUri: chat.meetingUri };
    await expect(model.act(limited(one, (world) => joinOnlineMeeting(world, agent.caller, own)))).rejects.toMatchObject(
      tooMany,
    );
    await model.act(limited(one, (world) => joinOnlineMeeting(world, sa, { ...own, operationId: 'the SA' })));
    const second = await ringHelpdesk(model, 'session-2');
    const bridge = limited(one, (world) =>
      acceptAndBridge(world, sa, second.incomingId, { onlineMeetingUri: chat.meetingUri }),
    );
    await expect(model.act(bridge)).rejects.toMatchObject(tooMany);
    await signInPerson(model, bob);
    await model.act((world) => addParticipant(world, sa, chat.c2, { operationId: 'ring', to: bob }));
    const two = limited({ maxMeetingParticipants: 2 }, (world) => addParticipant(world, sa, chat.c2, call));
    await expect(model.act(two)).rejects.toMatchObject(tooMany);
  });
});

describe('the uri of a meeting', () => {
  const uri = 'sip:meetings+eu@contoso.com;gruu;opaque=app:conf:focus:id:0A1B2C3D4E';

  test.each([uri.toUpperCase(), uri.toLowerCase(), ` ${uri.replace('+', ' ')} `, uri])('%s names the same', (spelt) => {
    expect(canonicalMeetingUri(spelt)).toBe(uri);
  });
});

describe('leaders', () => {
  test('by name, or everybody of the tenant when the meeting says so', async () => {
    const model = await createModelWorld();
    const make = (rules: object): Promise<string> => model.act((world) => createAdhocMeeting(world, sa, { rules }).uri);
    const leads = async (rules: object, uri: string): Promise<boolean> => {
      const meeting = model.get('meeting', await make(rules));
      return meeting !== undefined && isLeader(meeting, uri);
    };
    expect(await leads({}, ann)).toBe(false);
    expect(await leads({ leaders: [ann.toUpperCase()] }, ann)).toBe(true);
    expect(await leads({ leaders: [ann] }, bob)).toBe(false);
    expect(await leads({ automaticLeaderAssignment: 'SameEnterprise' }, bob)).toBe(true);
    expect(await leads({ automaticLeaderAssignment: 'Everyone' }, 'sip:7@anonymous.invalid')).toBe(false);
    expect(helpdesk).toMatch(/^sip:/);
  });
});
