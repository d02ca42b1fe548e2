/** What a person says of itself, what becomes of it, and what it means for callers (reference/ucwa-api.md 3, errors.md 4). */
import { describe, expect, test } from 'vitest';
import { ann, bob, createModelWorld, type Instance, type ModelWorld, sa, signInPerson } from '../testing/modelWorld.ts';
import { noteActivity } from './activity.ts';
import { presenceOf, shownPresence } from './availability.ts';
import type { UcwaApplication } from './documents.ts';
import { startMessaging } from './messagingInvitation.ts';
import { startAdhocMeeting } from './onlineMeetingInvitation.ts';
import { addParticipant } from './participantInvitation.ts';
import { availableApplications, say, setPresence } from './presence.ts';

const minute = 60_000;

function applicationOf(model: ModelWorld, { id }: Instance): UcwaApplication {
  const application = model.get('ucwaApplication', id);
  if (application === undefined) throw new Error('no application');
  return application;
}

const shown = (model: ModelWorld, instance: Instance) => shownPresence(applicationOf(model, instance)).availability;

async function set(
  model: ModelWorld,
  instance: Instance,
  availability: 'Busy' | 'DoNotDisturb' | 'Online' | 'Offwork',
) {
  await model.act((world) => setPresence(world, applicationOf(model, instance), availability));
}

describe('inactivity', () => {
  test.each([
    ['Online', 'IdleOnline', 'Away'],
    ['Busy', 'IdleBusy', 'Away'],
    ['DoNotDisturb', 'DoNotDisturb', 'DoNotDisturb'],
  ] as const)('%s becomes %s, then %s; a report brings it back', async (availability, idle, away) => {
    const model = await createModelWorld();
    const person = await signInPerson(model, ann);
    await set(model, person, availability);
    model.told(person.channelId);
    await model.advance(5 * minute - 1);
    expect(shown(model, person)).toBe(availability);
    await model.advance(1);
    expect([shown(model, person), model.heard(person.channelId)]).toEqual([idle, ['presence updated']]);
    await model.advance(5 * minute);
    expect([shown(model, person), model.heard(person.channelId)]).toEqual([away, ['presence updated']]);
    await model.act((world) => noteActivity(world, applicationOf(model, person)));
    expect([shown(model, person), model.heard(person.channelId)]).toEqual([availability, ['presence updated']]);
  });

  test('reports in time keep everything as it is, and nothing is said', async () => {
    const model = await createModelWorld();
    const person = await signInPerson(model, ann);
    model.told(person.channelId);
    for (let round = 0; round < 3; round += 1) {
      await model.advance(4 * minute);
      await model.act((world) => noteActivity(world, applicationOf(model, person)));
    }
    expect([shown(model, person), model.heard(person.channelId)]).toEqual(['Online', []]);
  });

  test('who reports nothing for long is signed out, but not out of a conversation', async () => {
    const model = await createModelWorld();
    const [idle, talking] = [await signInPerson(model, ann), await signInPerson(model, bob)];
    await model.act((world) => startAdhocMeeting(world, talking.caller, { operationId: 'meet' }));
    // The event channel is asked for all the while.
    const asking = async () => {
      for (const { id } of [idle, talking]) await model.act((world) => world.unschedule(`ucwaApplication.idle:${id}`));
    };
    await asking();
    await model.advance(25 * minute);
    expect(applicationOf(model, idle).ended).toBe('InactiveApplicationExpired');
    expect(applicationOf(model, talking).ended).toBeUndefined();
    expect(shown(model, talking)).toBe('Away');
  });

  test('nobody is signed out for the time in which the platform itself was not there', async () => {
    const model = await createModelWorld();
    const person = await signInPerson(model, ann);
    await model.act((world) => world.unschedule(`ucwaApplication.idle:${person.id}`));
    await model.advance(10 * minute);
    model.now += 60 * minute;
    await model.advance(0);
    expect(applicationOf(model, person).ended).toBeUndefined();
  });
});

describe('what is said on one application', () => {
  test('holds for the others of the same person, and note and location stay where they are', async () => {
    const model = await createModelWorld();
    const [first, second] = [await signInPerson(model, ann), await signInPerson(model, ann, 'tab-2')];
    model.told(second.channelId);
    await set(model, first, 'Offwork');
    expect(shown(model, second)).toBe('Away');
    expect(model.heard(second.channelId)).toEqual(['presence updated']);
    await model.act((world) =>
      say(world, applicationOf(model, first), 'note', { note: { message: 'hi', type: 'Personal' } }),
    );
    expect(model.heard(first.channelId).at(-1)).toBe('note updated');
    expect(applicationOf(model, first).note?.message).toBe('hi');
    await model.act((world) => say(world, applicationOf(model, first), 'note', {}));
    expect(applicationOf(model, first).note).toBeUndefined();
  });

  test('the instance that was used last speaks for the person', async () => {
    const model = await createModelWorld();
    const first = await signInPerson(model, ann);
    await model.advance(5 * minute);
    await signInPerson(model, ann, 'tab-2');
    const presence = await model.act((world) => presenceOf(availableApplications(world, ann)));
    expect(presence.availability).toBe('Online');
    expect(shown(model, first)).toBe('IdleOnline');
    expect(presenceOf([]).availability).toBe('Offline');
  });
});

describe('do not disturb', () => {
  test('a call fails at once for the caller, and is a missed one for the person', async () => {
    const model = await createModelWorld();
    const [caller, person] = [await signInPerson(model, ann), await signInPerson(model, bob)];
    await set(model, person, 'DoNotDisturb');
    model.told(caller.channelId);
    model.told(person.channelId);
    await model.act((world) => startMessaging(world, caller.caller, { operationId: 'call', to: bob }));
    expect(model.heard(caller.channelId)).toContain('messagingInvitation completed Failure DoNotDisturb');
    expect(model.heard(person.channelId)).toContain('messagingInvitation completed Failure Missed');
  });

  test('so does being called into a meeting', async () => {
    const model = await createModelWorld();
    const person = await signInPerson(model, bob);
    await set(model, person, 'DoNotDisturb');
    const { id } = await model.act((world) => startAdhocMeeting(world, sa, { operationId: 'meet' }));
    const conversationId = model.get('invitation', id)?.conversationId ?? '';
    model.told(`service:${conversationId}`);
    await model.act((world) => addParticipant(world, sa, conversationId, { operationId: 'call', to: bob }));
    expect(model.heard(`service:${conversationId}`)).toEqual([
      'participantInvitation started Connecting',
      'participantInvitation completed Failure DoNotDisturb',
    ]);
  });

  test('who calls itself reaches its other instances only', async () => {
    const model = await createModelWorld();
    const [first, second] = [await signInPerson(model, ann), await signInPerson(model, ann, 'tab-2')];
    model.told(first.channelId);
    model.told(second.channelId);
    await model.act((world) => startMessaging(world, first.caller, { operationId: 'self', to: ann }));
    expect(model.heard(first.channelId).filter((line) => line.includes('Invitation'))).toEqual([
      'messagingInvitation started Connecting',
    ]);
    expect(model.heard(second.channelId)).toContain('messagingInvitation started Connecting');
  });
});
