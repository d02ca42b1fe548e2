import { beforeEach, describe, expect, test } from 'vitest';
import {
  ann,
  createModelWorld,
  helpdesk,
  type Instance,
  type ModelWorld,
  sa,
  signInPerson,
  signInVisitor,
  tenantId,
} from '../testing/modelWorld.ts';
import { createAdhocMeeting } from './adhocMeeting.ts';
import { calledParties, unreachable } from './calledParties.ts';
import { serviceChannelId } from './channel.ts';
import { acceptAndBridge, acceptMessaging, type Caller, startMessaging } from './messagingInvitation.ts';
import { startAdhocMeeting } from './onlineMeetingInvitation.ts';
import { addParticipant } from './participantInvitation.ts';
import { endConversation } from './teardown.ts';
import { endApplication } from './ucwaApplication.ts';

const sales = 'sip:sales@contoso.com';
const salesApplication: Caller = {
  owner: { face: 'service', tenantId, endpointUri: sales },
  tenantId,
  local: { uri: sales, name: 'Sales' },
};

let model: ModelWorld;
let visitor: Instance;
let visitorUri: string;

beforeEach(async () => {
  model = await createModelWorld();
  await model.act((world) => {
    const endpoint = world.get('endpoint', helpdesk);
    if (endpoint !== undefined) world.put('endpoint', sales, { ...endpoint, uri: sales, displayName: 'Sales' });
  });
  visitor = await signInVisitor(model);
  visitorUri = visitor.caller.local.uri;
});

describe('a visitor is called', () => {
  const called = (caller: Caller): Promise<unknown[]> => model.act((world) => calledParties(world, caller, visitorUri));
  const why = (caller: Caller): Promise<unknown> => model.act((world) => unreachable(world, caller, visitorUri));

  test('by its own helpdesk', async () => {
    expect(await called(sa)).toEqual([{ owner: visitor.caller.owner, local: visitor.caller.local }]);
    const { id } = await model.act((world) => startMessaging(world, sa, { operationId: 'call', to: visitorUri }));
    const incoming = model.get('invitation', id)?.counterpartIds[0] ?? '';
    await model.act((world) => acceptMessaging(world, visitor.caller.owner, incoming));
    const c1 = model.get('invitation', id)?.conversationId ?? '';
    expect(model.get('conversation', c1)).toMatchObject({ state: 'Connected', messaging: 'Connected' });
    expect(model.heard(serviceChannelId(c1)).at(-1)).toBe('messagingInvitation completed Success');
  });

  test('by nobody else: not by another endpoint of the tenant, not by a person, not by another visitor', async () => {
    const agent = await signInPerson(model, ann);
    const other = await signInVisitor(model, 'session-2', 'Victor');
    for (const caller of [salesApplication, agent.caller, other.caller]) {
      expect(await called(caller)).toEqual([]);
      expect(await why(caller)).toEqual({ code: 'NotFound', subcode: 'DestinationNotFound' });
    }
  });

  test('not once signed out', async () => {
    await model.act((world) => endApplication(world, visitor.id, 'SignedOut'));
    expect(await called(sa)).toEqual([]);
    expect(await why(sa)).toEqual({ code: 'RemoteFailure', subcode: 'Unreachable' });
  });
});

test('a call is bridged into a meeting that another endpoint of the tenant has made', async () => {
  const { uri } = await model.act((world) => createAdhocMeeting(world, salesApplication, { rules: {} }));
  const { id } = await model.act((world) =>
    startMessaging(world, visitor.caller, { operationId: 'hello', to: helpdesk }),
  );
  const incoming = model.get('invitation', id)?.counterpartIds[0] ?? '';
  await model.act((world) => acceptAndBridge(world, sa, incoming, { onlineMeetingUri: uri.toLowerCase() }));
  const leg = model.get('conversation', model.get('invitation', incoming)?.conversationId ?? '');
  expect(leg?.bridge?.meetingUri).toBe(uri);
  expect(model.get('meeting', uri)?.members.map(({ role }) => role)).toEqual(['visitor']);
});

describe('an operationId', () => {
  test('is taken while its call rings, for every operation of the same owner, and free afterwards', async () => {
    await signInPerson(model, ann);
    const { id } = await model.act((world) => startMessaging(world, sa, { operationId: 'same', to: ann }));
    const again = () => model.act((world) => startAdhocMeeting(world, sa, { operationId: 'same' }));
    await expect(again()).rejects.toMatchObject({ status: 409, subcode: 'AlreadyExists' });
    await model.act((world) => startAdhocMeeting(world, salesApplication, { operationId: 'same' }));
    await model.act((world) => endConversation(world, model.get('invitation', id)?.conversationId ?? ''));
    await again();
  });

  test('of an invitation to a meeting that nobody answers is free after the time-out', async () => {
    await signInPerson(model, ann);
    const started = await model.act((world) => startAdhocMeeting(world, sa, { operationId: 'meet' }));
    const c2 = model.get('invitation', started.id)?.conversationId ?? '';
    const call = () => model.act((world) => addParticipant(world, sa, c2, { operationId: 'ring', to: ann }));
    await call();
    await expect(call()).rejects.toMatchObject({ status: 409 });
    await model.advance(31_000);
    await call();
  });
});
