import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Call } from '../../testing/injectedCall.ts';
import { operatorToken } from '../../testing/testPlatform.ts';
import { openTwoTenants, type TwoTenants } from '../../testing/twoTenants.ts';

let two: TwoTenants;
let call: Call;
beforeEach(async () => {
  two = await openTwoTenants();
  call = await two.bridge('contoso.com', 'alpha');
});
afterEach(() => two.platform.app.close());

const remove = (what: string) =>
  two.send('DELETE', `/management/tenants/contoso.com/${what}`, { token: operatorToken });
const conversation = (id: string) => two.platform.store.read((snapshot) => snapshot.get('conversation', id));
const endings = async () =>
  Promise.all(
    [call.legId, call.meetingLegId, call.visitor.conversationId, call.agent.conversationId].map(
      async (id) => (await conversation(id))?.endedAt !== undefined,
    ),
  );
/** Types of the events about a conversation that an application still has to fetch. */
const told = async (applicationId: string): Promise<string> =>
  JSON.stringify(await two.platform.store.read((snapshot) => snapshot.events(`ucwa:${applicationId}`, 0, 1_000)));

test('an endpoint with a bridged call: refused, and the call goes on', async () => {
  const answer = await remove(`endpoints/${call.endpointUri}`);
  expect([answer.status, answer.json().code]).toEqual([409, 'Conflict']);
  expect(await endings()).toEqual([false, false, false, false]);
});

test('with force everybody in the call is told that it is over, and the tokens are refused', async () => {
  expect((await remove(`endpoints/${call.endpointUri}?force`)).status).toBe(204);
  expect(await endings()).toEqual([true, true, true, true]);
  for (const side of [call.visitor, call.agent]) {
    expect(await told(side.id)).toMatch(/deleted/);
  }
  const visits = await two.send('GET', `/ucwa/psanon/v1/applications/${call.visitor.id}`, {
    token: call.visitor.token,
  });
  expect(visits.status).toBe(403);
  const serves = await two.send('GET', `/platformservice/v1/applications?endpointId=${call.endpointUri}`, {
    token: call.serviceToken,
  });
  expect(serves.status).toBe(403);
  // What is scheduled for the call finds nothing to stumble over.
  two.platform.clock.jump(25 * 3_600_000);
  await two.platform.clock.advance(1_000);
  expect(await conversation(call.legId)).toBeUndefined();
});

test('a person in a conversation stays without force, and is signed out with it', async () => {
  expect((await remove(`people/${call.agent.uri}`)).status).toBe(409);
  expect((await conversation(call.agent.conversationId))?.endedAt).toBeUndefined();
  expect((await remove(`people/${call.agent.uri}?force`)).status).toBe(204);
  expect((await conversation(call.agent.conversationId))?.endedAt).toBeDefined();
  expect((await conversation(call.visitor.conversationId))?.endedAt).toBeUndefined();
  const answer = await two.send('GET', '/ucwa/oauth/v1/user', { token: call.agent.token });
  expect(answer.status).toBe(403);
});

test('a tenant with force takes everything along, another tenant nothing', async () => {
  const foreign = await two.bridge('fabrikam.com', 'gamma');
  const url = '/management/tenants/contoso.com';
  expect((await two.send('DELETE', url, { token: operatorToken })).status).toBe(409);
  expect((await two.send('DELETE', `${url}?force`, { token: operatorToken })).status).toBe(204);
  expect(await endings()).toEqual([true, true, true, true]);
  expect((await conversation(foreign.legId))?.endedAt).toBeUndefined();
  const left = await two.platform.store.read((snapshot) => [
    snapshot.ids('tenant'),
    snapshot.ids('endpoint').length,
    snapshot.ids('serviceClient').length,
  ]);
  expect(left).toEqual([['fabrikam.com'], 1, 1]);
});
